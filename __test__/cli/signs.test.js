'use strict';

const { startEmulator } = require('../../emulator');
const { widthOf } = require('../../cli/output/width.js');
const { hasTerminal, run, runShell, screenOf, startTerminal } = require('../support/command.js');

let emulator;
let env;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => emulator.close());

const ERASE = '\r\u001b[2K';
const bare = (text) => text.replace(/\u001b\[\d+m/g, '');

/** Runs a command line in a terminal until it exits. */
async function inTerminal(line, more = {}) {
  const { code, stdout } = await startTerminal(line, { env: { ...env, ...more } }).ended;
  const { text, erased } = screenOf(stdout);
  return { code, stdout, text: bare(text), erased };
}

const THINKING = '/emulate reasoning=\\"I weigh 二 readings.\\" text=\\"one two\\" first-delay=300 gap=300';

// Skipped where no pseudo-terminal is available.
(hasTerminal ? describe : describe.skip)('in a terminal, while an answer is awaited', () => {
  test('the model is named, and the line is gone when the answer begins', async () => {
    const { code, text, erased } = await inTerminal('$OPENROUTER chat -m openai/gpt-5-mini "/emulate text=one first-delay=300"');
    expect(code).toBe(0);
    expect(erased[0]).toMatch(/^\S Waiting for openai\/gpt-5-mini$/);
    expect(text).toMatch(/^one\nopenai\/gpt-5-mini of [^\n]*\n$/);
  });

  test('a retry is counted down with its reason, and then awaited', async () => {
    const { code, text, erased } = await inTerminal('$OPENROUTER chat -m openai/gpt-5-mini "/emulate status=429 retry-after=2 times=1 id=a text=one delay=300"');
    expect(code).toBe(0);
    const states = [/ Waiting for openai\/gpt-5-mini$/, / Retrying in 2 s \(1 of 2\): rate limited, 429$/, / Retrying in 1 s \(1 of 2\): rate limited, 429$/];
    const found = states.map((state) => erased.findIndex((line) => state.test(line)));
    expect(found).toEqual(found.filter((at) => at >= 0).sort((a, b) => a - b));
    expect(text).toMatch(/^one\nopenai/);
  });

  test('a model that is asked instead of another is named, with the reason', async () => {
    // The API takes a model and three others at a time.
    const models = ['openai/gpt-5-mini', 'x-ai/grok-4', 'anthropic/claude-sonnet-4.5', 'openai/gpt-audio', 'openai/gpt-oss-20b:free'].join();
    const { text, erased } = await inTerminal(`$OPENROUTER chat --models ${models} "/emulate status=503 times=1 id=b text=one first-delay=300"`);
    expect(erased.join('\n')).toMatch(/ Waiting for openai\/gpt-oss-20b:free instead: service/);
    expect(text).toMatch(/^one\n/);
  });

  test('a fallback of OpenRouter is named before the first token, and while it reasons', async () => {
    const models = 'openai/gpt-5-mini,x-ai/grok-4';
    const chat = '$OPENROUTER chat --models';
    const { erased, text } = await inTerminal(`${chat} ${models} "/emulate fail=openai/gpt-5-mini text=one gap=300"`);
    expect(erased.join('\n')).toContain('Waiting for x-ai/grok-4 (instead of openai/gpt-5-mini)');
    expect(text).toMatch(/^one\nx-ai\/grok-4 answered instead of openai\/gpt-5-mini: /);
    const thinking = await inTerminal(`${chat} ${models} "/emulate fail=openai/gpt-5-mini reasoning=hm text=one gap=300"`);
    expect(thinking.erased.join('\n')).toContain('x-ai/grok-4 (instead of openai/gpt-5-mini) is thinking');
  });

  test('reasoning is folded into the line: the model that thinks, and its last words, no wider than the terminal', async () => {
    const { text, erased } = await inTerminal(`$OPENROUTER chat -m openai/gpt-5-mini "${THINKING}"`);
    const thinking = erased.filter((line) => line.includes('openai/gpt-5-mini is thinking'));
    expect(thinking.some((line) => line.endsWith('readings.'))).toBe(true);
    for (const line of erased) expect(widthOf(line)).toBeLessThan(60);
    expect(text).toMatch(/^one two\nopenai\/gpt-5-mini of OpenAI · \d+ tokens · \d+ of them for reasoning · [^\n]*\n$/);
  });

  test('a narrow terminal gets as much of the line as it has room for', async () => {
    const { erased, text } = await inTerminal(`stty cols 20; $OPENROUTER chat -m openai/gpt-5-mini "${THINKING}"`);
    expect(erased.length).toBeGreaterThan(0);
    for (const line of erased) expect(widthOf(line)).toBeLessThan(20);
    expect(text).toMatch(/^one two\n/);
  });

  test('--reasoning show writes the reasoning dim before the answer, and no line about it', async () => {
    const { stdout, erased } = await inTerminal(`$OPENROUTER chat --reasoning show -m openai/gpt-5-mini "${THINKING}"`);
    const { text } = screenOf(stdout);
    expect(bare(text)).toMatch(/^I weigh 二 readings\.\none two\nopenai/);
    expect(text).toMatch(/^\u001b\[2mI /);
    expect(erased.filter((line) => line.includes('thinking'))).toEqual([]);
  });

  test('an error leaves no trace of the line', async () => {
    const { code, text } = await inTerminal('$OPENROUTER chat "/emulate status=400 delay=300"');
    expect(code).toBe(1);
    expect(text).toMatch(/^error: [^\n]*\n$/);
  });

  test('Ctrl-C leaves no trace of the line', async () => {
    const shown = startTerminal('$OPENROUTER chat "/emulate first-delay=60000"', { env });
    await shown.says(/Waiting for openrouter\/auto/);
    shown.child.stdin.write('\u0003');
    const { code, stdout } = await shown.ended;
    expect(code).toBe(130);
    expect(screenOf(stdout).text).toMatch(/^(\^C)?$/);
  });

  test('a signal to end leaves no trace of the line, and closes the request', async () => {
    const shown = startTerminal('exec $OPENROUTER chat "/emulate first-delay=60000 text=$$"', { env });
    await shown.says(/Waiting for openrouter\/auto/);
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
    process.kill(Number(/text=(\d+)/.exec(record.rawBody)[1]), 'SIGTERM');
    const { code, stdout } = await shown.ended;
    expect(code).toBe(143);
    expect(screenOf(stdout).text).toBe('');
    expect(await record.closed).toMatchObject({ by: 'client' });
  });

  test('an answer that goes to a file is awaited with the same line, and the file has the answer only', async () => {
    const { text, erased, stdout } = await inTerminal('$OPENROUTER chat "/emulate text=one first-delay=300" > /tmp/answer-$$; cat /tmp/answer-$$; rm /tmp/answer-$$');
    expect(erased[0]).toMatch(/Waiting for openrouter\/auto/);
    expect(text).toBe('one\n');
    expect(stdout).toContain(`${ERASE}one`);
  });

  test.each([
    ['--quiet', '--quiet', {}, /^one\n$/],
    ['--json', '--json', {}, /^\{\n/],
    ['a terminal that cannot erase', '', { TERM: 'dumb' }, /^one\nopenai/],
    ['a terminal that gets log lines', '', { DEBUG: 'openrouter:*' }, /^\[OpenRouter\] [^]*\none/],
  ])('%s shows no line', async (_what, option, more, shown) => {
    const { stdout, text } = await inTerminal(`$OPENROUTER chat -m openai/gpt-5-mini ${option} "/emulate text=one reasoning=hm first-delay=200"`, more);
    expect(stdout).not.toContain(ERASE);
    expect(text).toMatch(shown);
  });

  test('NO_COLOR leaves the line and takes its colour', async () => {
    const { stdout, erased } = await inTerminal('$OPENROUTER chat "/emulate text=one first-delay=200"', { NO_COLOR: '1' });
    expect(erased[0]).toMatch(/Waiting for/);
    expect(stdout).not.toMatch(/\u001b\[\d*m/);
  });

  test('nothing is shown where stderr is a file', async () => {
    const { text, stdout } = await inTerminal('$OPENROUTER chat -m openai/gpt-5-mini "/emulate text=one first-delay=200" 2> /dev/null');
    expect(stdout).not.toContain(ERASE);
    expect(text).toBe('one\n');
  });
});

describe('--reasoning show', () => {
  test('writes the reasoning to stderr where that is no terminal', async () => {
    const shown = await run(['chat', '--reasoning', 'show', '/emulate reasoning="I weigh it." text=one'], { env });
    expect(shown).toEqual(expect.objectContaining({ code: 0, stdout: 'one\n', stderr: 'I weigh it.\n' }));
  });

  test('does not touch an answer in a pipe that reasoning interrupts', async () => {
    const frames = [{ content: 'one ' }, { reasoning: 'hm' }, { content: 'two' }];
    const raw = frames.map((delta) => `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`).join('');
    const end = `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;
    emulator.script([{ raw: raw + end }]);
    const shown = await runShell('$OPENROUTER chat --reasoning show Hi', { env });
    expect(shown).toMatchObject({ code: 0, stdout: 'one two\n', stderr: 'hm\n' });
  });
});
