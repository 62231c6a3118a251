'use strict';

const { createReadStream, mkdtempSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

const MODEL = 'openai/gpt-5-mini';

let emulator;
let clients = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const newClient = (options) => new OpenRouterClient(`sk-or-v1-limit-api-endpoints-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const newManager = () => new OpenRouterClient(`sk-or-v1-management-api-endpoints-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0 });
const pathsOf = (requests) => requests.map(({ method, path: asked }) => `${method} ${asked.replace('/api/v1', '')}`);

describe('embeddings', () => {
  test('are Float32Arrays, asked for as base64', async () => {
    const answer = await newClient().embeddings({ model: 'x/y', input: ['one', 'two'], dimensions: 3 });
    expect(emulator.requests[0].body).toEqual({ model: 'x/y', input: ['one', 'two'], dimensions: 3, encoding_format: 'base64' });
    expect(answer.data.map(({ index, embedding }) => [index, embedding.constructor.name, embedding.length])).toEqual([[0, 'Float32Array', 3], [1, 'Float32Array', 3]]);
    expect(answer).toMatchObject({ object: 'list', model: 'x/y', usage: { cost: expect.any(Number) } });
  });

  test('are the same numbers as the API sends as decimals, and what the API sends where a format was chosen', async () => {
    const client = newClient();
    const [native, decimal, base64] = await Promise.all([
      client.embeddings({ model: 'x/y', input: 'one' }),
      client.embeddings({ model: 'x/y', input: 'one', encoding_format: 'float' }),
      client.embeddings({ model: 'x/y', input: 'one', encoding_format: 'base64' }),
    ]);
    const [vector] = native.data;
    expect([...vector.embedding]).toEqual(decimal.data[0].embedding);
    expect(Buffer.from(vector.embedding.buffer, vector.embedding.byteOffset, vector.embedding.byteLength).toString('base64')).toBe(base64.data[0].embedding);
  });

  test('of more inputs than a request takes are sent in batches, and joined in order', async () => {
    const client = newClient();
    const input = Array.from({ length: 4500 }, (_, at) => `text ${at}`);
    const { data: answer, response } = await client.embeddings({ model: 'x/y', input, dimensions: 1 }).withResponse();
    expect(emulator.requests.map(({ body }) => body.input.length).sort((a, b) => b - a)).toEqual([2048, 2048, 404]);
    expect(answer.data.map(({ index }) => index)).toEqual(input.map((_, at) => at));
    const [last] = (await client.embeddings({ model: 'x/y', input: 'text 4499', dimensions: 1 })).data;
    expect(answer.data[4499].embedding).toEqual(last.embedding);
    const costs = emulator.requests.slice(0, 3).map(({ body }) => body.input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0));
    expect(answer.usage.prompt_tokens).toBe(costs.reduce((one, two) => one + two));
    expect(response.status).toBe(200);
  });

  test('a batch that fails ends the others, and the error has the embeddings that had arrived', async () => {
    const client = newClient();
    const input = Array.from({ length: 100 }, (_, at) => `text ${at}`);
    let [refuse, isFirstArrived] = [null, false];
    const server = await startRecordingServer(({ body }, response) => {
      const given = JSON.parse(body).input;
      response.setHeader('Content-Type', 'application/json');
      if (given[0] === 'text 0') response.end(JSON.stringify({ object: 'list', model: 'm', data: given.map((_, index) => ({ index, embedding: 'AACAPw==' })) }));
      if (given[0] === 'text 20') refuse = () => { response.statusCode = 400; response.end('{"error":{"code":400,"message":"too long"}}'); };
      // The fifth batch is sent when the first one has arrived.
      if (given[0] === 'text 40') isFirstArrived = true;
      if (isFirstArrived) refuse?.();
    });
    try {
      const own = new OpenRouterClient('sk-or-v1-batches', { baseURL: `${server.url}/api/v1`, maxRetries: 0 });
      const error = await failureOf(own.embeddings({ model: 'm', input }, { batchSize: 10 }));
      expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
      expect(error.partial.data.map(({ index, embedding }) => [index, embedding[0]])).toEqual(input.slice(0, 10).map((_, at) => [at, 1]));
      expect(server.requests.length).toBeLessThanOrEqual(5);
      await Promise.all(server.requests.map(({ closed }) => closed));
    } finally {
      await server.close();
    }
    expect(await failureOf(client.embeddings({ model: 'm', input }, { batchSize: 0 }))).toMatchObject({ code: 'invalid_option' });
    expect(await failureOf(client.embeddings({ model: 'm', input }, { batchSize: 10, signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
  });

  test('that cannot be read are an error', async () => {
    const raw = JSON.stringify({ data: [{ embedding: '!' }] });
    expect(await failureOf(newClient().embeddings({ model: 'x/y', input: 'a', emulator: { raw } }))).toMatchObject({ code: 'malformed_response' });
  });
});

describe('media', () => {
  test('speech is read as it arrives, and an error of it is one of this package', async () => {
    const client = newClient();
    const params = { model: 'x/y', input: 'Hello', voice: 'alloy' };
    const response = await client.speech(params);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const pieces = [];
    for await (const piece of response.body) pieces.push(piece);
    expect(Buffer.concat(pieces).length).toBe(2048);
    expect(await failureOf(client.speech({ ...params, emulator: { status: 503 } }))).toMatchObject({ code: 'service_unavailable' });
    const cut = await client.speech({ ...params, emulator: { cut: 2, 'cut-how': 'reset' } });
    expect(await failureOf(cut.arrayBuffer())).toMatchObject({ code: 'connection_reset' });
  });

  test('speech has no cost in its answer, so the next balance comes from the API', async () => {
    const client = newClient();
    const { balance } = await client.getCredits();
    await (await client.speech({ model: 'x/y', input: 'Hello' })).arrayBuffer();
    expect((await client.getCredits()).balance).toBeCloseTo(balance - 0.006, 12);
  });

  test.each([
    ['bytes', () => ({ file: Buffer.from('sound'), format: 'wav' }), 'wav'],
    ['a File, whose name tells the format', () => ({ file: new File(['sound'], 'talk.MP3') }), 'mp3'],
    ['a Blob, whose type tells the format', () => ({ file: new Blob(['sound'], { type: 'audio/mpeg' }) }), 'mp3'],
    ['a stream of a file', () => {
      const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'sound-')), 'talk.flac');
      writeFileSync(file, 'sound');
      return { file: createReadStream(file) };
    }, 'flac'],
    ['input_audio as the API takes it', () => ({ input_audio: { data: Buffer.from('sound').toString('base64'), format: 'wav' } }), 'wav'],
  ])('transcription takes %s', async (_, params, format) => {
    const answer = await newClient().transcription({ model: 'x/y', ...params() }, { zdr: true });
    expect(emulator.requests[0].body).toEqual({ model: 'x/y', input_audio: { data: Buffer.from('sound').toString('base64'), format }, provider: { zdr: true } });
    expect(answer.text).toContain(`5 bytes of ${format}`);
  });

  test('transcription refuses a file that is none, and one whose format nobody knows', async () => {
    const client = newClient();
    expect(await failureOf(client.transcription({ model: 'x/y', file: 'talk.mp3' }))).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('createReadStream') });
    expect(await failureOf(client.transcription({ model: 'x/y', file: Buffer.from('x') }))).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('format') });
    expect(emulator.requests).toHaveLength(0);
  });

  test('images are base64, and their cost is subtracted', async () => {
    const client = newClient();
    const { balance } = await client.getCredits();
    const { data, usage } = await client.images({ model: 'x/y', prompt: 'A bee', n: 2 });
    expect(Buffer.from(data[1].b64_json, 'base64').subarray(1, 4).toString()).toBe('PNG');
    expect((await client.getCredits()).balance).toBeCloseTo(balance - usage.cost, 12);
  });

  test('videos wait until the job is over, and tell how it is going', async () => {
    const client = newClient();
    const states = [];
    const job = await client.videos({ model: 'x/y', prompt: 'A bee' }, { interval: 1, onProgress: ({ status }) => states.push(status) });
    expect(states).toEqual(['pending', 'in_progress', 'completed']);
    expect(job).toMatchObject({ status: 'completed', usage: { cost: 0.5 } });
    expect(await client.getVideo(job.id)).toMatchObject({ id: job.id, status: 'completed' });
    expect((await (await client.getVideoContent(job.id, { index: 0 })).arrayBuffer()).byteLength).toBe(512);
    expect(emulator.requests.at(-1).query).toEqual({ index: '0' });
  });

  test('videos reject for a job that fails, and an abort ends the wait', async () => {
    const client = newClient();
    const failed = await failureOf(client.videos({ model: 'x/y', prompt: 'A bee', emulator: { 'error-in-200': 'top' } }, { interval: 1 }));
    expect(failed).toMatchObject({ message: expect.stringContaining('The provider failed') });
    const controller = new AbortController();
    const waiting = failureOf(client.videos({ model: 'x/y', prompt: 'A bee' }, { interval: 1_000_000, signal: controller.signal, onProgress: () => controller.abort() }));
    expect(await waiting).toMatchObject({ code: 'aborted' });
    for (const interval of [0, NaN, '1']) expect(await failureOf(client.videos({ model: 'x/y', prompt: 'A bee' }, { interval }))).toMatchObject({ code: 'invalid_option' });
  });

  test('videos stop waiting after maxTime, and every failure of the wait has the job', async () => {
    const client = newClient();
    const make = (emulate, settings) => failureOf(client.videos({ model: 'x/y', prompt: 'A bee', emulator: emulate }, { interval: 1, ...settings }));
    const error = await make({ pending: 1e6 }, { maxTime: 20 });
    expect(error).toMatchObject({ code: 'timeout', partial: { id: expect.any(String) } });
    expect(error.message).toContain(`getVideo('${error.partial.id}')`);
    expect(await client.getVideo(error.partial.id)).toMatchObject({ status: 'in_progress' });
    const controller = new AbortController();
    const aborted = await make({ pending: 1e6 }, { signal: controller.signal, onProgress: ({ status }) => status === 'in_progress' && controller.abort() });
    expect(aborted).toMatchObject({ code: 'aborted', partial: { id: expect.any(String) } });
    expect(await make({}, { maxTime: 0 })).toMatchObject({ code: 'invalid_option' });
  });

  test('rerank returns the documents by relevance, and has no stream', async () => {
    const client = newClient();
    const { results } = await client.rerank({ model: 'x/y', query: 'bee honey', documents: ['a wasp', 'honey of a bee', 'a bee'], top_n: 2 });
    expect(results.map(({ index }) => index)).toEqual([1, 2]);
    expect(await failureOf(client.rerank({ model: 'x/y', query: 'bee', documents: ['a'], stream: true }))).toMatchObject({ code: 'invalid_request' });
  });
});

describe('the catalog', () => {
  test.each([
    ['getModel', [MODEL], `/model/${MODEL}`, ({ id }) => id === MODEL],
    ['getModel', ['openai/gpt-5-mini:nitro'], '/model/openai/gpt-5-mini%3Anitro', ({ id }) => id === MODEL],
    ['getZdrEndpoints', [], '/endpoints/zdr', (endpoints) => endpoints.length > 0],
    ['getProviders', [], '/providers', (providers) => providers.some(({ slug }) => slug === 'openai')],
    ['getUserModels', [], '/models/user', (models) => models.length > 0],
    ['getKey', [], '/key', ({ limit }) => limit === 10],
  ])('%s(%j) reads GET %s', async (name, given, asked, isRight) => {
    const client = newClient();
    const { data, response } = await client[name](...given).withResponse();
    expect(isRight(data)).toBe(true);
    expect(response.status).toBe(200);
    expect(pathsOf(emulator.requests)).toEqual([`GET ${asked}`]);
  });

  describe('getEndpoints', () => {
    test('gives price, latency, uptime and zero retention, and keeps the answer', async () => {
      const client = newClient();
      const { data, response } = await client.getEndpoints(MODEL).withResponse();
      expect(response.status).toBe(200);
      expect(data.endpoints[0]).toMatchObject({ tag: 'openai', pricing: { prompt: expect.any(String) }, latency_last_30m: { p50: 420 }, uptime_last_1d: 99.8 });
      const zdr = new Set((await client.getZdrEndpoints()).filter(({ model_id: id }) => id === MODEL).map(({ tag }) => tag));
      expect(zdr.size).toBeGreaterThan(0);
      expect(data.endpoints.map((one) => one.zdr)).toEqual(data.endpoints.map(({ tag }) => zdr.has(tag)));
      const asked = emulator.requests.length;
      data.endpoints.length = 0;
      const again = await client.getEndpoints(MODEL).withResponse();
      expect(again.data.endpoints.length).toBeGreaterThan(0);
      expect(again.response).toBeNull();
      expect(emulator.requests).toHaveLength(asked);
      await client.getEndpoints(MODEL, { force: true });
      expect(pathsOf(emulator.requests.slice(asked))).toEqual([`GET /models/${MODEL}/endpoints`]);
    });

    test('keeps nothing of a failure, and does without the list of zero retention', async () => {
      let isBroken = true;
      const server = await startRecordingServer(({ path: asked }, answer) => {
        answer.setHeader('Content-Type', 'application/json');
        answer.statusCode = isBroken || asked.endsWith('/zdr') ? 400 : 200;
        answer.end(answer.statusCode === 400 ? '{"error":{"code":400,"message":"No"}}' : '{"data":{"id":"a/b","endpoints":[{"tag":"x","model_id":"a/b"}]}}');
      });
      try {
        const client = newClient({ baseURL: `${server.url}/api/v1` });
        expect(await failureOf(client.getEndpoints('a/b'))).toMatchObject({ code: 'invalid_request' });
        isBroken = false;
        expect((await client.getEndpoints('a/b')).endpoints).toEqual([{ tag: 'x', model_id: 'a/b', zdr: null }]);
      } finally {
        await server.close();
      }
    });
  });

  test('getModels with filters asks the API for the models that match, and leaves the cached list alone', async () => {
    const client = newClient();
    const all = await client.getModels();
    const found = await client.getModels(false, { filters: { q: 'claude', supported_parameters: ['tools', 'reasoning'], zdr: true, sort: 'newest' } });
    expect(emulator.requests.at(-1).query).toEqual({ q: 'claude', supported_parameters: 'tools,reasoning', zdr: 'true', sort: 'newest' });
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(all.length);
    expect(found.every(({ id }) => id.includes('claude'))).toBe(true);
    expect(await client.getModels()).toHaveLength(all.length);
    expect(emulator.requests).toHaveLength(2);
    expect(await failureOf(client.getModels(false, { filters: { q: {} } }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('query.q') });
  });

  test('ids that are none are refused before anything is sent', async () => {
    const client = newClient();
    for (const id of [undefined, '', 'gpt-5', 'a/b/c', '../x', 5]) {
      expect(await failureOf(client.getModel(id))).toMatchObject({ code: 'invalid_request' });
      expect(await failureOf(client.getEndpoints(id))).toMatchObject({ code: 'invalid_request' });
    }
    for (const id of [undefined, '', 5]) expect(await failureOf(client.getVideo(id))).toMatchObject({ code: 'invalid_request' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('the content of a generation is read by its id', async () => {
    const client = newClient();
    const { id } = await client.responses({ model: MODEL, input: 'Hi' });
    expect(await client.getGenerationContent(id)).toMatchObject({ output: { completion: expect.any(String) } });
    expect(await failureOf(client.getGenerationContent('gen-none'))).toMatchObject({ code: 'not_found' });
  });
});

describe('what a management key manages', () => {
  test('keys are made, listed, read, changed and deleted; the new key comes as it is', async () => {
    const { keys } = newManager();
    const { key, data } = await keys.create({ name: 'For tests', limit: 5 });
    expect(key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    expect(data.label).toMatch(/^sk-or-v1-/);
    expect((await keys.list({ offset: 0 })).data.map(({ hash }) => hash)).toContain(data.hash);
    expect((await keys.update(data.hash, { disabled: true })).data).toMatchObject({ name: 'For tests', disabled: true });
    expect((await keys.get(data.hash)).data).toMatchObject({ disabled: true, limit: 5 });
    expect(await keys.delete(data.hash)).toEqual({ deleted: true });
    expect(await failureOf(keys.get(data.hash))).toMatchObject({ code: 'not_found' });
  });

  test.each(['guardrails', 'workspaces'])('%s are managed alike', async (kind) => {
    const client = newManager();
    const { data } = await client[kind].create({ name: 'One', slug: 'one' });
    await client[kind].update(data.id, { name: 'Two' });
    expect((await client[kind].get(data.id)).data.name).toBe('Two');
    expect((await client[kind].delete(data.id)).deleted).toBe(true);
    expect(client[kind]).toBe(client[kind]);
  });

  test('presets are read, and an id cannot leave its folder', async () => {
    const client = newManager();
    emulator.managed.add('presets', 'my/preset', { slug: 'my/preset' });
    expect((await client.presets.get('my/preset')).data).toEqual({ slug: 'my/preset' });
    expect((await client.presets.list()).data).toHaveLength(1);
    expect(await failureOf(client.keys.get('..'))).toMatchObject({ code: 'invalid_request' });
    expect(await failureOf(client.keys.get(''))).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('keys.get') });
    expect(await failureOf(client.keys.create('x'))).toMatchObject({ code: 'invalid_request' });
  });

  test('other keys are refused by the API', async () => {
    expect(await failureOf(newClient().keys.list())).toMatchObject({ code: 'forbidden' });
    expect(await failureOf(newClient().getActivity())).toMatchObject({ code: 'forbidden' });
    expect(await newManager().getActivity({ date: '2026-11-30' })).toHaveLength(1);
  });
});

test.each([
  ['responses', [null]], ['messages', ['hi']], ['completions', [[]]], ['embeddings', [undefined]], ['rerank', [1]], ['images', []], ['speech', []],
])('client.%s rejects what is no object of parameters, with a stack that begins at the caller', async (name, given) => {
  const error = await failureOf(newClient()[name](...given));
  expect(error.code).toBe('invalid_request');
  expect(error.stack.split('\n')[1]).toContain('endpoints.test.js');
  expect(emulator.requests).toHaveLength(0);
});

test.each(['responses', 'embeddings', 'speech', 'videos', 'getKey', 'getModel'])('client.%s refuses an unknown setting', async (name) => {
  const given = name === 'getKey' ? [] : name === 'getModel' ? [MODEL] : [{ model: 'x/y', input: 'x', prompt: 'x' }];
  const error = await failureOf(newClient()[name](...given, { timeout: 5 }));
  expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('timeout') });
  expect(emulator.requests).toHaveLength(0);
});
