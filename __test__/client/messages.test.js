'use strict';

const { once } = require('node:events');
const net = require('node:net');

const { OpenRouterClient, OpenRouterError, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { FIN, HOLD, RST, answer, startByteServer } = require('../support/servers/byte-server.js');
const { SSE_HEAD, chunkOf, event } = require('../support/streaming.js');

// Each row is a cause with the whole message that the user reads. docs/troubleshooting.md explains them further.

const messages = [{ role: 'user', content: 'canary prompt' }];
const CHAT = { model: 'openai/gpt-5-mini', messages };
const HOST = '127.0.0.1';

let restoreEnvironment;
let emulator;
let server;
let keys = 0;
beforeAll(async () => {
  emulator = await startEmulator();
  server = await startByteServer();
});
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => restoreEnvironment());
afterAll(() => Promise.all([emulator.close(), server.close()]));

/** Returns a client with a key of its own, because the caches and the queue of `rateLimit` are kept by key. */
function newClient(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-messages-${process.pid}-${keys}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
}
/** Returns the client of a server that plays these steps for each request. */
function clientOf(steps, options) {
  server.script = () => steps;
  return newClient({ baseURL: server.baseURL, ...options });
}
const chat = (client, params) => client.chatCompletion({ ...CHAT, ...params });
const stream = (client, params) => chat(client, { stream: true, ...params });
/** Reads a stream to its end. */
const readAll = async (client, params) => (await stream(client, params)).finalCompletion();

/** Returns the address of a server that accepts connections and never answers, so that no TLS connection to it is made. */
let silent;
async function silentAddress() {
  silent ??= net.createServer((socket) => { socket.on('error', () => {}).unref(); }).listen(0, HOST).unref();
  if (!silent.listening) await once(silent, 'listening');
  return `https://${HOST}:${silent.address().port}/api/v1`;
}

const UNREACHABLE = 'Check the network, DNS, the proxy and baseURL';
const HEADERS = 'No response headers within 50 ms. Raise timeouts.headers; for long answers, stream: true gets the headers sooner.';
const TOTAL = 'The request did not finish within 50 ms. Raise timeouts.total, which includes retries, fallbacks and the whole answer.';
const IDLE = 'No data for 50 ms in the middle of the response. Raise timeouts.idle if the model may pause for longer; keep-alive comments are not data.';
const TIME_LIMIT = 'Request aborted: the time limit of its signal (AbortSignal.timeout) has passed. Raise that limit if the request may take longer.';
const ELSEWHERE = "Check baseURL: OpenRouter's ends in /api/v1, and this one does not.";
const IDS = 'getModels() lists the ids, as does `npx openrouter-native models --search`.';
const AGAIN = 'Please try again.';

describe('a time limit says what took too long, how long the limit was, and what to raise', () => {
  const brief = (name) => ({ timeouts: { [name]: 50 } });
  test.each([
    ['connect', async () => chat(newClient({ baseURL: await silentAddress(), ...brief('connect') })), 'connect', `No connection within 50 ms. ${UNREACHABLE}, or raise timeouts.connect.`],
    ['headers before there is a connection', async () => chat(newClient({ baseURL: await silentAddress(), ...brief('headers') })), 'connect', `No connection within 50 ms. ${UNREACHABLE}, or raise timeouts.headers.`],
    ['headers', () => chat(clientOf([HOLD], brief('headers'))), 'headers', HEADERS],
    ['headers of getModels', () => clientOf([HOLD], brief('headers')).getModels(), 'headers', HEADERS],
    ['headers of getCredits', () => clientOf([HOLD], brief('headers')).getCredits(), 'headers', HEADERS],
    ['headers of getGeneration', () => clientOf([HOLD], brief('headers')).getGeneration('gen-1'), 'headers', HEADERS],
    ['idle of a stream', () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), HOLD], brief('idle'))), 'idle', IDLE],
    ['idle of a completion', () => chat(clientOf(['HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{', HOLD], brief('idle'))), 'idle', IDLE],
    ['total', () => chat(clientOf([HOLD], brief('total'))), 'total', TOTAL],
    ['total of a stream', () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), HOLD], brief('total'))), 'total', TOTAL],
    ['total of getModels', () => clientOf([HOLD], brief('total')).getModels(), 'total', TOTAL],
  ])('%s', async (_name, work, phase, message) => {
    expect(await failureOf(work)).toMatchObject({ name: 'OpenRouterError', code: 'timeout', phase, message });
  });

  test('total in the queue of rateLimit, where nothing was sent', async () => {
    const client = newClient({ rateLimit: { requestsPerMinute: 1 } });
    await chat(client);
    const error = await failureOf(chat(client, { timeouts: { total: 1500 } }));
    expect(error).toMatchObject({
      code: 'timeout',
      phase: 'total',
      message: 'The request did not get its turn under rateLimit (1 requests per minute) within 1.5 s, so it was not sent. Raise timeouts.total or rateLimit.requestsPerMinute.',
    });
    expect(emulator.requests).toHaveLength(1);
  });

  test.each([
    ['headers', 'UND_ERR_HEADERS_TIMEOUT', `Headers Timeout Error: ${HEADERS}`],
    ['total', 'ETIMEDOUT', `Timeout Error: ${TOTAL}`],
  ])('%s of createFetch, in the cause', async (name, code, message) => {
    server.script = () => [HOLD];
    const error = await failureOf(createFetch(brief(name))(server.baseURL));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ code, message });
  });

  test('idle of the body of createFetch, in the cause', async () => {
    server.script = () => ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na', HOLD];
    const response = await createFetch(brief('idle'))(server.baseURL);
    expect((await failureOf(response.text())).cause).toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT', message: `Body Timeout Error: ${IDLE}` });
  });
});

describe('an abort', () => {
  const aborting = (signal) => chat(clientOf([HOLD]), { signal });

  test('by AbortSignal.timeout names it, also before the request and in the middle of a stream', async () => {
    const expired = AbortSignal.abort(new DOMException('x', 'TimeoutError'));
    for (const work of [
      () => aborting(AbortSignal.timeout(20)),
      () => aborting(expired),
      () => aborting(AbortSignal.any([AbortSignal.timeout(20)])),
      () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), HOLD]), { signal: AbortSignal.timeout(100) }),
      () => clientOf([HOLD]).getModels(false, { signal: AbortSignal.timeout(20) }),
    ]) {
      const error = await failureOf(work);
      expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', message: TIME_LIMIT, cause: { name: 'TimeoutError' } });
      expect(error.stack).toContain(`AbortError: ${TIME_LIMIT}\n`);
    }
  });

  test.each([
    ['without a reason', undefined],
    ['with a reason', new Error('the user left')],
    ['with a reason that cannot be read', new Proxy({}, { get() { throw new Error('unreadable'); } })],
  ])('%s has the message that code compares', async (_name, reason) => {
    expect((await failureOf(aborting(AbortSignal.abort(reason)))).message).toBe('Request aborted');
  });

  test('of createFetch rejects with the reason itself', async () => {
    server.script = () => [HOLD];
    const error = await failureOf(createFetch()(server.baseURL, { signal: AbortSignal.timeout(20) }));
    expect([error.constructor.name, error.name]).toEqual(['DOMException', 'TimeoutError']);
  });
});

describe('a second reader of a stream learns which one it has, and what to use', () => {
  test.each([
    ['a loop over its chunks', {}, async (one) => { for await (const _chunk of one) break; }],
    ['text()', {}, async (one) => { for await (const _text of one.text()) break; }],
    ['its body', {}, async (one) => { await one.body.getReader().read(); }],
    ['finalCompletion(), stop() or a listener', {}, (one) => one.finalCompletion()],
    ['onProgress or a listener', { onProgress: () => {} }, (one) => one.finalCompletion()],
  ])('%s', async (reader, params, read) => {
    const one = await stream(newClient(), params);
    await read(one);
    const message = `This stream has its reader already: ${reader}. Use stream.partial for what has arrived, stream.finalCompletion() for the whole answer, or stream.tee(2) in place of both readers.`;
    for (const again of [() => one.text(), () => one[Symbol.asyncIterator]()]) {
      expect(await failureOf(async () => again())).toMatchObject({ code: 'invalid_request', message });
    }
  });

  test('a listener of an event that does not exist throws an error with those that do', async () => {
    const one = await stream(newClient());
    expect(() => one.on('data', () => {})).toThrow("A stream has no event 'data'. Its events are model, content, reasoning, fallback, usage, end, error.");
    await one.stop();
  });
});

describe('an unknown model', () => {
  const unknown = (client, model, params) => failureOf(chat(client, { model, ...params }));

  test('gets the nearest id of the cached list, by the same words in a completion and a stream, without a request for the list', async () => {
    const client = newClient();
    await client.getModels();
    for (const [model, meant] of [
      ['gpt-5-mini', 'openai/gpt-5-mini'],
      ['openai/gpt-5-mni', 'openai/gpt-5-mini'],
      ['openai/gpt5mini:nitro', 'openai/gpt-5-mini:nitro'],
      ['openai/gpt-5-mini:extended', 'openai/gpt-5-mini'],
    ]) {
      for (const streamed of [false, true]) {
        const error = await unknown(client, model, { stream: streamed });
        expect(error).toMatchObject({ code: 'invalid_request', status: 400, message: `${model} is not a valid model ID. Did you mean ${meant}?` });
      }
    }
    expect(emulator.requests.filter(({ path }) => path.endsWith('/models'))).toHaveLength(1);
  });

  test('gets the place of the list if no id resembles it, or if no list is cached', async () => {
    const client = newClient();
    const message = `nobody/nothing is not a valid model ID. ${IDS}`;
    expect((await unknown(client, 'nobody/nothing')).message).toBe(message);
    expect(emulator.requests).toHaveLength(1);
    await client.getModels();
    expect((await unknown(client, 'nobody/nothing')).message).toBe(message);
  });

  test('that is on the list has no endpoints for another reason, so that no other id is suggested', async () => {
    const client = newClient();
    await client.getModels();
    const error = await failureOf(chat(client, { emulator: { status: 404 } }));
    expect(error).toMatchObject({ code: 'no_endpoints', message: 'No endpoints found for openai/gpt-5-mini.' });
  });
});

describe('a missing await', () => {
  const client = () => newClient();
  const missing = (method, instead) => `await is missing: client.${method}() returns a promise. Write \`${instead}\`.`;
  const ofChat = (instead) => missing('chatCompletion', instead);
  test.each([
    ['for await', async () => { for await (const _chunk of stream(client())) break; }, ofChat('for await (const chunk of await client.chatCompletion(…))')],
    ['text()', async () => stream(client()).text(), ofChat('(await client.chatCompletion(…)).text(…)')],
    ['on()', async () => stream(client()).on('content', () => {}), ofChat('(await client.chatCompletion(…)).on(…)')],
    ['choices', async () => chat(client()).choices[0], ofChat('(await client.chatCompletion(…)).choices')],
    ['a loop over the models', async () => { for (const _model of client().getModels()) break; }, missing('getModels', 'for (const model of await client.getModels(…))')],
    ['models.map()', async () => client().getModels().map(String), missing('getModels', '(await client.getModels(…)).map(…)')],
    ['credits.balance', async () => client().getCredits().balance, missing('getCredits', '(await client.getCredits(…)).balance')],
  ])('before %s throws an error that says how to write it', async (_name, work, message) => {
    expect(await failureOf(work)).toMatchObject({ code: 'invalid_request', message });
  });

  test('is reported once: the failure of the request that was not awaited is no unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const pending = chat(clientOf([answer(401, '{"error":{"code":401,"message":"No"}}'), FIN]));
      expect(() => pending.choices).toThrow(/^await is missing/);
      expect((await failureOf(pending)).code).toBe('invalid_api_key');
      await new Promise((resolve) => { setImmediate(resolve); });
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  test('leaves the promise as any other: to instanceof, Promise.resolve, then, catch, finally, and code that looks at objects', async () => {
    const pending = chat(client());
    expect(pending).toBeInstanceOf(Promise);
    expect(Promise.resolve(pending)).toBe(pending);
    expect(Object.prototype.toString.call(pending)).toBe('[object Promise]');
    expect(Object.keys(pending)).toEqual([]);
    expect(typeof pending[Symbol.asyncIterator]).toBe('function');
    const names = [];
    for (const name in pending) names.push(name);
    expect(names.filter((name) => name !== 'withResponse')).toEqual([]);
    for (const derived of [pending.then((one) => one), pending.catch(() => {}), pending.finally(() => {})]) {
      expect(Object.getPrototypeOf(derived)).toBe(Promise.prototype);
      expect((await derived).choices).toHaveLength(1);
    }
  });
});

describe('names of other SDKs', () => {
  test.each([
    [(client) => client.chat.completions.create(CHAT), 'chat', 'client.chatCompletion(params), or createFetch() as the fetch of the OpenAI SDK'],
    [(client) => client.chat.send(CHAT), 'chat', 'client.chatCompletion(params), or createFetch() as the fetch of the OpenAI SDK'],
    [(client) => client.models.list(), 'models', 'client.getModels()'],
    [(client) => client.callModel(CHAT), 'callModel', 'client.chatCompletion(params)'],
    [(client) => client.credits.getCredits(), 'credits', 'client.getCredits()'],
  ])('%s points to the right one', (use, name, instead) => {
    expect(() => use(newClient())).toThrow(new OpenRouterError(`client.${name} does not exist. Use ${instead}.`));
  });

  test('do not show, and a subclass may define them', () => {
    class Own extends OpenRouterClient {
      models = ['mine'];
    }
    const own = new Own('sk-or-v1-own');
    own.chat = 'also mine';
    expect([own.models, own.chat]).toEqual([['mine'], 'also mine']);
    const names = [];
    for (const name in newClient()) names.push(name);
    expect(names).not.toContain('chat');
  });
});

describe('an address that is not that of the API', () => {
  const page = '<!DOCTYPE html><html><head><title>OpenRouter</title></head></html>';
  const html = { 'Content-Type': 'text/html' };
  const withoutVersion = (steps) => clientOf(steps, { baseURL: server.baseURL.replace('/v1', '') });

  test.each([
    ['a page', () => chat(withoutVersion([answer(200, page, html), FIN])), 'malformed_response', `OpenRouter answered HTTP 200 with a body that is not a JSON object (OpenRouter). ${ELSEWHERE}`],
    ['a page for getModels', () => withoutVersion([answer(200, page, html), FIN]).getModels(), 'malformed_response', `OpenRouter answered HTTP 200 with a body that is not a JSON object (OpenRouter). ${ELSEWHERE}`],
    ['a page that says 404', () => chat(withoutVersion([answer(404, page, html), FIN])), 'not_found', `OpenRouter answered HTTP 404: OpenRouter. There is no API at this address. ${ELSEWHERE}`],
    ['a 404 like one of the API', () => chat(newClient({ baseURL: emulator.url })), 'not_found', `OpenRouter answered HTTP 404: Not found: POST /chat/completions. ${ELSEWHERE}`],
    ['a redirect', () => chat(withoutVersion([answer(308, '', { Location: 'https://example.com/' }), FIN])), 'invalid_option', `OpenRouter answered HTTP 308, a redirect to another address, which is not followed so that the API key stays here. ${ELSEWHERE}`],
    ['a page where the base URL has a version', () => chat(clientOf([answer(404, page, html), FIN])), 'not_found', 'OpenRouter answered HTTP 404: OpenRouter. There is no API at this address. Check baseURL.'],
  ])('answers with %s', async (_name, work, code, message) => {
    expect(await failureOf(work)).toMatchObject({ code, message });
  });

  test.each([
    ['https://openrouter.ai', 'expected https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api', 'expected https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/v1', 'expected https://openrouter.ai/api/v1'],
    ['https://openrouter.ai/api/v1/chat/completions', 'expected https://openrouter.ai/api/v1'],
    ['https://gate.example/v1/chat/completions', 'expected the URL without /chat/completions at its end, which this client adds'],
  ])('is refused by the constructor: %s', (baseURL, expected) => {
    expect(() => newClient({ baseURL })).toThrow(new OpenRouterError(`Invalid option baseURL: ${expected}.`));
  });

  test.each([
    ['https://openrouter.ai/chat/completions', 'There is no API at https://openrouter.ai'],
    ['https://openrouter.ai/api/chat/completions', 'There is no API at https://openrouter.ai/api'],
    ['https://openrouter.ai/v1/responses', 'There is no API at https://openrouter.ai/v1'],
    ['https://openrouter.ai/api/v1/chat/completions/chat/completions', '/chat/completions is in this address twice'],
  ])('is refused by createFetch before the key leaves, as the API would refuse it: %s', async (url, problem) => {
    const response = await createFetch()(url, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: '{}' });
    const message = `${problem}, so nothing was sent. Set baseURL in the SDK to https://openrouter.ai/api/v1.`;
    expect([response.status, await response.json()]).toEqual([400, { error: { code: 400, message } }]);
  });
});

describe('the network', () => {
  const closed = 'The connection to 127.0.0.1 was closed before it answered.';
  const between = 'Check baseURL, and any proxy in between.';
  test.each([
    ['a closed port', async () => chat(newClient({ baseURL: `http://${HOST}:${await closedPort()}/api/v1` })), 'connection_failed', `${HOST} refused the connection: no server listens there. Check the host and port of baseURL.`],
    ['an unknown name', () => chat(newClient({ baseURL: 'https://nobody.invalid/api/v1' })), 'connection_failed', 'The name nobody.invalid could not be looked up. Check whether this machine is online, its DNS and baseURL; a network that needs a proxy needs HTTPS_PROXY or the option proxy.'],
    ['a proxy that is not there', async () => chat(newClient({ baseURL: 'https://nobody.invalid/api/v1', proxy: `http://${HOST}:${await closedPort()}` })), 'proxy_error', 'The proxy did not connect to nobody.invalid. Check its address, user and password (option proxy, or the environment).'],
    ['a connection that is closed', () => chat(clientOf([FIN])), 'connection_reset', `${closed} ${AGAIN}`],
    ['a connection that is reset', () => chat(clientOf([RST])), 'connection_reset', `${closed} ${AGAIN}`],
    ['no HTTP', () => chat(clientOf(['SSH-2.0-OpenSSH\r\n', FIN])), 'malformed_response', `${HOST} answered with something that is not HTTP. Check baseURL.`],
    ['too many headers', () => chat(clientOf([`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(600)}\r\n`, FIN])), 'malformed_response', `${HOST} answered with more than 512 headers, or more than 256 KiB of them. ${between}`],
    ['a lost connection in the middle', () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), RST])), 'connection_reset', `The connection was lost in the middle of the response. ${AGAIN}`],
    ['a stream that is cut off', () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), FIN])), 'stream_truncated', `The answer was cut off: the stream ended with neither [DONE] nor a finish_reason. error.partial has what came. ${AGAIN}`],
    ['an event that is no JSON', () => readAll(clientOf([SSE_HEAD, event(chunkOf('a')), 'data: {oops\n\n', FIN])), 'malformed_response', 'Event 2 of the stream, 5 bytes long, is not a JSON object. Please try again; if it happens again, check baseURL, and any proxy in between.'],
    ['an empty body', () => chat(clientOf([answer(200, ''), FIN])), 'empty_response', `OpenRouter answered with an empty body. ${AGAIN}`],
    ['an answer that is too large', () => chat(clientOf([answer(200, ' '.repeat(200)), FIN], { maxResponseBytes: 100 })), 'response_too_large', 'The response is larger than 100 bytes. Raise maxResponseBytes if that is expected.'],
  ])('%s', async (_name, work, code, message) => {
    expect(await failureOf(work)).toMatchObject({ code, message });
  });
});

describe('a status', () => {
  const failing = (status, words) => chat(clientOf([answer(status, words === undefined ? '' : JSON.stringify({ error: { code: status, message: words } })), FIN]));
  test.each([
    [401, 'User not found.', 'invalid_api_key', 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.'],
    [402, 'This request requires more credits.', 'insufficient_credits', 'Insufficient credits. Please add credits to your OpenRouter account. This request requires more credits.'],
    [429, undefined, 'rate_limited', 'Rate limit exceeded. Please try again later.'],
    [503, undefined, 'service_unavailable', 'OpenRouter service temporarily unavailable. Please try again later.'],
    [500, undefined, 'server_error', 'OpenRouter answered HTTP 500 without saying why. Please try again later.'],
    [413, undefined, 'payload_too_large', 'OpenRouter answered HTTP 413 without saying why. Send less text or smaller files.'],
    [400, undefined, 'invalid_request', 'OpenRouter answered HTTP 400 without saying why. The same request will fail again. Check it and baseURL.'],
  ])('%i with the words %j', async (status, words, code, message) => {
    expect(await failureOf(failing(status, words))).toMatchObject({ code, status, message });
  });
});

describe('a request that cannot be sent', () => {
  const cyclic = { ...CHAT };
  cyclic.self = cyclic;
  test.each([
    ['no parameters', (client) => client.chatCompletion(), 'invalid_request', 'The request must be an object.'],
    ['no messages', (client) => client.chatCompletion({ model: 'a/b' }), 'invalid_request', 'Messages array is required for OpenRouter API'],
    ['no model', (client) => client.chatCompletion({ messages }), 'invalid_request', 'No model specified for OpenRouter. Please select a model.'],
    ['a list', (client) => client.chatCompletion([]), 'invalid_request', 'The request must be an object of chat parameters, such as { model, messages }.'],
    ['no id', (client) => client.getGeneration(''), 'invalid_request', 'getGeneration needs the id of a generation: that of a completion, stream.generationId or error.generationId.'],
    ['a signal that is none', (client) => client.getModels(false, { signal: {} }), 'invalid_option', 'Invalid option signal: expected an AbortSignal.'],
    ['a key that is none', () => new OpenRouterClient(5), 'invalid_api_key', 'The OpenRouter API key must be a string. Pass it as apiKey, or set OPENROUTER_API_KEY.'],
    ['no key', () => new OpenRouterClient(''), 'missing_api_key', 'No OpenRouter API key. Pass apiKey or set OPENROUTER_API_KEY (keys are made at openrouter.ai/settings/keys).'],
  ])('%s', async (_name, work, code, message) => {
    expect(await failureOf(() => work(newClient()))).toMatchObject({ code, message });
  });

  test('a value that JSON cannot hold is named by its cause', async () => {
    const error = await failureOf(newClient().chatCompletion(cyclic));
    expect(error.message).toMatch(/^The request cannot be written as JSON: Converting circular structure to JSON/);
  });
});
