'use strict';

const { startEmulator } = require('../../emulator');
const { widthOf } = require('../../cli/output/width.js');
const { hasTerminal, screenOf, startTerminal } = require('../support/command.js');

const ESCAPE = '\u001b';
const COLUMNS = 60;

let emulator;
let env;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => emulator.close());

/**
 * Runs a command line in a terminal; returns its exit code, what stays on the screen, with plain line ends, and the texts that
 * were erased again.
 */
async function runInTerminal(line, more = {}) {
  const { code, stdout } = await startTerminal(line, { env: { ...env, ...more } }).ended;
  return { code, ...screenOf(stdout) };
}

const bare = (text) => text.replace(/\u001b\[\d+m/g, '');

// Skipped where no pseudo-terminal is available.
(hasTerminal ? describe : describe.skip)('in a terminal', () => {
  test('an answer is followed by its model, provider, tokens, cost and time to the first token', async () => {
    const { code, text } = await runInTerminal('$OPENROUTER chat --model openai/gpt-5-mini "/emulate text=\\"one two\\""');
    expect(code).toBe(0);
    expect(text).toMatch(/^one two\n\u001b\[2mopenai\/gpt-5-mini of OpenAI · \d+ tokens · \$0\.0\d+ · first token after \d+ ms\u001b\[0m\n$/);
  });

  test('a fallback is reported', async () => {
    const { text } = await runInTerminal('$OPENROUTER chat --models openai/gpt-5-mini,x-ai/grok-4 "/emulate fail=openai/gpt-5-mini text=second"');
    expect(bare(text)).toMatch(/^second\nx-ai\/grok-4 answered instead of openai\/gpt-5-mini: \S.*\nx-ai\/grok-4 of /);
  });

  test('an answer that goes to a pipe is followed by nothing', async () => {
    const { code, text } = await runInTerminal('$OPENROUTER chat "/emulate text=one" | cat');
    expect({ code, text }).toEqual({ code: 0, text: 'one\n' });
  });

  test('control characters are left out of an answer', async () => {
    const { text } = await runInTerminal('$OPENROUTER chat "/emulate text=\\"\\\\u001b[2Jwiped\\\\u009b5m\\""');
    expect(text.split('\n')[0]).toBe('[2Jwiped5m');
  });

  test('control characters are escaped in JSON', async () => {
    const { text } = await runInTerminal('$OPENROUTER chat --json "/emulate text=\\"\\\\u001b[2J\\\\u009b5m\\""');
    expect(JSON.parse(text).choices[0].message.content).toBe('\u001b[2J\u009b5m');
    expect(text).not.toMatch(/[\u001b\u009b]/);
    expect(text).toMatch(/^\{\n {2}"/);
  });

  test('wide characters are printed whole', async () => {
    const { text } = await runInTerminal('$OPENROUTER chat "/emulate text=\\"改善 👩‍🚀 é\\" chunks=2"');
    expect(text.split('\n')[0]).toBe('改善 👩‍🚀 é');
  });

  test('models fit the columns of the terminal, and free models are green', async () => {
    const { text } = await runInTerminal('$OPENROUTER models --sort name');
    const lines = text.trimEnd().split('\n');
    for (const line of lines.slice(0, -1)) expect(widthOf(bare(line))).toBeLessThanOrEqual(COLUMNS);
    expect(bare(lines[0])).toMatch(/^model +context +prompt +completion {2}can$/);
    expect(text).toMatch(/\u001b\[32mopenai\/gpt-oss-20b:… +131K +free +free/);
    expect(bare(lines.at(-1))).toMatch(/^\d+ of \d+ models; prices in USD per million tokens\.$/);
  });

  test('credits have the colour of their level, unless NO_COLOR or TERM=dumb is set', async () => {
    expect((await runInTerminal('$OPENROUTER credits')).text).toContain(`${ESCAPE}[32m● green${ESCAPE}[0m`);
    expect((await runInTerminal('$OPENROUTER credits', { NO_COLOR: '1' })).text).not.toContain(ESCAPE);
    expect((await runInTerminal('$OPENROUTER credits', { TERM: 'dumb' })).text).not.toContain(ESCAPE);
  });

  test('an error is one line in red, after the partial answer', async () => {
    const { code, text } = await runInTerminal('$OPENROUTER chat "/emulate text=\\"one two three\\" error-at=2"');
    expect(code).toBe(1);
    expect(text).toMatch(/^one two \n\u001b\[31merror:\u001b\[0m Provider returned error[^\n]*\n$/);
  });

  test('Ctrl-C ends a stream at once with 130, and the printed text stays', async () => {
    const shown = startTerminal('$OPENROUTER chat "/emulate text=\\"one two three\\" stall=2"', { env });
    await shown.says(/one two/);
    shown.child.stdin.write('\u0003');
    const { code, stdout } = await shown.ended;
    expect(code).toBe(130);
    expect(screenOf(stdout).text).toMatch(/^one two (\^C)?\n$/);
    expect(await emulator.requests[0].closed).toMatchObject({ by: 'client' });
  });

  test('Ctrl-C ends the emulator', async () => {
    const shown = startTerminal('$OPENROUTER emulator');
    await shown.says(/Ctrl\+C stops/);
    shown.child.stdin.write('\u0003');
    expect((await shown.ended).code).toBe(130);
  });
});
