'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

const openrouter = require('../..');
const { startEmulator } = require('../../emulator');
const { ROOT, runNode, runScript } = require('../support/process.js');
const { AT_ONCE_MS } = require('../support/limits');

const { OpenRouterClient, OpenRouterError } = openrouter;
const NAMES = [
  'Budget', 'ChatCompletionStream', 'OpenRouterClient', 'OpenRouterError', 'authorizationUrl', 'clearCache', 'createFetch', 'creditLevel',
  'defineTool', 'exchangeCode', 'explainPrivacy', 'getStats', 'login', 'modelInfo',
];
const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }] };

let emulator;
let env;
beforeAll(async () => {
  // The server keeps idle connections open for longer than any test. A process that ends in time has not waited for them.
  emulator = await startEmulator({ keepAliveTimeout: 120_000 });
  env = { OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-limit-process' };
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** The result of a process that ended by itself, without an error. */
const ENDED = { code: 0, signal: null, stderr: '' };

describe('require and new clients start nothing', () => {
  const threads = "require('node:fs').readdirSync('/proc/self/task').length";
  const onLinux = process.platform === 'linux' ? test : test.skip;

  test('require opens no handle and prints nothing, and the process ends', async () => {
    const { stdout, ...ended } = await runNode(['-e', `
      const before = process.getActiveResourcesInfo();
      require(${JSON.stringify(ROOT)});
      const after = process.getActiveResourcesInfo();
      if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error(after.join());`], { env });
    expect(ended).toMatchObject(ENDED);
    expect(stdout).toBe('');
    expect(ended.idleMs).toBeLessThan(AT_ONCE_MS);
  });

  onLinux('require and new clients start no thread; the first call starts one', async () => {
    const { stdout, ...ended } = await runNode(['-e', `
      const before = ${threads};
      const { OpenRouterClient } = require(${JSON.stringify(ROOT)});
      const required = ${threads};
      const clients = Array.from({ length: 100 }, () => new OpenRouterClient());
      const made = ${threads};
      clients[0].getModels().then(() => console.log(JSON.stringify([required - before, made - before, ${threads} > before])));`], { env });
    expect(ended).toMatchObject(ENDED);
    expect(JSON.parse(stdout)).toEqual([0, 0, true]);
  });

  test('a new client opens no handle and no connection, and prints nothing', async () => {
    const before = emulator.connections;
    const { stdout, ...ended } = await runScript(`
      // Keep the clients: when one is collected, Node itself queues an Immediate to finalize it.
      globalThis.kept = Array.from({ length: 100 }, () => new OpenRouterClient());
      if (process.getActiveResourcesInfo().length > 0) throw new Error(process.getActiveResourcesInfo().join());`, { env });
    expect(ended).toMatchObject(ENDED);
    expect(stdout).toBe('');
    expect(emulator.connections).toBe(before);
  });
});

describe('an idle process ends by itself', () => {
  const idle = {
    'after a chat': "await new OpenRouterClient().chatCompletion(body());",
    'after a stream': "for await (const chunk of await new OpenRouterClient().chatCompletion(stream())) void chunk;",
    'after a stream whose server stays connected': "for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ hold: true }))) void chunk;",
    'after a break': "for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ stall: 1 }))) break;",
    'after stream.abort()': "const open = await new OpenRouterClient().chatCompletion(stream({ stall: 1 })); open.abort(); await open.finalCompletion().catch(() => {});",
    'after the abort of its signal': `
      const controller = new AbortController();
      const open = await new OpenRouterClient().chatCompletion({ ...stream({ stall: 1 }), signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await open.finalCompletion().catch(() => {});`,
    'after an abort before the response': "await new OpenRouterClient().chatCompletion({ ...body({ delay: 60000 }), signal: AbortSignal.timeout(50) }).catch(() => {});",
    'with an unread open stream': "globalThis.open = await new OpenRouterClient().chatCompletion(stream({ stall: 1 }));",
    'with an open stream that is no longer read': `
      globalThis.reading = (await new OpenRouterClient().chatCompletion(stream({ stall: 3 })))[Symbol.asyncIterator]();
      await reading.next();`,
    'after a failure': "await new OpenRouterClient({ maxRetries: 0 }).chatCompletion(body({ status: 500 })).catch(() => {});",
    'after models from the cache': "const client = new OpenRouterClient(); await client.getModels(); await client.getModels();",
    'after credits': "await new OpenRouterClient().getCredits();",
    'after calls of a logger': "const quiet = () => {}; await new OpenRouterClient({ logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } }).getModels();",
  };

  test.each(Object.entries(idle))('%s', async (name, script) => {
    const { stdout, ...ended } = await runScript(`${script}\nconsole.log('idle');`, { env });
    expect(ended).toMatchObject(ENDED);
    expect(stdout).toBe('idle\n');
    expect(ended.idleMs).toBeLessThan(AT_ONCE_MS);
  });

  test('an unread stream is closed by the end of its process', async () => {
    await runScript('await new OpenRouterClient().chatCompletion(stream({ stall: 1 }));', { env });
    const [record] = emulator.requests;
    expect((await record.closed).by).toBe('client');
  });
});

describe('pending work keeps the process alive', () => {
  const awaited = {
    'a chat': "new OpenRouterClient().chatCompletion(body({ delay: 300 })).then(() => console.log('done'));",
    'a stream before its first chunk': "new OpenRouterClient().chatCompletion(stream({ 'first-delay': 300 })).then(() => console.log('done'));",
    'the next chunk': "(async () => { for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ gap: 60, chunks: 6 }))) void chunk; console.log('done'); })();",
    'a final completion': "new OpenRouterClient().chatCompletion(stream({ gap: 60, chunks: 6 })).then((open) => open.finalCompletion()).then(() => console.log('done'));",
    'a stream with onProgress': "new OpenRouterClient().chatCompletion(stream({ gap: 60, chunks: 6 }, { onProgress() {} })).then((open) => open.on('end', () => console.log('done')));",
    'models': "new OpenRouterClient({ headers: { 'X-Emulator': 'delay=300' } }).getModels().then(() => console.log('done'));",
    'one of two requests, when the other has ended': "const client = new OpenRouterClient(); client.chatCompletion(body()); client.chatCompletion(body({ delay: 300 })).then(() => console.log('done'));",
    'one of two requests, when the other was aborted': `
      const client = new OpenRouterClient();
      client.chatCompletion({ ...body({ delay: 60000 }), signal: AbortSignal.timeout(50) }).catch(() => {});
      client.chatCompletion(body({ delay: 300 })).then(() => console.log('done'));`,
  };

  test.each(Object.entries(awaited))('%s', async (name, script) => {
    const { stdout, ...ended } = await runScript(script, { env });
    expect(ended).toMatchObject(ENDED);
    expect(stdout).toBe('done\n');
  });
});

describe('process.exit()', () => {
  test.each([
    ['in mid-stream', "let chunks = 0; for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ gap: 5, chunks: 200 }))) if ((chunks += 1) === 3) process.exit(0);"],
    ['while a chunk is awaited', "setTimeout(() => process.exit(0), 100); for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ stall: 1 }))) void chunk;"],
    ['with twenty open streams', `
      const open = await Promise.all(Array.from({ length: 20 }, () => new OpenRouterClient().chatCompletion(stream({ gap: 1, chunks: 5000 }))));
      open.forEach((one) => one.on('content', () => {}));
      setTimeout(() => process.exit(0), 100);`],
    ['before the response', "new OpenRouterClient().chatCompletion(body({ delay: 60000 })); setTimeout(() => process.exit(0), 50);"],
  ])('%s ends the process cleanly', async (name, script) => {
    const { stdout, ...ended } = await runScript(script, { env });
    expect(ended).toMatchObject(ENDED);
    const closes = await Promise.all(emulator.requests.map((record) => record.closed));
    expect(closes.map(({ by }) => by)).not.toContain('server');
  });
});

describe('connections are shared in the process', () => {
  test.each([
    ['chats', 'await new OpenRouterClient().chatCompletion(body());'],
    ['streams', 'for await (const chunk of await new OpenRouterClient().chatCompletion(stream())) void chunk;'],
  ])('20 %s, one after the other, by 20 new clients use at most 2', async (what, script) => {
    const before = emulator.connections;
    const ended = await runScript(`for (let at = 0; at < 20; at += 1) {\n${script}\n}`, { env });
    expect(ended).toMatchObject(ENDED);
    expect(emulator.requests).toHaveLength(20);
    expect(emulator.connections - before).toBeLessThanOrEqual(2);
  });
});

describe('loading', () => {
  test('import { … } gives every name, and the same ones as require', async () => {
    const { stdout, ...ended } = await runNode([path.join(__dirname, '..', 'support', 'esm-user.mjs')], { env });
    expect(ended).toMatchObject(ENDED);
    expect(JSON.parse(stdout)).toEqual({
      names: NAMES, isStream: true, hasText: true, isSame: true, level: 'green', context: 400000, refusal: 'invalid_request', active: 0, fetch: 'function',
    });
    expect(Object.keys(openrouter).sort()).toEqual(NAMES);
  });

  test.each([
    ['express', ['openrouterRouter']],
    ['langchain', ['ChatOpenRouter']],
    ['librechat', ['configureAgents', 'createOpenRouterClient', 'createOpenRouterService', 'createUsageRecorder']],
  ])('openrouter-native/%s gives the same names to require and to import', async (entry, names) => {
    const { stdout, ...ended } = await runNode([path.join(__dirname, '..', 'support', 'names-of.mjs'), `openrouter-native/${entry}`]);
    expect(ended).toMatchObject(ENDED);
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(names));
    expect(Object.keys(require(`openrouter-native/${entry}`)).sort()).toEqual(names);
  });

  test('every file that package.json names exists', () => {
    const { exports, main, types } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const filesOf = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(filesOf));
    for (const file of [main, types, ...filesOf(exports)]) expect(() => readFileSync(path.join(ROOT, file))).not.toThrow();
    expect(require('openrouter-native/package.json').name).toBe('openrouter-native');
  });
});

describe('worker threads', () => {
  test('200 workers stream and half are terminated at any moment: the others and the main thread go on', async () => {
    const { stdout, ...ended } = await runNode([path.join(__dirname, '..', 'support', 'worker-streams.js'), '200'], { env, deadlineMs: 120_000 });
    expect(ended).toMatchObject(ENDED);
    // A worker that is terminated before it runs has exit code 0.
    const { ended: [count, exits], ...rest } = JSON.parse(stdout);
    expect(count).toBe(100);
    expect([0, 1]).toEqual(expect.arrayContaining(exits));
    expect(rest).toEqual({ whole: [100, ['0: 60']], answer: 'chat.completion', activeStreams: 0 });
    const stalled = emulator.requests.filter(({ body }) => body.emulator.stall);
    expect(stalled.length).toBeGreaterThanOrEqual(75);
    for (const record of stalled) expect((await record.closed).by).toBe('client');
  }, 150_000);

  test('the request of a terminated worker closes at once, not at the end of the process', async () => {
    const { stdout, ...ended } = await runScript(`
      const { Worker } = require('node:worker_threads');
      const worker = new Worker(\`
        const { OpenRouterClient } = require('openrouter-native');
        const { parentPort, workerData } = require('node:worker_threads');
        new OpenRouterClient().chatCompletion(workerData).then(async (stream) => {
          for await (const chunk of stream) parentPort.postMessage('reading');
        });\`, { eval: true, workerData: stream({ stall: 2 }) });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
      for await (const chunk of await new OpenRouterClient().chatCompletion(stream({ gap: 20, chunks: 100 }))) void chunk;`, { env });
    expect(ended).toMatchObject(ENDED);
    const [first, second] = emulator.requests;
    expect((await first.closed).by).toBe('client');
    expect((await second.closed).by).toBe('server');
    expect(first.closedAt).toBeLessThan(second.closedAt);
  });
});

describe("in Jest's own realm", () => {
  const clientOf = (key, from = OpenRouterClient) => new from(`sk-or-v1-limit-realm-${key}`, { baseURL: emulator.baseURL, maxRetries: 0 });

  test('results are arrays and objects of that realm', async () => {
    const [models, credits, completion] = await Promise.all([clientOf('a').getModels(), clientOf('b').getCredits(), clientOf('c').chatCompletion(request)]);
    expect(models).toBeInstanceOf(Array);
    expect(models[0].supported_parameters).toBeInstanceOf(Array);
    expect(completion.choices).toBeInstanceOf(Array);
    expect(completion).toBeInstanceOf(Object);
    expect(credits).toBeInstanceOf(Object);
    for await (const chunk of await clientOf('d').chatCompletion({ ...request, stream: true })) expect(chunk.choices).toBeInstanceOf(Array);
  });

  test('errors are errors of that realm', async () => {
    const error = await clientOf('e').chatCompletion({ ...request, emulator: { status: 500 } }).catch((reason) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(() => new OpenRouterClient('')).toThrow(OpenRouterError);
  });

  test('two copies of the package work side by side in one thread, and share caches and counters', async () => {
    let other;
    jest.isolateModules(() => { other = require('../..'); });
    expect(other.OpenRouterClient).not.toBe(OpenRouterClient);
    const clients = [clientOf('copy'), clientOf('copy', other.OpenRouterClient)];
    const [one] = await Promise.all(clients.map((client) => client.getModels()));
    expect(await clients[1].getModels()).toEqual(one);
    expect(emulator.requests).toHaveLength(1);
    const error = await clients[1].chatCompletion({ ...request, emulator: { status: 500 } }).catch((reason) => reason);
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toBeInstanceOf(other.OpenRouterError);
    expect(other.getStats()).toEqual(openrouter.getStats());
  });
});
