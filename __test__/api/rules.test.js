'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');

// Which settings reach which endpoint: `docs/api.md` has the rule.

let emulator;
let clients = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const newClient = (options) => new OpenRouterClient(`sk-or-v1-limit-api-rules-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const MODEL = 'openai/gpt-5-mini';
const MESSAGES = [{ role: 'user', content: 'Hi' }];

const ENDPOINTS = [
  ['responses', { model: MODEL, input: 'Hi' }, 'merged'],
  ['messages', { model: MODEL, messages: MESSAGES, max_tokens: 50 }, 'merged'],
  ['embeddings', { model: 'x/y', input: 'Hi', encoding_format: 'float' }, 'merged'],
  ['rerank', { model: 'x/y', query: 'bee', documents: ['a bee'] }, 'merged'],
  ['decisions', { model: 'x/y', state: 'A bee', questions: { isBee: { type: 'boolean' } } }, 'merged'],
  ['speech', { model: 'x/y', input: 'Hi' }, 'merged'],
  ['transcription', { model: 'x/y', input_audio: { data: 'eA==', format: 'wav' } }, 'merged'],
  ['completions', { model: MODEL, prompt: 'Hi' }, 'refused'],
  ['images', { model: 'x/y', prompt: 'A bee' }, 'refused'],
  ['videos', { model: 'x/y', prompt: 'A bee' }, 'refused'],
];
const SETTINGS_OF_VIDEOS = { interval: 1 };
const call = (client, method, params, settings) => client[method](params, method === 'videos' ? { ...SETTINGS_OF_VIDEOS, ...settings } : settings);

describe.each(ENDPOINTS)('%s', (method, params, floor) => {
  test('gets the privacy settings of the client, or is refused', async () => {
    const sent = call(newClient({ zdr: true, dataCollection: 'deny' }), method, params);
    if (floor === 'refused') {
      expect(await failureOf(sent)).toMatchObject({ code: 'privacy_not_possible' });
      expect(emulator.requests).toHaveLength(0);
      return;
    }
    await sent;
    expect(emulator.requests[0].body).toEqual({ ...params, provider: { zdr: true, data_collection: 'deny' } });
  });

  test('gets the headers of the client and of the call, and none of the defaults of chats', async () => {
    const client = newClient({ headers: { 'x-own': 'client' }, modelOptions: { temperature: 0.5, provider: { sort: 'price' } }, autoRouter: true });
    await call(client, method, params, { headers: { 'x-call': 'call' } });
    const [{ body, headers }] = emulator.requests;
    expect(body).toEqual(params);
    expect(headers).toMatchObject({ 'x-own': 'client', 'x-call': 'call' });
  });

  test('refuses settings among its parameters, and the parameters of chats only', async () => {
    const client = newClient();
    const misplaced = { signal: AbortSignal.abort(), timeouts: { total: 1 }, maxRetries: 1, headers: {}, responseCache: true, maxCost: 1, reserve: 1, session: 's', extraBody: {}, autoRouter: true };
    for (const [name, value] of Object.entries(misplaced)) {
      const error = await failureOf(call(client, method, { ...params, [name]: value }));
      expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(new RegExp(`^${name} is no parameter of ${method}`)) });
    }
    expect(emulator.requests).toHaveLength(0);
  });

  test('fails as the emulator is asked to: an error, a rate limit, a cut answer, a slow one, and by a function', async () => {
    const client = newClient();
    const ask = (emulate, settings) => call(client, method, { ...params, emulator: emulate }, settings);
    const read = async (answer) => (answer instanceof Response ? answer.arrayBuffer() : answer);
    expect(await failureOf(ask({ status: 502 }))).toMatchObject({ status: 502 });
    expect(await failureOf(ask({ status: 429, retryAfter: '1' }))).toMatchObject({ code: 'rate_limited', retryAfter: 1000 });
    // The body of a Response fails in the words of `fetch`.
    const cut = await failureOf(ask({ cut: 1 }).then(read));
    expect(cut.cause?.code ?? cut.code).toMatch(/ECONNRESET|connection_reset|malformed_response/);
    expect(await failureOf(ask({ delay: 60_000 }, { timeouts: { headers: 20 } }))).toMatchObject({ code: 'timeout' });
    emulator.respond(({ method: verb }) => (verb === 'POST' ? { status: 503 } : undefined));
    expect(await failureOf(ask({}))).toMatchObject({ status: 503 });
  });
});

test('a scenario of a model holds for responses, messages and completions, also where the next model answers', async () => {
  const server = await startEmulator({ scenarios: { 'test/broken': { status: 503 }, 'test/whole': 'I am whole.' } });
  try {
    const client = new OpenRouterClient('sk-or-v1-limit-api-scenario', { baseURL: server.baseURL, maxRetries: 0 });
    const models = ['test/whole'];
    const answers = await Promise.all([
      client.responses({ model: 'test/broken', models, input: 'Hi' }).then((answer) => answer.output_text),
      client.messages({ model: 'test/broken', models, messages: MESSAGES, max_tokens: 50 }).then(({ content }) => content[0].text),
      client.completions({ model: 'test/broken', models, prompt: 'Hi' }).then(({ choices }) => choices[0].text),
    ]);
    expect(answers).toEqual(['I am whole.', 'I am whole.', 'I am whole.']);
  } finally {
    await server.close();
  }
});
