'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { hasTerminal, startTerminal } = require('../support/command.js');
const { until } = require('../support/until.js');

const KEY = 'sk-or-v1-limit-canary';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';
/** The prompt at the end of what is shown: the cursor stands behind it. */
const PROMPT = /> (\u001b\[0m)?\u001b\[\d+G$/;
const MODEL = 'openai/gpt-5-mini';

let emulator;
let folder;
let env;
let open;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-chat-'));
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL, XDG_STATE_HOME: path.join(folder, 'state'), FOLDER: folder };
  open = [];
});
afterEach(() => {
  for (const { child } of open) child.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});
afterAll(() => emulator.close());

/** What was shown, without the lines that were erased and the codes that move the cursor and colour. */
const bare = (text) => text.replace(/[^\n]*\r\u001b\[2K/g, '').replace(/\u001b\[[\d;?]*[A-Za-z]/g, '').replace(/\r/g, '');

/** Starts an interactive chat in the test's folder, and waits for its prompt. */
async function chat(args = `-m ${MODEL}`, more = {}) {
  const shown = startTerminal(`cd "$FOLDER"; $OPENROUTER chat ${args}`, { env: { ...env, ...more } });
  open.push(shown);
  let seen = 0;
  const since = () => shown.stdout.slice(seen);
  const keys = (text) => { seen = shown.stdout.length; shown.child.stdin.write(text); };
  const shows = (pattern) => until(() => {
    if (shown.child.exitCode !== null && !pattern.test(since())) throw new Error(`It ended before it showed ${pattern}: ${shown.stdout}`);
    return pattern.test(since());
  }, `it shows ${pattern}`);
  await shows(PROMPT);
  return {
    ...shown,
    keys,
    shows,
    /** Types a line and waits for the next prompt. Resolves to what was shown in between. */
    async enter(line) {
      keys(`${line}\r`);
      // The echo moves the cursor, too, but it does not end with the prompt alone on its line.
      await shows(/\n[^\n]*> (\u001b\[0m)?\u001b\[\d+G$/);
      return bare(since());
    },
    async leave() {
      keys(CTRL_D);
      return shown.ended;
    },
  };
}

const chats = () => emulator.requests.filter(({ path: one }) => one.endsWith('/chat/completions')).map(({ body }) => body);
const saidIn = (body) => body.messages.map(({ role, content }) => `${role}: ${content}`);

// Skipped where no pseudo-terminal is available.
(hasTerminal ? describe : describe.skip)('chat on a terminal without a prompt', () => {
  test('asks question after question in one session, with the whole conversation', async () => {
    emulator.script(['One.', 'Two.']);
    const { enter, leave, stdout } = await chat(`-m ${MODEL} -s "Be brief." --temperature 0.5`);
    expect(bare(stdout)).toMatch(/openai\/gpt-5-mini · Type a question/);
    const first = await enter('first');
    expect(first).toMatch(/One\.\nopenai\/gpt-5-mini of OpenAI · \d+ tokens · \$0\.0\d+ · first token after \d+ ms\n> $/);
    await enter('second');
    expect(await leave()).toMatchObject({ code: 0 });
    const [one, two] = chats();
    expect(saidIn(one)).toEqual(['system: Be brief.', 'user: first']);
    expect(saidIn(two)).toEqual(['system: Be brief.', 'user: first', 'assistant: One.', 'user: second']);
    expect(two).toMatchObject({ model: MODEL, temperature: 0.5, stream: true });
    expect(one.session_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(two.session_id).toBe(one.session_id);
  });

  test('changes the model to one that exists, and the system message', async () => {
    const { enter, leave } = await chat();
    expect(await enter('/model')).toMatch(/\nopenai\/gpt-5-mini\n> $/);
    expect(await enter('/model openai/gpt-99')).toMatch(/\nerror: There is no model openai\/gpt-99\. \/models finds models by words\. ?\n> $/);
    expect(await enter('/model x-ai/grok-4')).toMatch(/\nThe next answer is from x-ai\/grok-4\.\n> $/);
    expect(await enter('/system Answer in French.')).toMatch(/\nThe system message is changed\.\n/);
    await enter('Hi');
    expect(await enter('/system off')).toMatch(/removed/);
    await enter('Hi');
    await leave();
    expect(chats().map(({ model, messages }) => [model, messages[0].role])).toEqual([['x-ai/grok-4', 'system'], ['x-ai/grok-4', 'user']]);
  });

  test('begins with the router of --auto and the session of --session', async () => {
    const { enter, leave } = await chat(`--auto -m ${MODEL} --session mine`);
    await enter('first');
    await enter('/model x-ai/grok-4');
    await enter('/reset');
    await enter('second');
    await leave();
    const [first, second] = chats();
    expect([first.model, first.session_id, second.model]).toEqual(['openrouter/auto', 'mine', 'x-ai/grok-4']);
    expect(second.session_id).not.toBe('mine');
  });

  test('finds models by words, and says what a command is not', async () => {
    const { enter, leave } = await chat();
    const found = await enter('/models claude vision');
    expect(found).toMatch(/\nmodel +context +prompt +completion +can\n/);
    expect(found).toMatch(/\nanthropic\/claude-\S+ /);
    expect(found).not.toContain('grok');
    expect(await enter('/models nobody')).toMatch(/\nerror: None of the \d+ models matches\. ?\n> $/);
    expect(await enter('/mode')).toMatch(/\nerror: There is no command \/mode\. \/help lists them/);
    expect(await enter('/help')).toMatch(/\n\/model \[ID\] +show or change the model\n[^]*\n\/exit +leave/);
    expect(chats()).toEqual([]);
    await leave();
  });

  test('sends a question that begins with a slash and is no command, or has two slashes', async () => {
    const { enter, leave } = await chat();
    await enter('/usr/bin is what?');
    await enter('//model is a word');
    await leave();
    expect(chats().map(({ messages }) => messages.at(-1).content)).toEqual(['/usr/bin is what?', '/model is a word']);
  });

  test('completes commands, models and paths on Tab', async () => {
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'the notes');
    fs.mkdirSync(path.join(folder, 'pictures'));
    const { enter, keys, shows, leave } = await chat();
    for (const [typed, completed] of [['/sys', /\/system $/], ['/model x-ai/grok-4-', /\/model x-ai\/grok-4-\S+$/], ['/file no', /\/file notes\.txt$/], ['/file pic', /\/file pictures\/$/]]) {
      keys(typed);
      await shows(new RegExp(`${typed}$`));
      keys('\t');
      await until(() => completed.test(bare(open[0].stdout)), `Tab completes ${typed}`);
      keys(CTRL_C);
      await shows(PROMPT);
    }
    await enter('/help');
    await leave();
  });

  test('stops an answer with Ctrl-C, keeps what had come, and goes on', async () => {
    emulator.script([{ text: 'one two three', stall: 2 }, 'After.']);
    const { enter, keys, shows, leave } = await chat();
    keys('count\r');
    await shows(/one two/);
    keys(CTRL_C);
    await shows(PROMPT);
    expect(await emulator.requests.find(({ path: one }) => one.endsWith('/chat/completions')).closed).toMatchObject({ by: 'client' });
    expect(bare(open[0].stdout)).toMatch(/one two ?\nStopped\. What had come stays in the chat\.\n> $/);
    await enter('go on');
    expect(saidIn(chats()[1])).toEqual(['user: count', expect.stringMatching(/^assistant: one two ?$/), 'user: go on']);
    const cost = await enter('/cost');
    expect(cost).toMatch(/\n\$0\.0\d+ for 2 answers, \d+ tokens\n● green {2}\$9\.\d+ left of \$10\.00/);
    expect(await leave()).toMatchObject({ code: 0 });
  });

  test('keeps the conversation after an error, which is one line, and asks again with /retry', async () => {
    emulator.script(['One.', { status: 402, kind: 'credits' }, 'Two.', { status: 402, kind: 'credits' }, 'Three.', 'Four.']);
    const { enter, leave } = await chat();
    expect(await enter('/retry')).toMatch(/\nerror: There is no question to ask again\. ?\n> $/);
    await enter('first');
    expect(await enter('second')).toMatch(/\nerror: [^\n]*credits[^\n]*\n> $/i);
    expect(await enter('/retry')).toMatch(/\nTwo\.\n/);
    // An answer is given up only for another one.
    expect(await enter('/retry')).toMatch(/\nerror: /);
    await enter('/undo');
    expect(await enter('/retry')).toMatch(/\nThree\.\n/);
    expect(await enter('/retry')).toMatch(/\nFour\.\n/);
    await leave();
    const wanted = ['user: first', 'assistant: One.', 'user: second'];
    expect(chats().slice(1).map(saidIn)).toEqual([wanted, wanted, wanted, wanted, wanted]);
  });

  test('keeps what had come of an answer that fails in its middle', async () => {
    emulator.script([{ text: 'one two three', errorAt: 2 }, 'After.']);
    const { enter, leave } = await chat();
    expect(await enter('count')).toMatch(/one two ?\nerror: Provider returned error[^\n]*\n> $/);
    await enter('go on');
    await leave();
    expect(saidIn(chats()[1])).toEqual(['user: count', expect.stringMatching(/^assistant: one two ?$/), 'user: go on']);
  });

  test('takes back a question, and begins a new chat in a new session', async () => {
    emulator.script(['One.', 'Two.', 'Three.', 'Four.']);
    const { enter, leave } = await chat();
    expect(await enter('/undo')).toMatch(/\nerror: There is nothing to take back\. ?\n> $/);
    await enter('first');
    await enter('second');
    expect(await enter('/undo')).toMatch(/\nTaken back: second\n> $/);
    await enter('third');
    await enter('/reset');
    await enter('fourth');
    await leave();
    const [, , third, fourth] = chats();
    expect(saidIn(third)).toEqual(['user: first', 'assistant: One.', 'user: third']);
    expect(saidIn(fourth)).toEqual(['user: fourth']);
    expect(fourth.session_id).not.toBe(third.session_id);
  });

  test('saves the chat, asks before it replaces a file, and goes on with a saved one', async () => {
    emulator.script(['**One.**', 'Two.']);
    const { enter, keys, shows, leave } = await chat(`-m ${MODEL} -s Brief.`);
    await enter('first');
    expect(await enter('/save chat.md')).toMatch(/\nThe chat is saved in chat\.md\.\n/);
    expect(fs.readFileSync(path.join(folder, 'chat.md'), 'utf8')).toBe(`# Chat with ${MODEL}\n\n## System\n\nBrief.\n\n## You\n\nfirst\n\n## Answer\n\n**One.**\n`);
    expect(await enter('/save chat.doc')).toMatch(/\nerror: Give a name that ends with \.md, \.markdown, \.json\. ?\n/);
    fs.writeFileSync(path.join(folder, 'chat.json'), 'precious');
    for (const [answer, said] of [['', 'Nothing is saved.'], ['y', 'The chat is saved in chat.json.']]) {
      keys('/save chat.json\r');
      await shows(/chat\.json exists\. Replace it\? \[y\/N\] /);
      expect(fs.readFileSync(path.join(folder, 'chat.json'), 'utf8')).toBe('precious');
      expect(await enter(answer)).toContain(said);
    }
    await leave();
    const later = await chat('-m x-ai/grok-4');
    expect(await later.enter('/load chat.md')).toMatch(/\nerror: chat\.md holds no chat/);
    expect(await later.enter('/load none.json')).toMatch(/\nerror: ENOENT[^\n]*none\.json/);
    expect(await later.enter('/load chat.json')).toContain(`The chat has 1 question. The next answer is from ${MODEL}.`);
    await later.enter('second');
    await later.leave();
    expect(saidIn(chats()[1])).toEqual(['system: Brief.', 'user: first', 'assistant: **One.**', 'user: second']);
  });

  test('attaches files and images to the next question only', async () => {
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'the notes');
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    fs.writeFileSync(path.join(folder, 'dot.png'), png);
    const { enter, leave } = await chat();
    expect(await enter('/file nothing.txt')).toMatch(/\nerror: \/file nothing\.txt: it does not exist/);
    expect(await enter('/image notes.txt')).toMatch(/\nerror: [^\n]*notes\.txt: it is no image/);
    expect(await enter('/file')).toMatch(/\nNothing is attached\.\n/);
    await enter('/file notes.txt');
    expect(await enter('/image dot.png')).toMatch(/\nThe next question has dot\.png\.\n/);
    await enter('What is it?');
    await enter('And now?');
    await leave();
    const [first, second] = chats().map(({ messages }) => messages.at(-1).content);
    expect(first).toEqual([
      { type: 'text', text: expect.stringMatching(/^What is it\?\n\nnotes\.txt:\n```\nthe notes\n```$/) },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } },
    ]);
    expect(second).toBe('And now?');
    expect(chats()[1].messages[0].content).toEqual(first);
  });

  test('saves the images of an answer with --save, and sends them back with the next question', async () => {
    emulator.script([{ text: 'See.', imageSize: 500 }, 'Changed.', 'Again.']);
    const { enter, leave } = await chat('-m google/gemini-2.5-flash-image --save pictures');
    expect(await enter('draw')).toMatch(/See\.\nSaved pictures\/image\.png \(\d+ bytes\)\n/);
    await enter('darker');
    await enter('/save chat.json');
    await leave();
    expect(fs.readFileSync(path.join(folder, 'pictures', 'image.png')).subarray(1, 4).toString()).toBe('PNG');
    const [, drawn] = chats()[1].messages;
    expect(drawn).toMatchObject({ role: 'assistant', content: 'See.', images: [{ type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) } }] });
    const later = await chat();
    await later.enter('/load chat.json');
    await later.enter('lighter');
    await later.leave();
    expect(chats()[2].messages[1]).toEqual(drawn);
  });

  test('takes several lines by a backslash or a paste, which is not sent before Enter', async () => {
    const { enter, keys, shows, leave } = await chat();
    keys('one\\\r');
    await shows(/… \u001b\[3G$/);
    await enter('two');
    keys('\u001b[200~a\tb\rc\\\r/reset\rd\u001b[201~');
    await shows(/d$/);
    expect(chats()).toHaveLength(1);
    await enter('!');
    await leave();
    expect(chats().map(({ messages }) => messages.at(-1).content)).toEqual(['one\ntwo', 'a\tb\nc\\\n/reset\nd!']);
  });

  test('keeps what is typed during an answer for the next line', async () => {
    emulator.script([{ text: 'one two three', stall: 2 }, 'After.']);
    const { keys, shows, leave } = await chat();
    keys('first\r');
    await shows(/one two/);
    // Ctrl-C is seen at once; what follows it is typed into the next line.
    keys(`lost${CTRL_C}second\r`);
    await shows(/After\.[^]*> (\u001b\[0m)?\u001b\[\d+G$/);
    await leave();
    expect(chats().map(({ messages }) => messages.at(-1).content)).toEqual(['first', 'second']);
  });

  test('does not leave by a Ctrl-C that comes together with the question: it stops the answer', async () => {
    const { keys, shows, enter, leave } = await chat();
    keys(`first\r${CTRL_C}`);
    await shows(/Stopped\.\r\n[^]*> (\u001b\[0m)?\u001b\[\d+G$/);
    await enter('second');
    expect(await leave()).toMatchObject({ code: 0 });
    expect(chats().map(({ messages }) => messages.at(-1).content)).toEqual(['second']);
  });

  test.each([[CTRL_D, 'Ctrl-D'], [CTRL_C, 'Ctrl-C on an empty line'], [`word${CTRL_C}${CTRL_C}`, 'Ctrl-C twice'], ['/exit\r', '/exit']])('leaves with status 0 (%j: %s)', async (typed) => {
    const { keys, ended, stdout } = await chat();
    expect(stdout).toContain('\u001b[?2004h');
    keys(typed);
    const { code, stdout: all } = await ended;
    expect(code).toBe(0);
    // The terminal no longer marks what is pasted.
    expect(all).toContain('\u001b[?2004l');
    expect(chats()).toEqual([]);
  });

  test('leaves at once, and answers, while the list of models hangs', async () => {
    emulator.respond(({ path: one }) => (one.endsWith('/models') ? { delay: 600_000 } : { text: 'Here.' }));
    const { enter, keys, shows, leave } = await chat();
    keys('/models gpt\r');
    await emulator.waitForRequest(({ path: one }) => one.endsWith('/models'), 20_000);
    keys(CTRL_C);
    await shows(/Stopped\.[^]*> (\u001b\[0m)?\u001b\[\d+G$/);
    expect(await enter('Hi')).toMatch(/\nHere\.\n/);
    expect(await leave()).toMatchObject({ code: 0 });
  });

  test('keeps what was typed for the next time, where only the user reads it', async () => {
    const file = path.join(folder, 'state', 'openrouter-native', 'history');
    emulator.script(['One.', 'Two.', 'Three.']);
    const first = await chat();
    await first.enter('an old question');
    await first.leave();
    expect(fs.readFileSync(file, 'utf8')).toBe('an old question\n');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const second = await chat();
    second.keys(UP);
    await second.shows(/an old question/);
    await second.enter('!');
    await second.leave();
    const third = await chat(`-m ${MODEL} --no-history`);
    third.keys(UP);
    await third.enter('not kept');
    await third.leave();
    expect(chats().map(({ messages }) => messages.at(-1).content)).toEqual(['an old question', 'an old question!', 'not kept']);
    expect(fs.readFileSync(file, 'utf8')).toBe('an old question\nan old question!\n');
  });

  test('goes on where what is typed cannot be kept, and says so', async () => {
    const { enter, leave, stdout } = await chat(`-m ${MODEL}`, { XDG_STATE_HOME: __filename });
    expect(bare(stdout)).toMatch(/warning: What you type is not kept: /);
    await enter('Hi');
    expect(await leave()).toMatchObject({ code: 0 });
    expect(chats()).toHaveLength(1);
  });

  test('says what to do when the chat is too long for the model, and shortly before', async () => {
    emulator.script([{ text: 'One.', usage: { prompt_tokens: 390_000, completion_tokens: 5 } }, { status: 400, kind: 'context' }]);
    const { enter, leave } = await chat();
    // From now on the size of the context is known.
    await enter('/models gpt');
    expect(await enter('first')).toMatch(/\nwarning: The chat has 390K of the 400K tokens that openai\/gpt-5-mini can read\. \/undo takes back/);
    expect(await enter('second')).toMatch(/\nerror: [^\n]*maximum context length[^\n]*The chat is too long for openai\/gpt-5-mini\. \/undo takes back[^\n]*\n> $/);
    await leave();
  });

  test('--max-cost limits the whole chat', async () => {
    const { enter, leave } = await chat(`-m ${MODEL} --max-cost 0.0000001 --max-tokens 100`);
    expect(await enter('first')).toMatch(/\nerror: [^\n]*\n> $/);
    await leave();
    expect(chats()).toEqual([]);
  });

  test('is not interactive with --json, with a pipe, or in a terminal that cannot move its cursor', async () => {
    for (const line of ['$OPENROUTER chat --json', '$OPENROUTER chat | cat', 'TERM=dumb $OPENROUTER chat']) {
      const { stdout } = await startTerminal(line, { env }).ended;
      expect(stdout).toMatch(/error:[^\n]* No prompt: /);
    }
  });
});
