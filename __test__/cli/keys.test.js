'use strict';

const { startEmulator } = require('../../emulator');
const { hasTerminal, run, startTerminal } = require('../support/command.js');

let emulator;
let env;
beforeEach(async () => {
  emulator = await startEmulator();
  env = { OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-management-canary' };
});
afterEach(() => emulator.close());

const keys = (...args) => run(['keys', ...args], { env });
const listed = async () => JSON.parse((await keys('list', '--json')).stdout);
/** What was sent to change something. */
const changes = () => emulator.requests.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path.replace('/api/v1/keys', ''), body ?? null]);

test('create prints the new key on stdout, only there, and sends the limit, its period and the end', async () => {
  const { code, stdout, stderr } = await keys('create', 'mail robot', '--limit', '5', '--reset', 'monthly', '--expires', '2099-12-31T23:59:59Z');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^sk-or-v1-[0-9a-f]{64}\n$/) });
  const [{ hash }] = await listed();
  expect(stderr).toBe(`The key "mail robot" (${hash.slice(0, 12)}) is made. It is shown only this once.\n`);
  expect(changes()).toEqual([['POST', '', { name: 'mail robot', limit: 5, limit_reset: 'monthly', expires_at: '2099-12-31T23:59:59.000Z' }]]);
});

test('list prints a table, also without a subcommand', async () => {
  await keys('create', 'mail robot', '--limit', '5', '--reset', 'monthly');
  await keys('create', 'other');
  await keys('disable', 'other');
  const { code, stdout, stderr } = await keys();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await keys('list')).toMatchObject({ stdout });
  expect(stdout).toMatch(/^id +name +key +used +limit +state\n[0-9a-f]{12} {2}mail robot {2}sk-or-v1-\w+\.\.\.\w+ {2}\$0\.00 {2}\$5\.00 monthly {2}enabled\n[0-9a-f]{12} {2}other +\S+ +\$0\.00 {2}none +disabled\n$/);
});

test('list reads all pages', async () => {
  const all = Array.from({ length: 250 }, (_, at) => ({ hash: `hash${at}`, name: `key ${at}`, label: 'sk', usage: 0 }));
  emulator.respond(({ query }) => ({ raw: JSON.stringify({ data: all.slice(Number(query.offset), Number(query.offset) + 100) }) }));
  const { stdout } = await keys('list', '--json');
  expect(JSON.parse(stdout)).toHaveLength(250);
  expect(emulator.requests).toHaveLength(3);
});

test('update, disable and enable change the key that a name, an id or the start of an id means', async () => {
  await keys('create', 'robot');
  const [{ hash }] = await listed();
  emulator.clear();
  expect(await keys('update', 'robot', '--limit', '2.5', '--name', 'new robot')).toMatchObject({ code: 0, stdout: '', stderr: `The key "robot" (${hash.slice(0, 12)}) is changed.\n` });
  await keys('update', hash.slice(0, 6), '--no-limit', '--reset', 'never');
  await keys('disable', hash);
  expect((await listed())[0]).toMatchObject({ name: 'new robot', limit: null, disabled: true });
  await keys('enable', 'new robot');
  expect(changes()).toEqual([
    ['PATCH', `/${hash}`, { name: 'new robot', limit: 2.5 }],
    ['PATCH', `/${hash}`, { limit: null, limit_reset: null }],
    ['PATCH', `/${hash}`, { disabled: true }],
    ['PATCH', `/${hash}`, { disabled: false }],
  ]);
});

test.each([
  [['disable', 'nobody'], /No key has the id or the name "nobody"/],
  [['disable', 'twin'], /2 keys match "twin"\. Give the id of one: [0-9a-f]{12}, [0-9a-f]{12}\./],
  [['disable', ''], /No key has the id or the name ""/],
  [['delete', 'sk-or-v1-canary', '--yes'], /not the key itself/],
])('%j changes nothing', async (args, message) => {
  await keys('create', 'twin');
  await keys('create', 'twin');
  emulator.clear();
  const { code, stdout, stderr } = await keys(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('canary');
  expect(changes()).toEqual([]);
});

test.each([
  [['update', 'robot'], /Nothing to change: pass --name/],
  [['create'], /missing required argument 'name'/],
  [['create', 'x', '--limit', '-1'], /It must be a number of US dollars of at least 0\./],
  [['create', 'x', '--expires', 'soon'], /It must be a time such as/],
  [['create', 'x', '--reset', 'yearly'], /Allowed choices are daily, weekly, monthly, never/],
  [['delete', 'robot'], /Pass --yes to delete a key where no question can be asked/],
])('%j is a wrong call, and sends nothing', async (args, message) => {
  expect(await keys(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(emulator.requests).toEqual([]);
});

describe('delete', () => {
  test('--yes does not ask', async () => {
    await keys('create', 'robot');
    expect(await keys('delete', 'robot', '--yes')).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^The key "robot" \([0-9a-f]{12}\) is deleted\.\n$/) });
    expect(await listed()).toEqual([]);
  });

  // Skipped where no pseudo-terminal is available.
  (hasTerminal ? test : test.skip).each([['y', 0], ['YES', 0], ['', 1], ['n', 1], ['\u0004', 1]])('asks on a terminal, and the answer %j leaves %d keys', async (answer, left) => {
    await keys('create', 'robot');
    const shown = startTerminal('$OPENROUTER keys delete robot', { env });
    await shown.says(/Delete the key "robot" \([0-9a-f]{12}\)\? Programs that use it fail at once\. \[y\/N\] /);
    shown.child.stdin.write(answer === '\u0004' ? answer : `${answer}\n`);
    const { code, stdout } = await shown.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(left === 0 ? /is deleted\./ : /Nothing is deleted\./);
    expect(await listed()).toHaveLength(left);
  });
});

test('with a key that manages nothing says which key is needed', async () => {
  const shown = await run(['keys'], { env: { ...env, OPENROUTER_API_KEY: 'sk-or-v1-canary' } });
  expect(shown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*Keys are managed with a management key: create one at https:\/\/openrouter\.ai\/settings\/management-keys\.\n$/) });
});

test('--emulator has one key, and needs none', async () => {
  const { code, stdout } = await run(['keys', 'list', '--json', '--emulator']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'example', limit: 10 }]);
  expect(await run(['keys', 'disable', 'example', '--emulator'])).toMatchObject({ code: 0, stderr: expect.stringMatching(/is disabled\.\n$/) });
});
