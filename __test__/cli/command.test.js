'use strict';

const { OpenRouterClient } = require('../..');
const { makeProgram } = require('../../cli/program.js');
const { startEmulator } = require('../../emulator');
const { version } = require('../../package.json');
const { run, runShell, start } = require('../support/command.js');

const ESCAPE = '\u001b';
const COMMANDS = ['chat', 'models', 'credits', 'generation', 'keys', 'login', 'logout', 'doctor', 'emulator', 'completion'];
/** Those that print an answer which a program may read. */
const ANSWERING = COMMANDS.filter((name) => !['keys', 'logout', 'completion'].includes(name));

describe('the help', () => {
  test('lists the commands, with examples, on stdout', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b.* {2,}\\S`, 'm'));
    expect(stdout).toMatch(/Examples:\n(?: {2}\$ .*\n)* {2}\$ openrouter-native chat "/);
    expect(stdout).toMatch(/Exit status: /);
    expect(stdout).not.toContain(ESCAPE);
  });

  test.each(COMMANDS)('%s --help explains each option, with examples', async (name) => {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: openrouter-native ${name} `));
    expect(stdout).toMatch(/^ {2}-h, --help .*\S/m);
    if (ANSWERING.includes(name)) expect(stdout).toContain('--json');
    expect(stdout).toMatch(/Examples:\n {2}\$ /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
  });

  /** All commands, with those of `keys`. */
  const commands = () => {
    const visit = (command) => [command, ...command.commands.flatMap(visit)];
    return visit(makeProgram({}));
  };

  test('has one style: summaries and options are no sentences, descriptions are', () => {
    for (const command of commands()) {
      expect(command.description()).toMatch(/^[A-Z].*\.$/);
      // The summary of the whole command is its description.
      if (command.parent) expect(command.summary()).toMatch(/^[a-z].*[^.]$/);
      for (const { flags, description } of command.options) expect([flags, description]).toEqual([flags, expect.stringMatching(/^[a-z].*[^.]$/s)]);
    }
  });

  test('has only examples with commands and options that exist', async () => {
    const all = new Map(commands().map((command) => [`${command.parent?.parent ? `${command.parent.name()} ` : ''}${command.name()}`, command]));
    let count = 0;
    for (const name of ['', ...COMMANDS]) {
      const { stdout } = await run([...name.split(' ').filter(Boolean), '--help']);
      // What is quoted is a prompt, a name or a filter of jq.
      const lines = stdout.replace(/'[^']*'|"[^"]*"/g, 'TEXT').matchAll(/openrouter-native ([a-z]+)( [a-z]+)?([^|>()\n]*)/g);
      for (const [line, first, second = '', rest] of lines) {
        if (!stdout.includes('Examples:') || !COMMANDS.includes(first)) continue;
        const command = all.get(`${first}${second}`) ?? all.get(first);
        const options = command.options.flatMap(({ short, long }) => [short, long]);
        for (const [option] of rest.matchAll(/(?<=\s)--?[a-z][a-z-]*/g)) expect([line, options]).toEqual([line, expect.arrayContaining([option])]);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(25);
  });

  test('--version is the version of the package', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a wrong call exits with 2, names the mistake on stderr, and prints nothing on stdout', () => {
  test.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['chta'], /Did you mean chat\?/],
    [['chat', '--modle', 'x', 'Hi'], /unknown option '--modle'[^]*Did you mean --mode?l/],
    [['chat', '--model'], /argument missing/],
    [['models', '--sort', 'colour'], /Allowed choices are name, price, context, newest/],
    [['models', 'extra'], /too many arguments/],
    [['emulator', '--port', '70000'], /It must be a whole number from 0 to 65535\./],
    [['emulator', '--port', ''], /It must be a whole number from 0 to 65535\./],
    [['emulator', '--credits', 'much'], /It must be a number of US dollars\./],
    [['emulator', '--directives', 'bogus=1'], /Unknown emulator directive "bogus"/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  test('without a command prints the help on stderr', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: openrouter-native/);
  });
});

describe('credits', () => {
  test('--emulator prints them in one line, without colours', async () => {
    expect(await run(['credits', '--emulator'])).toMatchObject({
      code: 0,
      stdout: '● green  $10.00 left of $10.00 (of the limit of this key), $0.00 used\n',
      stderr: '',
    });
  });

  test('--json has the fields of getCredits(), source and level', async () => {
    const { code, stdout } = await run(['credits', '--emulator', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10, source: 'key', level: 'green' });
  });

  describe('have the colour of their level', () => {
    test.each([['10', 32, 'green'], ['3', 33, 'yellow'], ['0.5', 31, 'red']])('%s USD', async (credits, code, level) => {
      const emulator = await startEmulator({ credits: Number(credits) });
      const env = { OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-management', FORCE_COLOR: '1' };
      const [coloured, bare] = await Promise.all([run(['credits'], { env }), run(['credits'], { env: { ...env, NO_COLOR: '1' } })]);
      expect(coloured.stdout).toContain(`${ESCAPE}[${code}m● ${level}${ESCAPE}[0m`);
      expect(coloured.stdout).toMatch(/of the account/);
      expect(bare.stdout).not.toContain(ESCAPE);
      await emulator.close();
    });
  });

  test('of an invalid key are an error in one line, and JSON with --json', async () => {
    const emulator = await startEmulator({ key: 'sk-or-v1-other' });
    const env = { OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-canary' };
    const [bare, json] = await Promise.all([run(['credits'], { env }), run(['credits', '--json'], { env })]);
    expect(bare).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: Invalid OpenRouter API key[^\n]*\n$/) });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'invalid_api_key', status: 401 } });
    expect(`${bare.stderr}${json.stdout}${json.stderr}`).not.toContain('canary');
    await emulator.close();
  });
});

describe('models', () => {
  let emulator;
  let env;
  beforeAll(async () => {
    emulator = await startEmulator();
    env = { OPENROUTER_BASE_URL: emulator.baseURL };
  });
  afterAll(() => emulator.close());

  const idsOf = async (args) => JSON.parse((await run(['models', '--json', ...args], { env })).stdout).map(({ id }) => id);

  test('are printed as a table with context, prices per million tokens, and capabilities', async () => {
    const { code, stdout, stderr } = await run(['models'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toMatch(/^model +context +prompt +completion +can$/);
    expect(stdout).toMatch(/^openai\/gpt-5-mini +400K +\$0\.25 +\$2\.00 +vision files tools reasoning json$/m);
    expect(stdout).toMatch(/^openai\/gpt-oss-20b:free +131K +free +free +tools/m);
    expect(stdout).toMatch(/^openrouter\/auto +2M +varies +varies /m);
    const badges = header.indexOf('can');
    for (const row of rows) expect(row.slice(badges - 2)).toMatch(/^ {2}\S/);
  });

  test('need no key, and send none', async () => {
    emulator.reset();
    await run(['models'], { env: { ...env, OPENROUTER_API_KEY: 'sk-or-v1-canary' } });
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0].headers).not.toHaveProperty('authorization');
  });

  test('--json has each model as the API lists it, and its modelInfo()', async () => {
    const { stdout } = await run(['models', '--json'], { env });
    const listed = await new OpenRouterClient('sk-or-v1-x', { baseURL: emulator.baseURL }).getModels();
    const models = JSON.parse(stdout);
    expect(models.map(({ info, ...model }) => model)).toEqual(listed);
    expect(models.find(({ id }) => id === 'openai/gpt-5-mini').info).toMatchObject({ contextLength: 400_000, promptPrice: 0.00000025, free: false });
  });

  test('--search finds models that have every word in the id, the name or the capabilities', async () => {
    const ids = await idsOf(['--search', 'Claude vision']);
    expect(ids).toContain('anthropic/claude-sonnet-4.5');
    for (const id of ids) expect(id).toContain('claude');
    expect(await idsOf(['--search', 'claude draws'])).toEqual([]);
  });

  test('--free has only models that cost nothing', async () => {
    const ids = await idsOf(['--free']);
    expect(ids).toContain('openai/gpt-oss-20b:free');
    expect(ids).not.toContain('openai/gpt-5-mini');
    expect(ids).not.toContain('openrouter/auto');
  });

  test.each([
    ['name', (a, b) => a.id.localeCompare(b.id, 'en') <= 0],
    ['context', (a, b) => (a.info.contextLength ?? 0) >= (b.info.contextLength ?? 0)],
    ['newest', (a, b) => a.created >= b.created],
    ['price', (a, b) => total(a) <= total(b)],
  ])('--sort %s', async (by, isOrdered) => {
    const models = JSON.parse((await run(['models', '--json', '--sort', by], { env })).stdout);
    expect(models.length).toBeGreaterThan(10);
    models.slice(1).forEach((model, index) => expect([models[index].id, model.id, isOrdered(models[index], model)]).toEqual([models[index].id, model.id, true]));
  });

  /** Models without a fixed price come last. */
  const total = ({ info }) => (info.promptPrice === null ? Infinity : info.promptPrice + info.completionPrice);

  test('without a match print a warning, or an empty list with --json', async () => {
    expect(await run(['models', '--search', 'nobody'], { env })).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^warning: None of the \d+ models/) });
    expect(await run(['models', '--search', 'nobody', '--json'], { env })).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  });

  test('end without an error when head closes the pipe', async () => {
    const shown = await runShell('$OPENROUTER models --json | head -c 10; echo; echo ended', { env });
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nended\n$/) });
  });
});

describe('emulator', () => {
  test('serves until it is stopped, with the directives of the command', async () => {
    const shown = start(['emulator', '--json', '--credits', '3', '--directives', 'text=served']);
    await shown.says(/\n/);
    const { baseURL, url, port } = JSON.parse(shown.stdout);
    expect({ baseURL, url }).toEqual({ baseURL: `http://127.0.0.1:${port}/api/v1`, url: `http://127.0.0.1:${port}` });
    const env = { OPENROUTER_BASE_URL: baseURL, OPENROUTER_API_KEY: 'sk-or-v1-management-x' };
    expect(await run(['chat', 'Hi'], { env: { ...env, OPENROUTER_API_KEY: 'sk-or-v1-x' } })).toMatchObject({ code: 0, stdout: 'served\n' });
    expect(JSON.parse((await run(['credits', '--json'], { env })).stdout).total).toBe(3);
    shown.child.kill('SIGINT');
    expect(await shown.ended).toMatchObject({ code: 130, stderr: '' });
  });

  test('prints the base URL to use', async () => {
    const shown = start(['emulator']);
    await shown.says(/Ctrl\+C stops/);
    expect(shown.stdout).toMatch(/^OPENROUTER_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/api\/v1\n/);
    shown.child.kill('SIGTERM');
    await shown.ended;
  });

  test('reports a port that is in use', async () => {
    const emulator = await startEmulator();
    const shown = await run(['emulator', '--port', String(emulator.port)]);
    expect(shown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*EADDRINUSE[^\n]*Choose another --port\.\n$/) });
    await emulator.close();
  });
});

test.each([
  ['the help', ['--help']],
  ['the emulator', ['emulator', '--json']],
])('%s does not load the addon, so that it works without a binary', async (_what, args) => {
  const shown = start(args, { env: { NODE_DEBUG: 'module' } });
  await shown.says(/\n/);
  shown.child.kill('SIGTERM');
  const { stderr } = await shown.ended;
  expect(stderr).toMatch(/MODULE.*program\.js/);
  expect(stderr).not.toMatch(/lib[\\/]native\.js/);
});
