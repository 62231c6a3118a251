'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { environmentWith } = require('../support/environment');
const { AT_ONCE_MS } = require('../support/limits');

const DEMO = path.join(__dirname, '..', '..', 'demo', 'index.js');
const KEY = 'sk-or-v1-limit-of-somebody-0123456789';
const ESCAPE = '\u001b';
const HEADINGS = [
  '1. Credits',
  '2. A chat, streamed',
  '3. Credits after it',
  '4. Models',
  '5. A fallback, reported as a fallback',
  '6. An error in mid-stream, reported as an error',
  '7. Statistics of this process',
];

function start(args = [], env = {}) {
  const child = spawn(process.execPath, [DEMO, ...args], { env: environmentWith(env) });
  const result = { child, stdout: '', stderr: '', pieces: 0 };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    result.stdout += text;
    result.pieces += 1;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => { result.stderr += text; });
  result.ended = once(child, 'close').then(([code]) => ({ ...result, code }));
  return result;
}

const run = (args, env) => start(args, env).ended;

/** The text under one heading. */
function part(output, heading) {
  const from = output.indexOf(`\n${heading}\n`);
  const to = HEADINGS.map((one) => output.indexOf(`\n${one}\n`)).find((at) => at > from);
  return output.slice(from, to);
}

describe('without a key', () => {
  let shown;
  beforeAll(async () => { shown = await run(); });

  test('ends by itself, with exit code 0 and nothing on stderr', () => {
    expect(shown).toMatchObject({ code: 0, stderr: '' });
  });

  test('says that the emulator answers', () => {
    expect(shown.stdout).toMatch(/OPENROUTER_API_KEY is not set.*emulator/);
  });

  test('shows each part, in order', () => {
    const places = HEADINGS.map((heading) => shown.stdout.indexOf(`\n${heading}\n`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('prints no undefined, NaN or unknown value', () => {
    expect(shown.stdout).not.toMatch(/undefined|NaN|\[object|unknown/);
  });

  test('streams its output in many pieces', () => {
    expect(shown.pieces).toBeGreaterThan(20);
  });

  test('shows the model, provider, tokens, cost and speed of the chat', () => {
    const chat = part(shown.stdout, HEADINGS[1]);
    expect(chat).toMatch(/> Why is the sky blue\?/);
    expect(chat).toMatch(/model +\w[\w.-]*\/\S+ \(asked for openrouter\/auto\)/);
    expect(chat).toMatch(/provider +\w+/);
    expect(chat).toMatch(/tokens +\d+ tokens: \d+ in the prompt, \d+ in the answer/);
    expect(chat).toMatch(/cost +\$0\.0*[1-9]/);
    expect(chat).toMatch(/first token +after \d+ ms/);
    expect(chat).toMatch(/speed +\d+\.\d tokens per second/);
  });

  test('lowers the credits by the cost of the answer without another request', () => {
    const cost = Number(/cost +\$([\d.]+)/.exec(shown.stdout)[1]);
    const [before, after] = [HEADINGS[0], HEADINGS[2]].map((heading) => part(shown.stdout, heading));
    expect(before).toMatch(/● green +\$10\.00 left of \$10\.00/);
    const left = Number(/● green +\$([\d.]+) left/.exec(after)[1]);
    expect(left).toBeCloseTo(10 - cost, 5);
    expect(after).toMatch(/no further request/);
  });

  test('lists eight models in columns, including free ones', () => {
    const table = part(shown.stdout, HEADINGS[3]).trim().split('\n').slice(1);
    const [header, ...rows] = table.slice(0, -1);
    expect(rows).toHaveLength(8);
    const badges = header.indexOf('can');
    for (const row of rows) expect(row.slice(badges - 2)).toMatch(/^ {2}\S/);
    expect(rows.join('\n')).toMatch(/free +free/);
    expect(rows.join('\n')).toMatch(/\$\d+\.\d\d +\$\d+\.\d\d .*tools/);
    expect(rows.join('\n')).toMatch(/varies +varies/);
  });

  test('shows the fallback: from, to, the reason and each attempt', () => {
    const text = part(shown.stdout, HEADINGS[4]);
    expect(text).toMatch(/from +openai\/gpt-5-mini\n/);
    expect(text).toMatch(/to +anthropic\/claude-sonnet-4\.5\n/);
    expect(text).toMatch(/reason +.*429/);
    expect(text).toMatch(/attempt 1 +openai\/gpt-5-mini at OpenAI: /);
    expect(text).toMatch(/attempt 2 +anthropic\/claude-sonnet-4\.5 at Anthropic: answered/);
  });

  test('shows the error in mid-stream, and keeps the partial answer', () => {
    const text = part(shown.stdout, HEADINGS[5]);
    expect(text).toMatch(/\n {2}The sea is wide/);
    expect(text).toMatch(/code +provider_error\n/);
    expect(text).toMatch(/message +Provider returned error/);
    expect(text).toMatch(/provider +OpenAI\n/);
    expect(text).toMatch(/kept +“The sea is wide/);
  });

  test('ends with the statistics in one line', () => {
    expect(part(shown.stdout, HEADINGS[6]).trim().split('\n')).toEqual([HEADINGS[6], expect.stringMatching(/^ {2}6 requests, /)]);
  });

  test('has no escape codes in a pipe', () => {
    expect(shown.stdout).not.toContain(ESCAPE);
  });
});

describe('the arguments', () => {
  test('FORCE_COLOR turns colours on, and NO_COLOR takes precedence', async () => {
    const [forced, both] = await Promise.all([run([], { FORCE_COLOR: '1' }), run([], { FORCE_COLOR: '1', NO_COLOR: '1' })]);
    expect(forced.stdout).toContain(`${ESCAPE}[32m● green${ESCAPE}[0m`);
    expect(both.stdout).not.toContain(ESCAPE);
    expect([forced.code, both.code]).toEqual([0, 0]);
  });

  test('words are the prompt, and no proxy is used for the emulator', async () => {
    const shown = await run(['Where', 'do whales sleep?'], { HTTP_PROXY: 'http://127.0.0.1:9', no_proxy: 'example.com' });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/> Where do whales sleep\?\n.*“Where do whales sleep\?”/);
  });

  test('--model sets the requested model', async () => {
    const { stdout } = await run(['--model', 'mistralai/mistral-medium-3.1', 'Hello']);
    expect(stdout).toMatch(/model +mistralai\/mistral-medium-3\.1 \(asked for mistralai\/mistral-medium-3\.1\)/);
  });

  test('--help prints the usage, and an unknown option fails', async () => {
    const [help, wrong] = await Promise.all([run(['--help']), run(['--nonsense'])]);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: npm run demo') });
    expect(wrong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/Error: .*--nonsense[^]*code: \w+/) });
  });
});

describe('with a key', () => {
  let emulator;
  let env;
  beforeEach(async () => {
    emulator = await startEmulator({ key: KEY, directives: 'gap=2' });
    env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
  });
  afterEach(() => emulator.close());

  test('uses the API at OPENROUTER_BASE_URL, with no request sent twice', async () => {
    const { code, stdout } = await run(['Hello'], env);
    expect(code).toBe(0);
    expect(stdout).toContain(`This talks to ${emulator.baseURL}`);
    expect(emulator.requests.map(({ method, path: route }) => `${method} ${route.replace('/api/v1', '')}`)).toEqual([
      'GET /credits',
      'GET /key',
      'POST /chat/completions',
      'GET /models',
    ]);
    const { model, messages } = JSON.parse(emulator.requests[2].rawBody);
    expect({ model, messages }).toEqual({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hello' }] });
  });

  test('says that it skips the faults', async () => {
    const { stdout } = await run([], env);
    for (const heading of [HEADINGS[4], HEADINGS[5]]) expect(part(stdout, heading)).toMatch(/Skipped: only the emulator/);
  });

  test('never shows the key', async () => {
    const { stdout, stderr } = await run([], env);
    expect(stdout + stderr).not.toContain(KEY);
  });

  test('a key without a limit has unknown credits, not 0', async () => {
    await emulator.close();
    emulator = await startEmulator();
    const { code, stdout } = await run([], { OPENROUTER_API_KEY: 'sk-or-v1-plain', OPENROUTER_BASE_URL: emulator.baseURL });
    expect(code).toBe(0);
    expect(part(stdout, HEADINGS[0])).toMatch(/● unknown +this key has no limit/);
  });

  test('an invalid key ends it with the message of the 401, without a stack', async () => {
    const { code, stdout, stderr } = await run([], { ...env, OPENROUTER_API_KEY: 'sk-or-v1-wrong' });
    expect(code).toBe(1);
    expect(stderr).toBe(
      '  Error: Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.\n  code: invalid_api_key\n',
    );
    expect(stdout + stderr).not.toMatch(/sk-or-v1-wrong|\n +at /);
  });

  test('an unreachable API ends it with a message, without a stack', async () => {
    await emulator.close();
    const { code, stderr } = await run([], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ {2}Error: \S.*\n {2}code: connection_failed\n$/);
  });

  test('a partial answer stays on the screen, with the error after it', async () => {
    const { code, stdout, stderr } = await run(['/emulate error-at=2 text="one two three"'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n {2}one two ?\n$/);
    expect(stderr).toMatch(/Error: Provider returned error.*\n {2}code: provider_error\n$/);
  });

  test('control characters are left out of an answer', async () => {
    const { stdout } = await run(['/emulate text="\\u001b[2Jwiped"'], env);
    expect(stdout).toMatch(/\n {2}\[2Jwiped\n/);
    expect(stdout).not.toContain(ESCAPE);
  });

  // Windows ends a child at once instead of sending it the signal.
  (process.platform === 'win32' ? test.skip : test)('Ctrl-C aborts a stalled stream, and the demo ends at once', async () => {
    const demo = start(['/emulate stall=3 text="one two three four"'], env);
    const record = await emulator.waitForRequest((request) => request.path.endsWith('/chat/completions'), 10_000);
    while (!/\n {2}one two three/.test(demo.stdout)) await once(demo.child.stdout, 'data');
    const stoppedAt = Date.now();
    demo.child.kill('SIGINT');
    const { code, stdout, stderr } = await demo.ended;
    expect(Date.now() - stoppedAt).toBeLessThan(AT_ONCE_MS);
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/one two three ?\n {2}Stopped\.\n$/);
    expect(await record.closed).toMatchObject({ by: 'client' });
  });
});
