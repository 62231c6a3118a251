'use strict';

// What `openrouter-native/register` does with requests: those to OpenRouter go through `createFetch`, all others are Node's.
const { startEmulator } = require('../../emulator');
const { addressOf } = require('../../register/addresses.js');
const { cleanEnvironment } = require('../support/environment.js');
const { essenceOf, startRecordingServer } = require('../support/servers/recording-server.js');
const { CHAT, providersOf, runUnder } = require('./support/register.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterEach(() => emulator.clear());
afterAll(() => emulator.close());

/** Runs a program, whose scope has `chat`, and returns the lines that it printed. */
async function linesOf(text, env) {
  const { stdout, stderr } = await runUnder(emulator, ['-e', `${CHAT}\n(async () => {${text}})();`], { env });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('an address', () => {
  let clean;
  beforeEach(() => { clean = cleanEnvironment(); });
  afterEach(() => clean());

  test.each([
    'https://openrouter.ai/api/v1/chat/completions', 'https://openrouter.ai/api/v1/models?x=1', 'https://openrouter.ai/api/beta/batches',
    'https://eu.openrouter.ai/api/v1/responses', 'HTTPS://OpenRouter.AI/api/v1', 'https://openrouter.ai:443/api/v1', 'https://openrouter.ai./api/v1',
    'https://openrouter.ai/api', 'https://openrouter.ai/x/../api/v1/models', 'http://openrouter.ai/api/v1/models',
  ])('%s is OpenRouter’s, as text, URL, Request and what becomes a string', (address) => {
    for (const input of [address, new URL(address), new Request(address), { url: address }, { toString: () => address }]) {
      expect(addressOf(input)?.host).toMatch(/openrouter/);
    }
  });

  test.each([
    'https://openrouter.ai/', 'https://openrouter.ai/apis/v1', 'https://openrouter.ai.example.com/api/v1', 'https://notopenrouter.ai/api/v1',
    'https://example.com/https://openrouter.ai/api/v1', 'https://api.openai.com/v1/chat/completions', 'https://a.b.openrouter.ai/api', 'no address', '', undefined, null, 42, Symbol('x'),
  ])('%p is not', (input) => expect(addressOf(input)).toBe(null));

  test('is none if it cannot be read: the stock function says so', () => {
    expect(addressOf({ get url() { throw new Error('x'); } })).toBe(null);
    expect(addressOf({ toString() { throw new Error('x'); } })).toBe(null);
  });

  test('below OPENROUTER_BASE_URL is, too, and OpenRouter’s stay so', () => {
    process.env.OPENROUTER_BASE_URL = ' https://gateway.example.com/llm/v1/ ';
    for (const path of ['', '/', '/chat/completions']) expect(addressOf(`https://gateway.example.com/llm/v1${path}`)).not.toBe(null);
    for (const path of ['/llm/v2', '/llm/v10', '/', '/llm']) expect(addressOf(`https://gateway.example.com${path}`)).toBe(null);
    expect(addressOf('https://openrouter.ai/api/v1/models')).not.toBe(null);
    process.env.OPENROUTER_BASE_URL = 'not a URL';
    expect(addressOf('https://gateway.example.com/llm/v1')).toBe(null);
  });
});

test('a request to another address is the stock one: the same bytes, function, arguments, this and result', async () => {
  const server = await startRecordingServer();
  try {
    const text = `
      const url = '${server.url}';
      const [taken, stock] = [fetch, globalThis.stock];
      for (const one of [stock, taken]) {
        const response = await one(url + '/a?b=c', { method: 'PUT', headers: [['x-a', '1'], ['x-a', '2']], body: new URLSearchParams({ q: 'é' }) });
        console.log(response.constructor === Response, response.status, response.url === url + '/a?b=c', await response.text());
      }
      console.log(taken.name, taken.length, stock.name, stock.length, typeof taken.prototype);
      for (const one of [stock, taken]) console.log(await one().catch((error) => error.name + error.message));
      for (const one of [stock, taken]) console.log(await one('x:').catch((error) => error.name + error.message));
      for (const one of [stock, taken]) console.log(await one(url, { signal: AbortSignal.abort('reason') }).catch(String));`;
    const preload = `data:text/javascript,globalThis.stock = fetch`;
    const lines = await linesOf(text, { NODE_OPTIONS: `--import "${preload}" --import ${require.resolve('../../register/index.js')}` });
    expect(lines).toEqual([
      'true 200 true ok', 'true 200 true ok', 'fetch 1 fetch 1 object', expect.any(String), lines[3], expect.any(String), lines[5], 'reason', 'reason',
    ]);
    const [theirs, ours] = server.requests;
    expect(essenceOf(ours)).toEqual(essenceOf(theirs));
    expect(ours.headers['user-agent']).toBe('node');
  } finally {
    await server.close();
  }
});

test('another stock function, which has settings of its own in `this` and further arguments, receives them', async () => {
  const preload = "data:text/javascript,globalThis.fetch = function other(...all) { return Promise.resolve([this === globalThis.holder, all.length].join()) }";
  const lines = await linesOf(`
    globalThis.holder = { fetch };
    console.log(await holder.fetch('http://127.0.0.1:1/', {}, 'third'), fetch.name, fetch.length);`, { NODE_OPTIONS: `--import "${preload}" --import ${require.resolve('../../register/index.js')}` });
  expect(lines).toEqual(['true,3 other 0']);
});

test('zero data retention holds for what can carry a prompt: merged, or refused before anything leaves', async () => {
  const lines = await linesOf(`
    const post = async (path, body) => {
      const response = await fetch(process.env.BASE_URL + path, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: JSON.stringify(body) });
      console.log(path, response.status, (await response.json()).error?.metadata?.error_type);
    };
    await post('/embeddings', { model: 'openai/text-embedding-3-small', input: 'Hi' });
    await post('/images', { model: 'a/b', prompt: 'Hi' });
    console.log((await fetch(new Request(process.env.BASE_URL + '/models'))).status);`);
  expect(lines).toEqual(['/embeddings 200 undefined', '/images 400 privacy_not_possible', '200']);
  expect(emulator.requests.map(({ path, body }) => [path, body?.provider])).toEqual([['/api/v1/embeddings', { zdr: true }], ['/api/v1/models', undefined]]);
});

test('models beyond the three that the API takes are asked by a further request', async () => {
  const models = ['x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5', 'anthropic/claude-sonnet-4.5', 'google/gemini-2.5-flash'];
  const body = { model: 'openai/gpt-5-mini', models, stream: true, messages: [{ role: 'user', content: 'Hi' }] };
  const down = { fail: [body.model, ...models.slice(0, 4)] };
  const lines = await linesOf(`for (const body of ${JSON.stringify([body, { ...body, emulator: down }])}) await chat(fetch, { body: JSON.stringify(body) });`);
  expect(lines).toEqual(['200', '200']);
  const first = [body.model, models.slice(0, 3)];
  expect(emulator.requests.map(({ body: sent }) => [sent.model, sent.models])).toEqual([first, first, [models[3], [models[4]]]]);
});

describe("a request with LibreChat's guard of addresses", () => {
  const GUARD = "redirect: 'error', dispatcher: { dispatch: (options, handler) => { console.log('guarded', options.path); return globalThis[Symbol.for('undici.globalDispatcher.1')].dispatch(options, handler); } }";
  const run = (text, env) => linesOf(`await fetch('data:text/plain,');\n${text}`, env);

  test('stays with the stock fetch, and the privacy settings hold for it', async () => {
    expect(await run(`await chat(fetch, { ${GUARD} });`)).toEqual(['guarded /api/v1/chat/completions', '200']);
    expect(emulator.requests[0].headers['user-agent']).toBe('node');
    expect(providersOf(emulator)).toEqual([{ zdr: true }]);
  });

  test('is sent as it is without privacy settings', async () => {
    expect(await run(`await chat(fetch, { ${GUARD} });`, { OPENROUTER_ZDR: '' })).toEqual(['guarded /api/v1/chat/completions', '200']);
    expect(providersOf(emulator)).toEqual([undefined]);
  });

  test('is refused where they cannot hold: a body that is no JSON text', async () => {
    const lines = await run(`await chat(fetch, { ${GUARD}, body: new Blob(['{}']), headers: {} });
      await chat(fetch, { ${GUARD}, body: new URLSearchParams({ model: 'a/b' }), headers: {} });
      await chat((url, init) => fetch(new Request(url, { ...init, redirect: 'follow', dispatcher: undefined }), { ${GUARD} }), {});`);
    expect(lines).toEqual(['400', '400', '400']);
    expect(emulator.requests).toEqual([]);
  });

  test('other dispatchers, which LibreChat sets for proxies and time limits, do not keep a request from the engine', async () => {
    expect(await run(`await chat(fetch, { dispatcher: { dispatch() { throw new Error('used'); } } });`)).toEqual(['200']);
    expect(providersOf(emulator)).toEqual([{ zdr: true }]);
  });
});

test('OPENROUTER_SESSION_HEADER: the id of the conversation is sent as x-session-id, unless there is one', async () => {
  const lines = await linesOf(`
    const id = (headers) => fetch(process.env.BASE_URL + '/models', { headers }).then((response) => response.text());
    await id({ 'X-Conversation': 'abc' });
    await id([['x-conversation', 'abc'], ['x-session-id', 'mine']]);
    await id({ 'X-Conversation': 'x'.repeat(257) });
    await fetch(new Request(process.env.BASE_URL + '/models', { headers: { 'x-conversation': 'of-request' } })).then((response) => response.text());
    await fetch(process.env.BASE_URL + '/models').then((response) => response.text());
    console.log('done');`, { OPENROUTER_SESSION_HEADER: 'X-Conversation' });
  expect(lines).toEqual(['done']);
  expect(emulator.requests.map(({ headers }) => headers['x-session-id'])).toEqual(['abc', 'mine', undefined, 'of-request', undefined]);
});

test('OPENROUTER_MAX_COST limits what the process spends', async () => {
  const lines = await linesOf(`
    await chat(fetch, { body: JSON.stringify({ model: 'openai/gpt-5-mini', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }) });
    const response = await fetch(process.env.BASE_URL + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] }) });
    console.log(response.status, (await response.json()).error.metadata.error_type);`, { OPENROUTER_MAX_COST: '0.0001' });
  expect(lines).toEqual(['200', '402 budget_exceeded']);
});

test('what is set after the first request changes nothing, and wrong arguments reject', async () => {
  // The request to a data URL makes Node's dispatcher, which the guarded chat brings with it.
  const lines = await linesOf(`
    await fetch('data:text/plain,');
    await chat(fetch);
    process.env.OPENROUTER_ZDR = 'false';
    await chat(fetch);
    await chat(fetch, { redirect: 'error', dispatcher: globalThis[Symbol.for('undici.globalDispatcher.1')] });
    const wrong = fetch(process.env.BASE_URL, { headers: 'wrong' });
    console.log(await wrong.catch((error) => error instanceof TypeError));`, { OPENROUTER_SESSION_HEADER: 'x-conversation' });
  expect(lines).toEqual(['200', '200', '200', 'true']);
  expect(providersOf(emulator)).toEqual([{ zdr: true }, { zdr: true }, { zdr: true }]);
});

test('a stream is closed at once when its reader leaves, and the process ends', async () => {
  const lines = await linesOf(`
    const body = JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: { chunks: 1000, gap: 20 } });
    const response = await fetch(process.env.BASE_URL + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body });
    for await (const bytes of response.body) break;
    console.log('left');`);
  expect(lines).toEqual(['left']);
  expect((await emulator.requests[0].closed).by).toBe('client');
});

test("an error is shown in LibreChat's form with OPENROUTER_READABLE_ERRORS, and in the API's words without it", async () => {
  const text = `
    const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { status: 429, retryAfter: 5 } });
    const response = await fetch(process.env.BASE_URL + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-register' }, body });
    console.log((await response.json()).error.message);`;
  expect(await linesOf(text)).toEqual(['Rate limit exceeded']);
  expect(await linesOf(text, { OPENROUTER_READABLE_ERRORS: 'true' })).toEqual([
    JSON.stringify({ type: 'google_error', info: 'OpenRouter: Rate limit exceeded. Try again in 5 seconds.' }),
  ]);
});
