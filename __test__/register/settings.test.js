'use strict';

// The settings of `openrouter-native/register`, and what it says about wrong ones.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { KINDS, LATER, SETTINGS } = require('../../register/settings.js');
const { IDENTITY_FILE } = require('../support/certificates.js');
const { ROOT } = require('../support/process.js');
const { CHAT, providersOf, runUnder } = require('./support/register.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterEach(() => emulator.clear());
afterAll(() => emulator.close());

/** A value of each kind that is right, and some that are wrong. */
const VALUES = {
  switch: ['true', ['yes', 'ture', '2']],
  collection: ['deny', ['denied', 'true']],
  count: ['2', ['0', '-1', '1.5', 'two']],
  milliseconds: ['none', ['0', '10s', '-1']],
  whole: ['0', ['-1', '1.5', 'none']],
  threads: ['2', ['0', '17', '1.5']],
  amount: ['2.50', ['$2', '-1', '1e3', 'NaN']],
  header: ['X-Conversation', ['x conversation', 'x:y']],
  proxy: ['http://127.0.0.1:3128', ['127.0.0.1:3128', 'ftp://127.0.0.1', 'http://']],
  module: [__filename, [path.join(os.tmpdir(), 'no-such-module.js'), os.tmpdir()]],
  scope: ['all', ['chats', 'title']],
  pace: ['33', ['0', '1001', '1.5', 'often']],
  model: ['openai/gpt-5-nano', ['a model']],
  models: ['openai/gpt-5, x-ai/grok-4', ['a model', 'a/b,,c/d', Array(11).fill('a/b').join()]],
  file: [IDENTITY_FILE, [path.join(os.tmpdir(), 'no-such-file.pem')]],
};

const HELLO = "console.log('the program runs')";
const under = (env, text = HELLO) => runUnder(emulator, ['-e', text], { env: { OPENROUTER_ZDR: '', ...env } });
/** Expects that the process ends with one sentence before the program runs, and that the sentence does not show the value. */
async function stops(env, sentence) {
  const { code, stdout, stderr } = await under(env);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `openrouter-native/register: ${sentence}\n` });
  expect(emulator.requests).toEqual([]);
}

test('every kind of value is among those of this file, and every kind is used', () => {
  expect(Object.keys(KINDS).sort()).toEqual(Object.keys(VALUES).sort());
  expect([...new Set(SETTINGS.map(({ kind }) => kind))].sort()).toEqual(Object.keys(VALUES).sort());
});

test('every setting has an option of createFetch, and every option of createFetch that text can give has a setting', () => {
  const { FETCH_OPTIONS, FETCH_OPTIONS_HERE } = require('../../lib/options.js');
  const options = new Set(SETTINGS.map(({ option }) => option.split('.')[0]));
  // The base URL has a variable of the package's own, and a budget is an object.
  expect([...options, 'baseURL', 'budget'].sort()).toEqual([...FETCH_OPTIONS, ...FETCH_OPTIONS_HERE, 'hooks', 'readableErrors'].sort());
});

test('right values of all settings, with white space around them, let the program run', async () => {
  const env = Object.fromEntries(SETTINGS.map(({ name, kind }) => [name, ` ${VALUES[kind][0]} `]));
  expect(await under(env)).toMatchObject({ code: 0, stdout: 'the program runs\n', stderr: '' });
});

test.each(SETTINGS.map(({ name, kind }) => [name, kind]))('%s: a wrong value stops the process with a sentence that does not show it', async (name, kind) => {
  const expected = KINDS[kind][0].replaceAll('`', '');
  for (const wrong of VALUES[kind][1].slice(0, 1)) await stops({ [name]: wrong }, `${name} must be ${expected}. Correct it, or unset it.`);
});

test.each(Object.entries(VALUES))('the kind %s takes no other values', (kind, [right, wrong]) => {
  const [, read] = KINDS[kind];
  expect(read(right)).not.toBeUndefined();
  for (const text of wrong) expect([text, read(text)]).toEqual([text, undefined]);
});

test.each([
  ['OPENROUTER_ZRD', 'OPENROUTER_ZDR'],
  ['OPENROUTER_ZDR_ONLY', 'OPENROUTER_ZDR'],
  ['OPENROUTER_DATACOLLECTION', 'OPENROUTER_DATA_COLLECTION'],
  ['OPENROUTER_MAX_COSTS', 'OPENROUTER_MAX_COST'],
  ['OPENROUTER_MAX_COST_PER_DAY', 'OPENROUTER_MAX_COST'],
  ['OPENROUTER_TIMEOUT_CONECT', 'OPENROUTER_TIMEOUT_CONNECT'],
  ['OPENROUTER_BASEURL', 'OPENROUTER_BASE_URL'],
])('%s stops the process, which asks whether %s was meant', async (name, meant) => {
  await stops({ [name]: 'true' }, `${name} is no setting. Did you mean ${meant}?`);
});

test.each(Object.keys(LATER))('%s, of a feature that does not exist yet, stops the process', async (name) => {
  await stops({ [name]: '1' }, `${name} is for ${LATER[name]}, which this version cannot do. Unset it.`);
});

test('names of other programs, and settings that are blank, are left alone', async () => {
  const env = { OPENROUTER_KEY: 'sk-or-v1-x', OPENROUTER_MODEL: 'a/b', OPENROUTER_WEBHOOK_SECRET: 'x', OPENROUTER_ZDR: ' ', OPENROUTER_API_KEYS: 'a,b' };
  expect(await under(env)).toMatchObject({ code: 0, stdout: 'the program runs\n', stderr: '' });
});

test('a program that sends nothing to OpenRouter ends at once, and loads no more than the addon', async () => {
  const { stdout, stderr } = await under({ OPENROUTER_ZDR: 'true' }, `
    process.on('exit', () => console.log(Object.keys(require.cache).filter((file) => file.includes('createFetch') || file.endsWith('lib/fetch/index.js')).length));`);
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
});

describe('settings that a program reads from a file .env after its start', () => {
  test('are in force from the first request', async () => {
    const { stdout, stderr } = await under({}, `process.env.OPENROUTER_ZDR = 'true';\n${CHAT}\nchat(fetch);`);
    expect({ stdout, stderr }).toEqual({ stdout: '200\n', stderr: '' });
    expect(providersOf(emulator)).toEqual([{ zdr: true }]);
  });

  test('may name the base URL', async () => {
    const { stdout } = await under({ OPENROUTER_BASE_URL: '' }, `process.env.OPENROUTER_BASE_URL = process.env.BASE_URL; process.env.OPENROUTER_ZDR = '1';\n${CHAT}\nchat(fetch);`);
    expect(stdout).toBe('200\n');
    expect(providersOf(emulator)).toEqual([{ zdr: true }]);
  });

  test.each([
    ['when the program has been loaded', '', ''],
    ['before the first request, if the program sends it at once', `${CHAT}\nchat(fetch);`, ''],
  ])('stop the process if they are wrong: %s', async (_, text) => {
    const { code, stdout, stderr } = await under({}, `process.env.OPENROUTER_ZDR = 'ture';\n${text}\nsetInterval(() => {}, 1000);`);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: 'openrouter-native/register: OPENROUTER_ZDR must be true or false. Correct it, or unset it.\n' });
    expect(emulator.requests).toEqual([]);
  });
});

describe('OPENROUTER_HOOKS', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-hooks-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const hooks = (text) => {
    const file = path.join(folder, 'hooks.js');
    fs.writeFileSync(file, text);
    return { OPENROUTER_HOOKS: file };
  };

  test('names a module whose callbacks are told what each answer cost', async () => {
    const env = hooks("exports.onSettled = ({ model, cost }) => console.log(model, cost > 0);\nexports.onModel = (model) => console.log(model);");
    const { stdout, stderr } = await under(env, `${CHAT}\nchat(fetch);`);
    expect(stderr).toBe('');
    expect(stdout.split('\n').sort()).toEqual(['', '200', 'openai/gpt-5-mini', 'openai/gpt-5-mini true']);
  });

  test.each([
    ['exports.onCost = () => {};', 'exports onCost. It must export functions: onModel, '],
    ['exports.onUsage = true;', 'exports onUsage. It must export functions: onModel, '],
    ['', 'exports nothing. It must export functions: onModel, '],
    ["throw new Error('why');", 'cannot be loaded: why'],
  ])('stops the process before the first request if the module is %p', async (text, sentence) => {
    const { code, stderr } = await under(hooks(text), `${CHAT}\nchat(fetch);`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`openrouter-native/register: The module of OPENROUTER_HOOKS ${sentence}`) });
    expect(emulator.requests).toEqual([]);
  });
});

describe('without a binary for the platform', () => {
  const none = { OPENROUTER_NATIVE_LIBRARY_PATH: path.join(os.tmpdir(), 'no-such-addon.node') };

  test("it says so once, and requests go through Node's own fetch", async () => {
    const { code, stdout, stderr } = await under(none, `${CHAT}\nchat(fetch).then(() => chat(fetch));`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '200\n200\n' });
    expect(stderr).toMatch(/^openrouter-native\/register: openrouter-native could not load its binary, .*\n(.*\n)*Requests to OpenRouter go through Node's own fetch\.\n$/);
    expect(stderr.match(/could not load/g)).toHaveLength(1);
  });

  test.each([['OPENROUTER_ZDR', 'true'], ['OPENROUTER_DATA_COLLECTION', 'deny'], ['OPENROUTER_MAX_COST', '1']])('with %s no request leaves, and others do', async (name, value) => {
    const { stdout, stderr } = await under({ ...none, [name]: value }, `${CHAT}
      chat(fetch).catch((error) => console.log(error.message, error.cause.code))
        .then(() => fetch(process.env.BASE_URL.replace('/api/v1', '/health'))).then((response) => console.log(response.status));`);
    expect(stdout).toBe('fetch failed ERR_OPENROUTER_NATIVE\n404\n');
    expect(stderr).toContain('Requests to OpenRouter are refused, because a protection is set in the environment.');
    expect(providersOf(emulator)).toEqual([]);
  });
});

test('docs/register.md has the table of the settings', () => {
  const text = fs.readFileSync(path.join(ROOT, 'docs', 'register.md'), 'utf8');
  const rows = SETTINGS.map(({ name, kind, standard, meaning }) => `| \`${name}\` | ${KINDS[kind][0]} | ${standard} | ${meaning} |`);
  expect(text).toContain(`${rows.join('\n')}\n`);
});
