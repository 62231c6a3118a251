'use strict';

// `openrouter-native/emulator` as an entry of the package: its options, and the life of the server.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('openrouter-native/emulator');
const { answerTo, ask, textOf } = require('./support/ask.js');

const ROOT = path.join(__dirname, '..', '..');
const run = (source) => execFileSync(process.execPath, ['--input-type=module', '-e', source], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe', timeout: 30_000 });

const running = [];
async function start(options) {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}
afterEach(() => Promise.all(running.splice(0).map((emulator) => emulator.close())));

describe('the entry', () => {
  test('is loaded by import, serves the package’s client with its own key, and lets the process end without close()', () => {
    const printed = run(`
      import { OpenRouterClient } from 'openrouter-native';
      import { startEmulator } from 'openrouter-native/emulator';
      const emulator = await startEmulator({ scenarios: { 'openai/gpt-5-mini': { text: 'Hello' } } });
      const client = new OpenRouterClient(emulator.apiKey, { baseURL: emulator.baseURL });
      const { choices } = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
      console.log(choices[0].message.content, new URL(emulator.url).hostname);`);
    expect(printed).toBe('Hello 127.0.0.1\n');
  });

  test('is not loaded by the package itself', () => {
    expect(run(`
      import { createRequire } from 'node:module';
      const require = createRequire(process.cwd() + '/x.js');
      require('openrouter-native');
      console.log(Object.keys(require.cache).filter((name) => /[\\\\/]emulator[\\\\/]/.test(name)).length, Object.keys(require.cache).length > 0);`)).toBe('0 true\n');
  });

  test('with unref: false the process stays alive until close()', () => {
    const printed = run(`
      import { startEmulator } from 'openrouter-native/emulator';
      import { setTimeout as later } from 'node:timers';
      const emulator = await startEmulator({ unref: false });
      later(() => { console.log('still alive'); emulator.close(); }, 50).unref();`);
    expect(printed).toBe('still alive\n');
  });

  test('a process stays alive while a request is answered, so that a test can await its end', () => {
    expect(run(`
      import net from 'node:net';
      import { startEmulator } from 'openrouter-native/emulator';
      const emulator = await startEmulator({ directives: { delay: 100 } });
      const socket = net.connect(emulator.port);
      socket.write('GET /api/v1/models HTTP/1.1\\r\\nHost: emulator\\r\\n\\r\\n');
      const request = await emulator.nextRequest();
      socket.unref();
      console.log((await request.closed).by, request.status);`)).toBe('server 200\n');
  });
});

test('fake timers of a test stop neither its delays nor its waits', async () => {
  jest.useFakeTimers();
  try {
    const emulator = await start({ directives: { delay: 2, firstDelay: 2, gap: 2, comments: 1, text: 'one two' } });
    const client = new OpenRouterClient(emulator.apiKey, { baseURL: emulator.baseURL });
    const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true });
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('one two');
    await emulator.nextRequest();
    await expect(emulator.nextRequest({ timeout: 5 })).rejects.toThrow('No such request within 5 ms');
  } finally {
    jest.useRealTimers();
  }
});

describe('close()', () => {
  test('ends open streams and waits for requests, can be called twice, and frees the port', async () => {
    const emulator = await start({ directives: { stall: 1 } });
    const response = await ask(emulator, { stream: true });
    const reading = response.text().catch((error) => error.message);
    const [request] = emulator.requests;
    const waiting = expect(Promise.all([emulator.waitForRequest(() => false)])).rejects.toThrow('The emulator was closed');
    await Promise.all([emulator.close(), emulator.close()]);
    expect([await reading, await request.closed, request.finished]).toEqual(['terminated', expect.objectContaining({ by: 'server' }), false]);
    await waiting;
    const next = net.createServer().listen(emulator.port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });

  test('is what `await using` calls', async () => {
    const emulator = await start();
    await emulator[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
    await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  });
});

describe('options', () => {
  test.each([
    [{ scenario: {} }, 'Unknown option of startEmulator: "scenario". Did you mean "scenarios"?'],
    [{ Credits: 5 }, 'Unknown option of startEmulator: "Credits". Did you mean "credits"?'],
    [{ apiKey: 'x' }, 'Unknown option of startEmulator: "apiKey". The accepted keys are the option "key".'],
    [{ delay: 5 }, 'Unknown option of startEmulator: "delay". It is a directive: write { directives: { delay: … } }.'],
    [{ errorAt: 5 }, 'Unknown option of startEmulator: "errorAt". It is a directive: write { directives: { errorAt: … } }.'],
    [{ something: 5 }, 'Unknown option of startEmulator: "something".'],
    [{ port: '80' }, 'The option "port" of startEmulator must be a port from 0 to 65535.'],
    [{ host: '0.0.0.0' }, 'The option "host" of startEmulator must be a loopback address: 127.0.0.1, ::1, localhost.'],
    [{ key: [] }, 'The option "key" of startEmulator must be a key, or a list of keys.'],
    [{ credits: NaN }, 'The option "credits" of startEmulator must be a number of US dollars.'],
    [{ models: [{ name: 'x' }] }, 'The option "models" of startEmulator must be a list of model ids, or of models with an id.'],
    [{ scenarios: [] }, 'The option "scenarios" of startEmulator must be an object with an answer for each model.'],
    [{ scenarios: { 'a/b': 5 } }, 'The scenario of a/b must be a text, an object of directives, or a function that returns one of them.'],
    [{ unref: 1 }, 'The option "unref" of startEmulator must be true or false.'],
    [[], 'The options of startEmulator must be an object.'],
  ])('%j is refused with a sentence that helps', async (options, message) => {
    await expect(startEmulator(options)).rejects.toThrow(new TypeError(message));
  });

  test.each([
    [{ scenarios: { 'a/b': { txt: 'x' } } }, /^Unknown emulator directive "txt"\. Did you mean "text"\? Known: status, /],
    [{ directives: { delayMs: 5 } }, /^Unknown emulator directive "delayMs"\. Times are in milliseconds: the directive is "delay"\./],
    [{ scenarios: { 'a/b': { body: {} } } }, /^Unknown emulator directive "body"\. The exact body of the response is the directive "raw"\./],
    [{ directives: { eol: 'tab' } }, /^Emulator directive "eol": "tab" is not one of lf, crlf, cr$/],
    [{ directives: { toolCalls: [{ arguments: {} }] } }, /^Emulator directive "toolCalls": .* is not a list of tool calls \{ name, arguments, id \}$/],
    [{ directives: { headers: { 'a b': 'c' } } }, /^Emulator directive "headers": "a b" is not the name of a header$/],
  ])('%j: a wrong directive fails when the emulator starts', async (options, message) => {
    await expect(startEmulator(options)).rejects.toThrow(message);
  });

  test('models takes the place of the built-in list; missing fields are made up, and the routers choose among them', async () => {
    const emulator = await start({ models: ['openai/gpt-4o', { id: 'my/model', name: 'Mine', pricing: { prompt: '0.000004' }, context_length: 5 }] });
    const client = new OpenRouterClient(emulator.apiKey, { baseURL: emulator.baseURL });
    const models = await client.getModels();
    expect(models.map(({ id }) => id)).toEqual(['openai/gpt-4o', 'my/model']);
    expect(models[1]).toMatchObject({ name: 'Mine', context_length: 5, pricing: { prompt: '0.000004', completion: '0.000002' }, architecture: { input_modalities: ['text', 'image'] } });
    expect((await answerTo(emulator, { model: 'my/model' })).usage.cost).toBeGreaterThan(0);
    expect((await answerTo(emulator, { model: 'openrouter/auto' })).model).toBe('openai/gpt-4o');
    expect((await ask(emulator, { model: 'openai/gpt-5-mini' })).status).toBe(400);
  });

  test('the same seed gives the same ids and texts, another one others', async () => {
    const answersWith = async (seed) => {
      const emulator = await start({ seed });
      const [one, two] = [await answerTo(emulator), await answerTo(emulator)];
      emulator.reset();
      expect((await answerTo(emulator)).id).toBe(one.id);
      return [one.id, two.id, one.choices[0].message.content];
    };
    const first = await answersWith(1);
    expect(new Set(first).size).toBe(3);
    expect(await answersWith(1)).toEqual(first);
    const others = await Promise.all([2, 3, 4, 5, 6].map(answersWith));
    expect(others.every(([id]) => id !== first[0])).toBe(true);
    expect(others.some(([, , text]) => text !== first[2])).toBe(true);
  });

  test('key names the accepted keys, and apiKey is one of them', async () => {
    const emulator = await start({ key: ['sk-one', 'sk-two'] });
    expect(emulator.apiKey).toBe('sk-one');
    expect(await Promise.all(['sk-one', 'sk-two', 'sk-or-other'].map(async (key) => (await ask(emulator, {}, { key })).status))).toEqual([200, 200, 401]);
    expect(await textOf(emulator, {}, { key: 'sk-two' })).toContain('bees');
  });
});
