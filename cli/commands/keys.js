'use strict';

const { InvalidArgumentError, Option } = require('commander');

const { dollars } = require('../output/figures.js');
const { oneLine } = require('../output/plain.js');
const { layOut } = require('../output/table.js');
const { withService } = require('../service.js');
const { UsageError, numberIn } = require('../usage.js');

const MORE = `
Needs a management key, which https://openrouter.ai/settings/management-keys gives.
A key is named by its id (the first characters are enough) or by its name.

Examples:
  $ openrouter-native keys
  $ openrouter-native keys create "mail robot" --limit 5 --reset monthly
  $ openrouter-native keys disable "mail robot"
  $ openrouter-native keys delete 3f9a --yes
  $ openrouter-native keys list --json | jq '.[] | select(.usage > 1) | .name'`;

/** The emulator lets only a key with this word manage keys. */
const EMULATED = 'sk-or-v1-management-emulator';
/** How many keys a page of the API has at most. */
const PAGE = 100;
const SHOWN_ID = 12;
const MANAGEMENT = 'Keys are managed with a management key: create one at https://openrouter.ai/settings/management-keys.';
const RESETS = ['daily', 'weekly', 'monthly', 'never'];

function addKeys(program, context) {
  const keys = program
    .command('keys')
    .summary('list, make, change and delete the keys of the account')
    .description('Lists, makes, changes and deletes the API keys of the account. Without a subcommand it lists them.')
    .addHelpText('after', MORE);
  const add = (name, summary, description, work, more) => keys
    .command(name, more)
    .summary(summary)
    .description(description)
    .option('--json', 'print what the API answers')
    .option('--emulator', 'use the built-in emulator, whose account has one key')
    .action((...given) => manage(context, work, given));

  add('list', 'list the keys', 'Lists the keys.', list, { isDefault: true });
  limited(add('create <name>', 'make a key', 'Makes a key, and prints it on stdout: it is shown only this once.', create))
    .option('--expires <time>', 'when the key ends, such as 2027-12-31T23:59:59Z', time);
  limited(add('update <key>', 'change the name or the limit of a key', 'Changes the name or the limit of a key.', update))
    .option('--no-limit', 'remove the limit')
    .option('--name <name>', 'the new name');
  add('disable <key>', 'stop a key', 'Stops a key, until it is enabled again.', (...given) => setDisabled(true, ...given));
  add('enable <key>', 'let a disabled key work again', 'Lets a disabled key work again.', (...given) => setDisabled(false, ...given));
  add('delete <key>', 'delete a key for ever', 'Deletes a key for ever.', remove)
    .option('-y, --yes', 'do not ask first');
  return keys;
}

/** Adds the options for the limit of a key. */
function limited(command) {
  return command
    .option('--limit <usd>', 'the most that the key may spend, in USD', numberIn({ min: 0, unit: ' of US dollars' }))
    .addOption(new Option('--reset <period>', 'when the limit begins anew, at midnight UTC').choices(RESETS));
}

function time(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a time such as 2027-12-31T23:59:59Z.');
  return at.toISOString();
}

/** Runs a subcommand: `work({ client, context, options }, argument)`. */
async function manage(context, work, given) {
  const [options] = given.slice(-2);
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.isEmulator ? EMULATED : service.apiKey, service.options);
    try {
      if (service.isEmulator) await client.keys.create({ name: 'example', limit: 10 });
      await work({ client, context, options }, ...given.slice(0, -2));
    } catch (error) {
      if (error.status === 401 || error.status === 403) error.remedy = MANAGEMENT;
      throw error;
    }
  });
}

async function list({ client, context: { terminal }, options }) {
  const all = await listAll(client);
  if (options.json) {
    terminal.json(all);
    return;
  }
  const columns = [{ title: 'id' }, { title: 'name', width: 30 }, { title: 'key' }, { title: 'used', align: 'right' }, { title: 'limit' }, { title: 'state' }];
  const rows = all.map((key) => [
    key.hash.slice(0, SHOWN_ID), key.name ?? '', key.label ?? '', dollars(key.usage), limitOf(key), stateOf(key),
  ].map((cell) => oneLine(String(cell))));
  const [header, ...lines] = layOut(columns, rows, terminal.columns);
  terminal.say(terminal.paint('dim', header));
  for (const line of lines) terminal.say(line);
}

async function create({ client, context: { terminal }, options }, name) {
  const { limit: most, reset, expires } = options;
  const answer = await client.keys.create({ name, ...limitFields(most, reset), ...(expires && { expires_at: expires }) });
  if (options.json) {
    terminal.json(answer);
    return;
  }
  terminal.say(answer.key);
  terminal.tell(`The key ${described(answer.data)} is made. It is shown only this once.`);
}

async function update({ client, context: { terminal }, options }, wanted) {
  const { name, limit: most, reset } = options;
  const fields = { ...(name !== undefined && { name }), ...limitFields(most === false ? null : most, reset) };
  if (Object.keys(fields).length === 0) throw new UsageError('Nothing to change: pass --name, --limit, --no-limit or --reset.');
  const key = await find(client, wanted);
  report(terminal, options, await client.keys.update(key.hash, fields), `The key ${described(key)} is changed.`);
}

async function setDisabled(disabled, { client, context: { terminal }, options }, wanted) {
  const key = await find(client, wanted);
  const answer = await client.keys.update(key.hash, { disabled });
  report(terminal, options, answer, `The key ${described(key)} is ${disabled ? 'disabled' : 'enabled'}.`);
}

async function remove({ client, context, options }, wanted) {
  const { stdin, terminal } = context;
  if (!options.yes && !stdin.isTTY) throw new UsageError('Pass --yes to delete a key where no question can be asked.');
  const key = await find(client, wanted);
  if (!options.yes && !(await terminal.confirm(`Delete the key ${described(key)}? Programs that use it fail at once.`, stdin))) {
    terminal.tell('Nothing is deleted.');
    return;
  }
  report(terminal, options, await client.keys.delete(key.hash), `The key ${described(key)} is deleted.`);
}

function report(terminal, { json }, answer, sentence) {
  if (json) terminal.json(answer);
  else terminal.tell(sentence);
}

/** Lists the keys of all pages. */
async function listAll(client) {
  const all = new Map();
  for (;;) {
    const { data } = await client.keys.list({ offset: all.size, include_disabled: true });
    const before = all.size;
    for (const key of data) all.set(key.hash, key);
    // A service that knows no pages gives the same keys again.
    if (data.length < PAGE || all.size === before) return [...all.values()];
  }
}

/** Finds the one key that has an id, a name, or an id that begins so. */
async function find(client, wanted) {
  // An error names what was wanted, and a key must not be in a message.
  if (wanted.startsWith('sk-')) throw new Error('Give the id or the name of the key, not the key itself. `openrouter-native keys` lists them.');
  const all = await listAll(client);
  const tests = [({ hash }) => hash === wanted, ({ name }) => name === wanted, ({ hash }) => wanted !== '' && hash.startsWith(wanted)];
  const matches = tests.map((test) => all.filter(test)).find(({ length }) => length > 0) ?? [];
  if (matches.length === 1) return matches[0];
  if (matches.length === 0) throw new Error(`No key has the id or the name "${wanted}". \`openrouter-native keys\` lists them.`);
  throw new Error(`${matches.length} keys match "${wanted}". Give the id of one: ${matches.map(({ hash }) => hash.slice(0, SHOWN_ID)).join(', ')}.`);
}

function limitFields(most, reset) {
  return { ...(most !== undefined && { limit: most }), ...(reset !== undefined && { limit_reset: reset === 'never' ? null : reset }) };
}

function described({ hash, name }) {
  return `"${oneLine(name ?? '')}" (${hash.slice(0, SHOWN_ID)})`;
}

function limitOf({ limit: most, limit_remaining: left, limit_reset: reset }) {
  if (typeof most !== 'number') return 'none';
  const period = reset ? ` ${reset}` : '';
  return `${dollars(most)}${period}${typeof left === 'number' ? `, ${dollars(left)} left` : ''}`;
}

function stateOf({ disabled, expires_at: expires }) {
  if (disabled) return 'disabled';
  if (!expires) return 'enabled';
  return Date.parse(expires) < Date.now() ? 'expired' : `until ${expires.slice(0, 10)}`;
}

module.exports = { addKeys };
