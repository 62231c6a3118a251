'use strict';

const { startEmulator } = require('../../emulator');
const { run, runShell, start } = require('../support/command.js');
const { AT_ONCE_MS } = require('../support/limits.js');
const { closedPort } = require('../support/closed-port.js');

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
  test('is the only output in a pipe, with one line end', async () => {
    const shown = await run(['chat', '/emulate text="one two"'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: 'one two\n', stderr: '' });
  });

  test('gets a line end only if the model wrote none', async () => {
    expect(await run(['chat', '/emulate text="one\\n"'], { env })).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
  });

  test('is printed while it arrives', async () => {
    const shown = start(['chat', '/emulate text="one two three" stall=2'], { env });
    await shown.says(/^one two/);
    expect(shown.child.exitCode).toBeNull();
    shown.child.kill('SIGINT');
    await shown.ended;
  });

  test('goes to a pipe as the model wrote it, with its control characters', async () => {
    expect(await run(['chat', '/emulate text="\\u001b[2Jdone"'], { env })).toMatchObject({ code: 0, stdout: '\u001b[2Jdone\n' });
  });

  test('that reached the token limit is printed, with a warning', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate text="one two" finish=length'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one two\n' });
    expect(stderr).toBe('warning: The answer is incomplete: it reached the token limit. --max-tokens raises it.\n');
  });

  test('without text prints a warning', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate calls=1'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^warning: The answer contains no text \(tool_calls\); --json shows .*\n$/);
  });
});

describe('the prompt', () => {
  test('is made of the words on the command line', async () => {
    await run(['chat', 'Why', 'is the sky', 'blue?'], { env });
    expect(bodyOf()).toMatchObject({ model: 'openrouter/auto', stream: true, messages: [{ role: 'user', content: 'Why is the sky blue?' }] });
  });

  test('is read from a pipe', async () => {
    const { code } = await runShell("printf 'Where do whales\\nsleep?\\n' | $OPENROUTER chat", { env });
    expect(code).toBe(0);
    expect(promptOf()).toBe('Where do whales\nsleep?');
  });

  test('is made of the words, followed by the text from a pipe', async () => {
    await runShell('echo "+ one line" | $OPENROUTER chat "A message for this"', { env });
    expect(promptOf()).toBe('A message for this\n\n+ one line');
  });

  test('may be continued by a file as stdin', async () => {
    await runShell('$OPENROUTER chat "The licence?" < LICENSE', { env });
    expect(promptOf()).toMatch(/^The licence\?\n\nMIT License/);
  });

  test('does not wait for a stdin that its parent left open', async () => {
    // `start` leaves stdin open and never writes to it.
    expect(await run(['chat', 'Hello'], { env })).toMatchObject({ code: 0 });
    expect(promptOf()).toBe('Hello');
  });

  test('is read from any kind of stdin with -', async () => {
    const shown = start(['chat', 'Shorter:', '-'], { env });
    shown.child.stdin.end('a long text');
    expect(await shown.ended).toMatchObject({ code: 0 });
    expect(promptOf()).toBe('Shorter:\n\na long text');
  });

  test('that is empty is a wrong call, and nothing is sent', async () => {
    const shown = await runShell('$OPENROUTER chat < /dev/null', { env });
    expect(shown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: No prompt: .*pipe it in\.\n$/) });
    expect(emulator.requests).toEqual([]);
  });
});

describe('the options', () => {
  test('--model and --system', async () => {
    await run(['chat', '-m', 'openai/gpt-5-mini', '-s', 'Be brief.', 'Hi'], { env });
    expect(bodyOf()).toMatchObject({ model: 'openai/gpt-5-mini', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }] });
    expect(bodyOf()).not.toHaveProperty('models');
  });

  test.each([
    [['--models', 'anthropic/claude-sonnet-4.5, openai/gpt-5-mini'], 'anthropic/claude-sonnet-4.5', ['openai/gpt-5-mini']],
    [['--models', 'openai/gpt-5-mini', '--model', 'x-ai/grok-4'], 'x-ai/grok-4', ['openai/gpt-5-mini']],
    [['--models', 'openai/gpt-5-mini', '--auto'], 'openrouter/auto', undefined],
  ])('%j sends the model %s with the fallbacks %j', async (args, model, models) => {
    await run(['chat', ...args, 'Hi'], { env });
    expect(bodyOf()).toMatchObject({ model, ...(models && { models }) });
    if (!models) expect(bodyOf()).not.toHaveProperty('models');
  });

  test('--models lets the next model answer if the first fails', async () => {
    const shown = await run(['chat', '--models', 'openai/gpt-5-mini,x-ai/grok-4', '/emulate fail=openai/gpt-5-mini text="second"'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: 'second\n', stderr: '' });
  });

  test('--zdr sends provider.zdr', async () => {
    await run(['chat', '--zdr', 'Hi'], { env });
    expect(bodyOf().provider).toEqual({ zdr: true });
  });

  test('--json prints the whole completion in one line', async () => {
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

  test('--emulator needs no key, and uses neither the real key nor a proxy', async () => {
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
    ['an unknown key', { OPENROUTER_API_KEY: 'canary-of-another-service' }, /Invalid OpenRouter API key\..*settings\/keys/],
    ['a key that is no valid header value', { OPENROUTER_API_KEY: 'sk-or-canary two' }, /holds spaces, .*Copy it again/],
    ['an account without credits', { OPENROUTER_API_KEY: 'sk-or-v1-broke-canary' }, /Insufficient credits\..*settings\/credits/],
    ['an invalid base URL', { OPENROUTER_BASE_URL: 'canary' }, /Invalid OPENROUTER_BASE_URL: expected a URL/],
  ])('with %s prints one line with advice, without the key', async (_what, more, message) => {
    const { code, stdout, stderr } = await run(['chat', 'Hi'], { env: { ...env, ...more } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/canary/);
  });

  test.each([
    ['an unreachable host', (port) => ({ OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/api/v1` }), /refused the connection: no server listens there.*doctor/],
    ['an unreachable proxy', (port) => ({ OPENROUTER_BASE_URL: 'https://nobody.invalid/api/v1', HTTPS_PROXY: `http://user:canary@127.0.0.1:${port}` }), /The proxy did not connect.*doctor/],
  ])('with %s prints one line with advice', async (_what, more, message) => {
    const port = await closedPort();
    const { code, stdout, stderr } = await run(['chat', 'Hi'], { env: { ...env, ...more(port) } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/canary/);
  });

  test('in mid-stream keeps the printed text', async () => {
    const { code, stdout, stderr } = await run(['chat', '/emulate text="one two three" error-at=2'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'one two \n' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(/Provider returned error/);
  });

  test('with --json is JSON too, with the partial completion', async () => {
    const { code, stdout, stderr } = await run(['chat', '--json', '/emulate text="one two three" error-at=2'], { env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'provider_error', message: expect.any(String), partial: { choices: [{ message: { content: 'one two ' } }] } } });
    expect(stderr).toMatch(oneLine);
  });
});

describe('closing the output pipe early', () => {
  test('as head does ends the command without an error, and closes the request', async () => {
    const line = '$OPENROUTER chat "/emulate chunks=2000 gap=5" | head -c 20; echo; echo "ended"';
    const shown = await runShell(line, { env });
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nended\n$/) });
    const { by } = await emulator.requests[0].closed;
    expect(by).toBe('client');
  });

  test('leads to exit status 0', async () => {
    const line = '{ $OPENROUTER chat "/emulate chunks=2000 gap=5"; echo "status $?" >&2; } | head -c 20';
    expect((await runShell(line, { env })).stderr).toBe('status 0\n');
  });

  test('for stderr only does not change the exit status', async () => {
    const line = 'exec 3>&1; { $OPENROUTER chat Hi 2>&1 >/dev/null; echo "status $?" >&3; } | true';
    expect((await runShell(line, { env: { ...env, OPENROUTER_API_KEY: '' } })).stdout).toBe('status 1\n');
  });

  const onFull = process.platform === 'linux' ? test : test.skip;
  onFull('is no error, but a full disk is', async () => {
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
  ])('%s exits at once with 130, closes the request, and keeps the printed text', async (_when, prompt, shownFirst) => {
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

  test('while the command waits for stdin exits with 130 too', async () => {
    const shown = start(['chat', '-'], { env });
    // More than the pipe can buffer: when the write completes, the command is reading stdin.
    await new Promise((resolve) => { shown.child.stdin.write('x'.repeat(8 << 20), resolve); });
    shown.child.kill('SIGINT');
    expect(await shown.ended).toMatchObject({ code: 130, stdout: '' });
    expect(emulator.requests).toEqual([]);
  });
});
