'use strict';

const { startEmulator } = require('../../emulator');
const { run, runShell, start } = require('../support/command.js');
const { AT_ONCE_MS } = require('../support/limits.js');
const { closedPort } = require('../support/servers/raw-server.js');

const KEY = 'sk-or-v1-limit-canary-0123456789';

let emulator;
let env;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => emulator.close());

const bodyOf = (at = 0) => JSON.parse(emulator.requests[at].rawBody);
const promptOf = (at) => bodyOf(at).messages.at(-1).content;

describe('the answer', () => {
  test('is all that a pipe gets, with one line end', async () => {
    const shown = await run(['chat', '/emulate text="one two"'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: 'one two\n', stderr: '' });
  });

  test('ends its line only where the model did not', async () => {
    expect(await run(['chat', '/emulate text="one\\n"'], { env })).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
  });

  test('comes as it is made', async () => {
    const shown = start(['chat', '/emulate text="one two three" stall=2'], { env });
    await shown.says(/^one two/);
    expect(shown.child.exitCode).toBeNull();
    shown.child.kill('SIGINT');
    await shown.ended;
  });

  test('goes to a pipe as the model wrote it, control characters and all', async () => {
    expect(await run(['chat', '/emulate text="\\u001b[2Jdone"'], { env })).toMatchObject({ code: 0, stdout: '\u001b[2Jdone\n' });
  });

  test('that was cut by the limit of tokens says so, and is kept', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate text="one two" finish=length'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one two\n' });
    expect(stderr).toBe('warning: The answer stops short: it reached the limit of tokens.\n');
  });

  test('that holds no text says so', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate calls=1'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^warning: The answer holds no text \(tool_calls\); --json shows .*\n$/);
  });
});

describe('the prompt', () => {
  test('is the words', async () => {
    await run(['chat', 'Why', 'is the sky', 'blue?'], { env });
    expect(bodyOf()).toMatchObject({ model: 'openrouter/auto', stream: true, messages: [{ role: 'user', content: 'Why is the sky blue?' }] });
  });

  test('is what is piped in', async () => {
    const { code } = await runShell("printf 'Where do whales\\nsleep?\\n' | $OPENROUTER chat", { env });
    expect(code).toBe(0);
    expect(promptOf()).toBe('Where do whales\nsleep?');
  });

  test('is the words, then what is piped in', async () => {
    await runShell('echo "+ one line" | $OPENROUTER chat "A message for this"', { env });
    expect(promptOf()).toBe('A message for this\n\n+ one line');
  });

  test('is a file, too', async () => {
    await runShell('$OPENROUTER chat "The licence?" < LICENSE', { env });
    expect(promptOf()).toMatch(/^The licence\?\n\nMIT License/);
  });

  test('does not wait for a stdin that its parent left open', async () => {
    // `start` leaves it open, and never writes.
    expect(await run(['chat', 'Hello'], { env })).toMatchObject({ code: 0 });
    expect(promptOf()).toBe('Hello');
  });

  test('takes a stdin of any kind where - asks for it', async () => {
    const shown = start(['chat', 'Shorter:', '-'], { env });
    shown.child.stdin.end('a long text');
    expect(await shown.ended).toMatchObject({ code: 0 });
    expect(promptOf()).toBe('Shorter:\n\na long text');
  });

  test('that is not there is a wrong call, before anything is sent', async () => {
    const shown = await runShell('$OPENROUTER chat < /dev/null', { env });
    expect(shown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: nothing to ask: .*pipe it in\n\(--help explains\)\n$/) });
    expect(emulator.requests).toEqual([]);
  });
});

describe('its options', () => {
  test('--model and --system', async () => {
    await run(['chat', '-m', 'openai/gpt-5-mini', '-s', 'Be brief.', 'Hi'], { env });
    expect(bodyOf()).toMatchObject({ model: 'openai/gpt-5-mini', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }] });
    expect(bodyOf()).not.toHaveProperty('models');
  });

  test.each([
    [['--models', 'anthropic/claude-sonnet-4.5, openai/gpt-5-mini'], 'anthropic/claude-sonnet-4.5', ['openai/gpt-5-mini']],
    [['--models', 'openai/gpt-5-mini', '--model', 'x-ai/grok-4'], 'x-ai/grok-4', ['openai/gpt-5-mini']],
    [['--models', 'openai/gpt-5-mini', '--auto'], 'openrouter/auto', undefined],
  ])('%j asks %s, then %j', async (args, model, models) => {
    await run(['chat', ...args, 'Hi'], { env });
    expect(bodyOf()).toMatchObject({ model, ...(models && { models }) });
    if (!models) expect(bodyOf()).not.toHaveProperty('models');
  });

  test('--models: the next one answers where the first one fails', async () => {
    const shown = await run(['chat', '--models', 'openai/gpt-5-mini,x-ai/grok-4', '/emulate fail=openai/gpt-5-mini text="second"'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: 'second\n', stderr: '' });
  });

  test('--zdr asks for no retention', async () => {
    await run(['chat', '--zdr', 'Hi'], { env });
    expect(bodyOf().provider).toEqual({ zdr: true });
  });

  test('--json gives the whole completion in one line', async () => {
    const { code, stdout, stderr } = await run(['chat', '--json', '--model', 'openai/gpt-5-mini', '/emulate text="one two"'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'chat.completion',
      model: 'openai/gpt-5-mini',
      choices: [{ message: { role: 'assistant', content: 'one two' }, finish_reason: 'stop' }],
      usage: { total_tokens: expect.any(Number), cost: expect.any(Number) },
      _metadata: { requestedModel: 'openai/gpt-5-mini', fallbackUsed: false },
    });
  });

  test('--emulator needs no key, and neither the real key nor a proxy is used', async () => {
    const port = await closedPort();
    const shown = await run(['chat', '--emulator', '/emulate text="one"'], { env: { ...env, HTTP_PROXY: `http://127.0.0.1:${port}` } });
    expect(shown).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
    expect(emulator.requests).toEqual([]);
    expect(await run(['chat', '--emulator', '/emulate text="one"'])).toMatchObject({ code: 0, stdout: 'one\n' });
  });
});

describe('a failure', () => {
  const oneLine = /^error: [^\n]+\n$/;

  test('without a key says how to get one, in one line', async () => {
    const shown = await run(['chat', 'Hi'], { env: { OPENROUTER_BASE_URL: emulator.baseURL } });
    expect(shown).toMatchObject({ code: 1, stdout: '' });
    expect(shown.stderr).toMatch(oneLine);
    expect(shown.stderr).toMatch(/no OpenRouter API key in OPENROUTER_API_KEY.*https:\/\/openrouter\.ai\/settings\/keys.*--emulator/);
  });

  test.each([
    ['a key that nobody knows', { OPENROUTER_API_KEY: 'canary-of-another-service' }, /Invalid OpenRouter API key\..*settings\/keys/],
    ['a key that no header can hold', { OPENROUTER_API_KEY: 'sk-or-canary two' }, /holds spaces, .*Copy it again/],
    ['an account without money', { OPENROUTER_API_KEY: 'sk-or-v1-broke-canary' }, /Insufficient credits\..*settings\/credits/],
    ['an address that is none', { OPENROUTER_BASE_URL: 'canary' }, /Invalid option baseURL: expected a URL/],
  ])('%s: one line with what to do, and no key', async (_what, more, message) => {
    const { code, stdout, stderr } = await run(['chat', 'Hi'], { env: { ...env, ...more } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/canary/);
  });

  test.each([
    ['a host that is not there', (port) => ({ OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/api/v1` }), /could not be reached.*doctor/],
    ['a proxy that is not there', (port) => ({ HTTP_PROXY: `http://user:canary@127.0.0.1:${port}` }), /The proxy did not connect.*doctor/],
  ])('%s: one line with what to do', async (_what, more, message) => {
    const port = await closedPort();
    const { code, stdout, stderr } = await run(['chat', 'Hi'], { env: { ...env, ...more(port) } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/canary/);
  });

  test('in mid-stream keeps what was printed', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate text="one two three" error-at=2'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'one two \n' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(/Provider returned error/);
  });

  test('with --json is JSON too, and has what came', async () => {
    const { code, stdout, stderr } = await run(['chat', '--json', '/emulate text="one two three" error-at=2'], { env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'provider_error', message: expect.any(String), partial: { choices: [{ message: { content: 'one two ' } }] } } });
    expect(stderr).toMatch(oneLine);
  });
});

describe('whoever leaves early', () => {
  test('as head does, ends it quietly, and the request with it', async () => {
    const line = '$OPENROUTER chat "/emulate chunks=2000 gap=5" | head -c 20; echo; echo "ended"';
    const shown = await runShell(line, { env });
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nended\n$/) });
    const { by } = await emulator.requests[0].closed;
    expect(by).toBe('client');
  });

  test('gets exit status 0', async () => {
    const line = '{ $OPENROUTER chat "/emulate chunks=2000 gap=5"; echo "status $?" >&2; } | head -c 20';
    expect((await runShell(line, { env })).stderr).toBe('status 0\n');
  });

  test('the complaints alone does not change the exit status', async () => {
    const line = 'exec 3>&1; { $OPENROUTER chat Hi 2>&1 >/dev/null; echo "status $?" >&3; } | true';
    expect((await runShell(line, { env: { ...env, OPENROUTER_API_KEY: '' } })).stdout).toBe('status 1\n');
  });

  const onFull = process.platform === 'linux' ? test : test.skip;
  onFull('a disk that is full is an error', async () => {
    const shown = await runShell('$OPENROUTER chat Hi > /dev/full', { env });
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: The answer cannot be written: ENOSPC[^\n]*\n$/) });
  });
});

// Windows ends a child at once instead of sending it the signal.
(process.platform === 'win32' ? describe.skip : describe)('Ctrl-C', () => {
  test.each([
    ['in mid-stream', '/emulate text="one two three" stall=2', /^one two/],
    ['before the first token', '/emulate first-delay=60000', /^/],
    ['before the headers', '/emulate delay=60000', /^/],
  ])('%s ends it at once with 130, closes the request, and keeps what was printed', async (_when, prompt, shownFirst) => {
    const shown = start(['chat', prompt], { env });
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'), 20_000);
    await shown.says(shownFirst);
    const stoppedAt = Date.now();
    shown.child.kill('SIGINT');
    const { code, stdout, stderr } = await shown.ended;
    expect(Date.now() - stoppedAt).toBeLessThan(AT_ONCE_MS);
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(shownFirst);
    expect(stdout === '' || stdout.endsWith('\n')).toBe(true);
    expect(await record.closed).toMatchObject({ by: 'client' });
  });

  test('while it waits for stdin ends it, too', async () => {
    const shown = start(['chat', '-'], { env });
    // More than a socket holds: when it is gone, it was read.
    await new Promise((resolve) => { shown.child.stdin.write('x'.repeat(8 << 20), resolve); });
    shown.child.kill('SIGINT');
    expect(await shown.ended).toMatchObject({ code: 130, stdout: '' });
    expect(emulator.requests).toEqual([]);
  });
});
