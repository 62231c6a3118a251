'use strict';

const { FIN, HOLD, RST, answer, startByteServer } = require('../support/servers/byte-server');
const { completionOf, saying, streamOf } = require('../support/servers/answering-model');
const { SSE_HEAD, newClient } = require('../support/streaming');
const { until } = require('../support/until');

const PROVIDERS = { data: [{ name: 'OpenAI', slug: 'openai' }, { name: 'Amazon Bedrock', slug: 'amazon-bedrock' }, { name: 'Google', slug: 'google-vertex' }] };
const CHAT = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };

let server;
/** The provider that answers, or the steps of another answer. */
let next;
/** The steps of the answer that lists the providers. */
let providers;
let ids = 0;
let session;
beforeEach(async () => {
  ids += 1;
  session = `conversation-${ids}`;
  next = 'Amazon Bedrock';
  providers = [answer(200, JSON.stringify(PROVIDERS)), FIN];
  server = await startByteServer((request) => {
    if (request.lines[0].includes('/providers')) return providers;
    if (typeof next !== 'string') return next;
    if (request.json.stream === true) return [SSE_HEAD, streamOf({ message: saying('Hi') }).replaceAll('"Emulated"', JSON.stringify(next)), FIN];
    return [answer(200, JSON.stringify(completionOf({ message: saying('Hi'), provider: next }))), FIN];
  });
});
afterEach(() => server.close());

const chats = () => server.requests.filter(({ lines }) => lines[0].startsWith('POST')).map(({ json }) => json);
async function sent(client, params) {
  const result = await client.chatCompletion({ ...CHAT, session, ...params });
  await result.finalCompletion?.();
  return chats().at(-1);
}

describe('a session', () => {
  test.each([[false], [true]])('sends its id, and then the provider that has answered first (stream: %s)', async (stream) => {
    const client = newClient(server);
    expect(await sent(client, { stream })).toEqual({ ...CHAT, stream, session_id: session });
    expect(await sent(client, { stream })).toEqual({ ...CHAT, stream, session_id: session, provider: { order: ['amazon-bedrock'] } });
    // Another provider has answered: its cache is the warm one now.
    next = 'Google';
    await sent(client, { stream });
    expect((await sent(client, { stream })).provider).toEqual({ order: ['google-vertex'] });
    expect(server.requests.filter(({ lines }) => lines[0].includes('/providers'))).toHaveLength(1);
  });

  test('belongs to the process, to an account and to a model', async () => {
    const options = { apiKey: `sk-or-v1-session-${ids}` };
    const { OpenRouterClient } = require('../..');
    const make = (more = {}) => new OpenRouterClient({ baseURL: server.baseURL, ...options, ...more });
    await sent(make());
    expect((await sent(make())).provider).toEqual({ order: ['amazon-bedrock'] });
    expect(await sent(make({ apiKey: 'sk-or-v1-another' }))).not.toHaveProperty('provider');
    expect(await sent(make(), { model: 'openai/gpt-5' })).not.toHaveProperty('provider');
    expect(await sent(make(), { session: 'another' })).not.toHaveProperty('provider');
  });

  test.each([
    ['order', { order: ['openai', 'amazon-bedrock/us'] }, { order: ['amazon-bedrock/us', 'openai'] }],
    ['an order without it', { order: ['openai'] }, { order: ['amazon-bedrock', 'openai'] }],
    ['floors', { zdr: true, data_collection: 'deny' }, { zdr: true, data_collection: 'deny', order: ['amazon-bedrock'] }],
    ['only, which has it', { only: ['openai', 'amazon-bedrock'] }, { only: ['openai', 'amazon-bedrock'], order: ['amazon-bedrock'] }],
    ['only, which has it not', { only: ['openai'] }, { only: ['openai'] }],
    ['ignore', { ignore: ['amazon-bedrock'] }, { ignore: ['amazon-bedrock'] }],
    ['an order without fallbacks', { order: ['openai'], allow_fallbacks: false }, { order: ['openai'], allow_fallbacks: false }],
    ['sort', { sort: 'price' }, { sort: 'price' }],
  ])('keeps the settings of the caller: %s', async (_name, provider, expected) => {
    const client = newClient(server);
    await sent(client);
    expect((await sent(client, { provider })).provider).toEqual(expected);
  });

  test('keeps the settings of the client, too', async () => {
    const client = newClient(server, { modelOptions: { provider: { order: ['openai'], quantizations: ['fp8'] } } });
    await sent(client);
    expect((await sent(client)).provider).toEqual({ order: ['amazon-bedrock', 'openai'], quantizations: ['fp8'] });
  });

  test('forgets the provider after a failure', async () => {
    const client = newClient(server);
    await sent(client);
    next = [RST];
    await expect(sent(client)).rejects.toMatchObject({ code: 'connection_reset' });
    next = 'Google';
    expect(await sent(client)).not.toHaveProperty('provider');
  });

  test('keeps the provider after an abort', async () => {
    const client = newClient(server);
    await sent(client);
    next = [HOLD];
    const controller = new AbortController();
    const aborted = sent(client, { signal: controller.signal });
    await until(() => chats().length === 2, 'the second chat was sent');
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    next = 'Amazon Bedrock';
    expect((await sent(client)).provider).toEqual({ order: ['amazon-bedrock'] });
  });

  test('goes on without the list of providers if that does not come, and does not wait for it again', async () => {
    providers = [HOLD];
    const client = newClient(server);
    await sent(client);
    expect(await sent(client)).not.toHaveProperty('provider');
    expect(await sent(client)).not.toHaveProperty('provider');
    expect(server.requests.filter(({ lines }) => lines[0].includes('/providers'))).toHaveLength(1);
  });

  test('does not pin a provider that the list does not have', async () => {
    next = 'Nobody';
    const client = newClient(server);
    await sent(client);
    expect(await sent(client)).not.toHaveProperty('provider');
  });

  test('holds for the requests of runTools and parse', async () => {
    const client = newClient(server);
    await client.runTools({ ...CHAT, session, tools: [{ name: 'look', run: () => 'x' }] });
    await client.runTools({ ...CHAT, session, tools: [{ name: 'look', run: () => 'x' }] });
    expect(chats().map(({ session_id: id, provider }) => [id, provider])).toEqual([[session, undefined], [session, { order: ['amazon-bedrock'] }]]);
  });

  test.each([[''], [7], ['x'.repeat(257)]])('with the id %p is refused', async (id) => {
    await expect(newClient(server).chatCompletion({ ...CHAT, session: id })).rejects.toMatchObject({ code: 'invalid_option', message: expect.stringContaining('session') });
    expect(server.requests).toHaveLength(0);
  });
});

describe('the warmth of a prompt cache', () => {
  const MINUTE = 60_000;
  /** Loads the sessions with a clock that the test moves. */
  function withClock() {
    const clock = { ahead: 0 };
    const timers = require('../../lib/util/timers.js');
    let sessions;
    jest.isolateModules(() => {
      jest.doMock('../../lib/util/timers.js', () => ({ ...timers, now: () => timers.now() + clock.ahead }));
      sessions = require('../../lib/helpers/session.js');
    });
    jest.dontMock('../../lib/util/timers.js');
    return { clock, openSession: sessions.openSession };
  }

  test.each([
    ['5 minutes', {}, 5 * MINUTE],
    ['an hour where the request asks for that', { cache_control: { type: 'ephemeral', ttl: '1h' } }, 60 * MINUTE],
  ])('lasts %s after each answer', async (_name, params, lasts) => {
    const { clock, openSession } = withClock();
    const client = newClient(server);
    const chat = async () => {
      const opened = await openSession(client, { ...CHAT, ...params, session });
      opened.note({ provider: 'Amazon Bedrock' });
      return opened.params.provider;
    };
    expect(await chat()).toBeUndefined();
    clock.ahead += lasts - 1000;
    expect(await chat()).toEqual({ order: ['amazon-bedrock'] });
    // Each answer begins the time anew.
    clock.ahead += lasts - 1000;
    expect(await chat()).toEqual({ order: ['amazon-bedrock'] });
    clock.ahead += lasts + 1000;
    expect(await chat()).toBeUndefined();
  });
});
