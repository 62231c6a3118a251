'use strict';

const fs = require('node:fs');
const path = require('node:path');

const PREFIX = 'OPENROUTER_';

/** A setting that has a wrong value or name. The message is for the user, and contains no value, which may be a secret. */
class WrongSetting extends Error {}

/** The kinds of values: what to write, and a function that returns the value of a text; undefined if it is none. */
const KINDS = {
  switch: ['`true` or `false`', (text) => ({ true: true, 1: true, false: false, 0: false })[text.toLowerCase()]],
  collection: ['`deny` or `allow`', (text) => (['deny', 'allow'].includes(text) ? text : undefined)],
  count: ['a whole number above 0', (text) => (/^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined)],
  whole: ['a whole number, 0 or more', (text) => (/^\d+$/.test(text) ? Number(text) : undefined)],
  threads: ['a whole number from 1 to 16', (text) => (/^([1-9]|1[0-6])$/.test(text) ? Number(text) : undefined)],
  milliseconds: ['milliseconds, or `none`', (text) => (text === 'none' ? null : KINDS.count[1](text))],
  pace: ['`true`, `false` or milliseconds from 1 to 1000', paceIn],
  amount: ['an amount in USD, such as `2.50`', (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)],
  header: ['the name of a header', (text) => (/^[\w!#$%&'*+.^`|~-]+$/.test(text) ? text.toLowerCase() : undefined)],
  proxy: ['the URL of a proxy: http, https or socks5', (text) => (/^(https?|socks5h?):\/\/[^/]/i.test(text) && URL.canParse(text) ? text : undefined)],
  scope: ['`chat` or `all`', (text) => (['chat', 'all'].includes(text) ? text : undefined)],
  model: ['the id of a model', (text) => (/\s/.test(text) ? undefined : text)],
  models: ['up to ten ids of models, separated by commas', modelsIn],
  file: ['the path of a PEM file that can be read', readText],
  module: ['the path of a file', (text) => (fs.statSync(text, { throwIfNoEntry: false })?.isFile() ? path.resolve(text) : undefined)],
};

/**
 * The settings: the variable after `OPENROUTER_`, the option of `createFetch` that it sets, the kind of its value, the default
 * as the documentation shows it, and its meaning. `docs/register.md` has this table; a test compares them.
 */
const SETTINGS = [
  ['ZDR', 'zdr', 'switch', '`false`', 'zero data retention on every request; one that cannot keep it is refused'],
  ['DATA_COLLECTION', 'dataCollection', 'collection', '`allow`', '`deny` excludes providers that keep data; a request that cannot keep it is refused'],
  ['AUTO_ROUTER', 'autoRouter', 'switch', '`false`', 'OpenRouter chooses the model of each chat'],
  ['MODELS_PER_REQUEST', 'modelsPerRequest', 'count', '3', 'how many of the `models` of a chat are sent with one request, because the API refuses more than 3. If they fail, a further request asks the next ones, up to ten in all'],
  ['MAX_COST', 'maxCost', 'amount', '', 'the most that the requests of the process may cost together, in USD; one that it does not cover is refused'],
  ['RESERVE', 'reserve', 'amount', '', 'what `OPENROUTER_MAX_COST` reserves for a request whose most is not known, such as a chat of the auto router or an image; without it such a request is refused'],
  ['SESSION_HEADER', 'sessionHeader', 'header', '', 'the header of a request that has the id of its conversation. It is sent as `x-session-id`, so that the conversation stays with the provider whose prompt cache is warm'],
  ['FAIL_ON_TRUNCATION', 'failOnTruncation', 'switch', '`true`', 'the body of an answer that was cut off fails, as that of a lost connection does; `false` lets it end as if the answer were complete'],
  ['COALESCE', 'coalesce', 'pace', '`false`', 'merges consecutive deltas of a streamed chat that bring nothing but text: `true` those that wait already, a number those that arrive within so many milliseconds. The first words, tool calls, usage, errors and the end are never held. `33` suits LibreChat'],
  ['HOOKS', 'hooks', 'module', '', 'a CommonJS module that exports callbacks of [`createFetch`](other-sdks.md): `onSettled` is called with the cost of each answer'],
  ['MAX_WAIT', 'maxWait', 'milliseconds', '20000', 'how long SDKs may repeat a request that fails with 408, 429, a status from 500 or no response. The failure after which they would wait longer is the last one, and says when to come back'],
  ['CHAIN_FOR', 'chainFor', 'scope', '`chat`', 'which requests are sent with their fallback models (`models`): `chat` leaves titles, memory and summaries out'],
  ['BACKGROUND_MODEL', 'backgroundModel', 'model', '', 'the model of titles, memory and summaries'],
  ['PROXY', 'proxy', 'proxy', '', 'the proxy for OpenRouter; without it `PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured'],
  ['CA_FILE', 'ca', 'file', '', 'further authorities, beside those of the system, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and `SSL_CERT_DIR`'],
  ['KEEP_WARM', 'keepWarm', 'whole', '300000', 'how long after a chat a connection is kept ready, in milliseconds; `0` turns it off'],
  ['TIMEOUT_CONNECT', 'timeouts.connect', 'milliseconds', '10000', 'until the connection stands'],
  ['TIMEOUT_HEADERS', 'timeouts.headers', 'milliseconds', '600000', 'until the head of the response arrives'],
  ['TIMEOUT_IDLE', 'timeouts.idle', 'milliseconds', '300000', 'without data in a response'],
  ['TIMEOUT_TOTAL', 'timeouts.total', 'milliseconds', '`none`', 'from the request to the end of its response'],
  ['FALLBACK_MODELS', 'fallbackModels', 'models', '', 'up to ten models that answer a chat if its own cannot; a chat that has `models` itself is left alone'],
  ['SHOW_MODEL', 'showModel', 'switch', '`false`', 'a streamed chat says at the beginning of its reasoning which model answers in place of the one that was asked for'],
  ['READABLE_ERRORS', 'readableErrors', 'switch', '`false`', "an answer with an error status says what happened and what helps in the form that LibreChat's browser client shows"],
  ['NETWORK_THREADS', 'networkThreads', 'threads', '1', 'how many network threads the process may have'],
  ['MAX_EVENT_BYTES', 'maxEventBytes', 'count', '67108864', 'the largest event of a stream, in bytes'],
].map(([suffix, option, kind, standard, meaning]) => ({ name: PREFIX + suffix, option, kind, standard, meaning }));

/** Settings of features that do not exist yet. They are refused, because a user who sets one relies on it. */
const LATER = {
  OPENROUTER_REDIS_URL: 'sharing caches between processes',
};

/** Other variables of this package, which a misspelt name may stand for. */
const OWN = [
  'OPENROUTER_BASE_URL', 'OPENROUTER_SITE_URL', 'OPENROUTER_SITE_NAME', 'OPENROUTER_CACHE_TTL_CREDITS', 'OPENROUTER_CACHE_TTL_MODELS',
  'OPENROUTER_BACKGROUND_REFRESH', 'OPENROUTER_NATIVE_LIBRARY_PATH',
];
/** Variables of this package, of LibreChat and of SDKs that no message suggests. */
const TOLERATED = new Set([...OWN, ...Object.keys(LATER), 'OPENROUTER_API_KEY', 'OPENROUTER_KEY', 'OPENROUTER_MODEL', 'OPENROUTER_MODELS', 'OPENROUTER_TITLE_MODEL']);

/** The settings without which no request may leave: those that a user sets as a protection. */
const PROTECTIONS = ['zdr', 'dataCollection', 'maxCost'];

/**
 * Returns the settings in an environment, as options of `createFetch`, and `hooks`.
 * @param {NodeJS.ProcessEnv} env
 * @param {(name: string, known: string[]) => string | null} likely the addon's function that finds the name that is meant by a
 *   misspelt one
 * @throws {WrongSetting}
 */
function settingsIn(env, likely) {
  refuseNames(env, likely);
  const options = {};
  for (const { name, option, kind } of SETTINGS) {
    const text = env[name]?.trim();
    if (!text) continue;
    const [expected, read] = KINDS[kind];
    const value = read(text);
    if (value === undefined) throw new WrongSetting(`${name} must be ${expected.replaceAll('`', '')}. Correct it, or unset it.`);
    const [group, field] = option.split('.');
    if (field === undefined) options[group] = value;
    else options[group] = { ...options[group], [field]: value };
  }
  return options;
}

function refuseNames(env, likely) {
  const settings = SETTINGS.map(({ name }) => name);
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || !env[name].trim() || settings.includes(name)) continue;
    if (Object.hasOwn(LATER, name)) throw new WrongSetting(`${name} is for ${LATER[name]}, which this version cannot do. Unset it.`);
    if (TOLERATED.has(name)) continue;
    const meant = settings.find((one) => name.startsWith(`${one}_`)) ?? nearest(name, [...settings, ...OWN], likely);
    if (meant) throw new WrongSetting(`${name} is no setting. Did you mean ${meant}?`);
  }
}

/** Returns the known name that a misspelt one stands for. What all names have in common does not count. */
function nearest(name, known, likely) {
  const found = likely(name.slice(PREFIX.length), known.map((one) => one.slice(PREFIX.length)));
  return found ? PREFIX + found : null;
}

/** Whether settings have a protection, which must not be dropped silently. */
function protects(options) {
  return PROTECTIONS.some((name) => options[name] !== undefined && options[name] !== false && options[name] !== 'allow');
}

function paceIn(text) {
  const isTime = /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 1000;
  return isTime ? Number(text) : { true: true, false: false }[text.toLowerCase()];
}

function modelsIn(text) {
  const models = text.split(',').map((model) => model.trim());
  return models.length <= 10 && models.every((model) => /^\S+$/.test(model)) ? models : undefined;
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

module.exports = { KINDS, LATER, SETTINGS, WrongSetting, protects, settingsIn };
