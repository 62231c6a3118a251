'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient, OpenRouterError, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const PROVIDER = 'Emulated Provider';
const messages = [{ role: 'user', content: 'canary prompt about bees' }];

const INVALID_KEY = 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.';
const NO_CREDITS = 'Insufficient credits. Please add credits to your OpenRouter account.';
const RATE_LIMITED = 'Rate limit exceeded. Please try again later.';
const UNAVAILABLE = 'OpenRouter service temporarily unavailable. Please try again later.';

let restoreEnvironment;
let emulator;
let server;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(async () => {
  restoreEnvironment();
  await server?.close();
  server = undefined;
});
afterAll(() => emulator.close());

function clientWith(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-errors-${keys}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
}
/** Returns the error of a completion that the emulator answers by these directives. */
const failing = (directives, params) => failureOf(clientWith({}).chatCompletion({ model: MODEL, messages, emulator: directives, ...params }));
/** Returns the error of a completion that is answered with this status, body and headers. */
async function failingWith(...given) {
  server = await startAnsweringServer(answer(...given));
  const error = await failureOf(clientWith({ baseURL: server.baseURL }).chatCompletion({ model: MODEL, messages }));
  await server.close();
  server = undefined;
  return error;
}

/** The places in which the API can report an error, each with a function that provokes and returns one. */
const PLACES = {
  'an HTTP error': ({ status, kind }) => failing({ status, kind, provider: PROVIDER }),
  'a 200': ({ status, kind }) => failing({ errorIn200: 'top', errorCode: status, kind, provider: PROVIDER }),
  'the first event of a stream': ({ status, kind }) => failing({ errorAt: 0, errorCode: status, kind, provider: PROVIDER }, { stream: true }),
  'the middle of a stream': async ({ status, kind }) => {
    const directives = { errorAt: 2, errorCode: status, kind, provider: PROVIDER, text: 'one two three four' };
    const stream = await clientWith({}).chatCompletion({ model: MODEL, messages, stream: true, emulator: directives });
    return failureOf(stream.finalCompletion());
  },
};

describe('an error is the same in every place in which the API can report it', () => {
  test.each([
    [400, 'invalid-request', 'invalid_request', 'Input validation failed: temperature must be at most 2'],
    [400, 'context', 'invalid_request', "This endpoint's maximum context length is 8192 tokens. However, you requested about 20480 tokens."],
    [400, 'upstream', 'invalid_request', `Provider returned error (${PROVIDER}: tools.0.name: String should match pattern)`],
    [401, 'unknown-key', 'invalid_api_key', INVALID_KEY],
    [401, 'no-key', 'invalid_api_key', INVALID_KEY],
    [401, 'disabled', 'invalid_api_key', INVALID_KEY],
    [402, 'credits', 'insufficient_credits', NO_CREDITS],
    [402, 'weight', 'insufficient_credits', NO_CREDITS],
    [402, 'in-flight', 'insufficient_credits', NO_CREDITS],
    [402, 'key-limit', 'insufficient_credits', NO_CREDITS],
    [403, 'permission', 'forbidden', 'You do not have permission to use this model'],
    [403, 'guardrail', 'forbidden', 'Request blocked by a guardrail'],
    [403, 'key-limit', 'insufficient_credits', 'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys'],
    [403, 'moderation', 'moderation', `${MODEL} requires moderation on OpenAI. Your input was flagged for "violence".`],
    [404, 'no-endpoints', 'no_endpoints', `No endpoints found for ${MODEL}.`],
    [404, 'tools', 'no_endpoints', 'No endpoints found that support tool use.'],
    [404, 'null-metadata', 'not_found', 'Something went wrong'],
    [408, 'timeout', 'timeout', 'Request timed out'],
    [413, 'too-large', 'payload_too_large', 'Request body is too large'],
    [422, 'unprocessable', 'invalid_request', 'The request cannot be processed'],
    [429, 'retry-after', 'rate_limited', RATE_LIMITED],
    [429, 'upstream', 'rate_limited', RATE_LIMITED],
    [429, 'bare', 'rate_limited', RATE_LIMITED],
    [500, 'internal', 'server_error', 'Internal Server Error'],
    [500, 'string-code', 'server_error', 'The server had an error'],
    [502, 'provider', 'provider_error', `Provider returned error (${PROVIDER}: upstream connect error or disconnect before headers)`],
    [502, 'raw-json', 'provider_error', `Provider returned error (${PROVIDER}: Overloaded)`],
    [502, 'raw-object', 'provider_error', `Provider returned error (${PROVIDER}: Overloaded)`],
    [502, 'raw-html', 'provider_error', `Provider returned error (${PROVIDER}: 502 Bad Gateway)`],
    [502, 'previous', 'provider_error', `Provider returned error (${PROVIDER}`],
    [503, 'unavailable', 'service_unavailable', UNAVAILABLE],
    [504, 'timeout', 'timeout', 'The provider did not answer in time'],
    [524, 'timeout', 'timeout', 'A timeout occurred'],
    [529, 'overloaded', 'overloaded', 'The provider is overloaded'],
  ])('%i %s is %s', async (status, kind, code, message) => {
    const errors = [];
    for (const [place, fail] of Object.entries(PLACES)) {
      const error = await fail({ status, kind });
      expect(error).toBeInstanceOf(OpenRouterError);
      expect([place, error.name, error.code, error.status]).toEqual([place, 'OpenRouterError', code, status]);
      expect(error.message.slice(0, message.length)).toBe(message);
      expect(error.phase).toBeUndefined();
      const { statusText, errorType, provider, metadata } = error;
      errors.push({ message: error.message, statusText, errorType, provider, metadata });
    }
    expect(errors).toEqual(Array(4).fill(errors[0]));
    expect(emulator.requests).toHaveLength(4);
  });

  test.each(['object', 'bare', 'choice', 'choices-empty', 'string-code', 'finish'])('the shape %s is recognised in a stream', async (errorShape) => {
    for (const errorAt of [0, 2]) {
      const stream = clientWith({}).chatCompletion({ model: MODEL, messages, stream: true, emulator: { errorAt, errorShape, errorDone: true, text: 'one two three four' } });
      const error = await failureOf(stream.then((opened) => opened.finalCompletion()));
      const hasDetails = errorShape !== 'finish';
      expect([error.code, error.status]).toEqual(hasDetails ? ['provider_error', 502] : ['server_error', 500]);
      if (hasDetails) expect(error.message).toMatch(/^Provider returned error \(\w+: upstream connect error/);
      expect(error.generationId).toBe(emulator.requests.at(-1).generationId);
    }
  });

  test.each([
    ['html', /^<!DOCTYPE html>/], ['empty', undefined], ['truncated', /^{"error":{"code":/], ['text', /^upstream error/],
    ['string-code', { error: { code: 'server_error', message: 'The server had an error' } }], ['null-metadata', { error: { metadata: null } }], ['string-error', { error: 'Something went wrong' }],
  ])('the HTTP status gives the code where the body gives none: %s', async (kind, data) => {
    const codes = { 400: 'invalid_request', 401: 'invalid_api_key', 402: 'insufficient_credits', 403: 'forbidden', 404: 'not_found', 408: 'timeout', 413: 'payload_too_large',
      422: 'invalid_request', 429: 'rate_limited', 500: 'server_error', 502: 'provider_error', 503: 'service_unavailable', 504: 'timeout', 524: 'timeout', 529: 'overloaded' };
    for (const [status, code] of Object.entries(codes)) {
      const error = await failing({ status: Number(status), kind });
      expect([error.status, error.code]).toEqual([Number(status), code]);
      expect(error.message.length).toBeGreaterThan(10);
      expect(error.message).not.toMatch(/<|undefined|null|\{/);
      if (data instanceof RegExp) expect(error.data).toMatch(data);
      else if (data === undefined) expect(error.data).toBeUndefined();
      else expect(error.data).toMatchObject(data);
    }
  });

  test('a body that is cut off does not hide the status', async () => {
    for (const cutHow of ['fin', 'reset', 'half-chunk', 'clean']) {
      expect(await failing({ status: 402, cut: 20, cutHow })).toMatchObject({ code: 'insufficient_credits', status: 402, message: NO_CREDITS });
    }
  });
});

describe('details of an error', () => {
  test("each kind of 402 keeps the API's message and its remedy", async () => {
    const weight = await failing({ status: 402, kind: 'weight' });
    expect(weight.cause.message).toMatch(/requested up to 225702 tokens, but can only afford 92985/);
    expect(weight).toMatchObject({ metadata: { limit_source: 'openrouter_credits', remedy_hint: 'Lower max_tokens or add credits.' }, errorType: 'payment_required' });
    expect(weight.retryAfter).toBeUndefined();
    expect(await failing({ status: 402, kind: 'in-flight', retryAfter: '3' })).toMatchObject({ retryAfter: 3000, metadata: { limit_source: 'openrouter_in_flight_budget' } });
    expect((await failing({ status: 402, kind: 'key-limit' })).metadata.limit_source).toBe('openrouter_key_limit');
  });

  test('the message of no_endpoints names the routing limits of the request', async () => {
    const zdr = await failureOf(clientWith({ zdr: true }).chatCompletion({ model: 'x-ai/grok-4', messages }));
    expect(zdr.code).toBe('no_endpoints');
    expect(zdr.message).toMatch(/^No endpoints found matching your data policy.*zdr/s);
    const pinned = await failureOf(clientWith({ dataCollection: 'deny' }).chatCompletion({ model: MODEL, messages, provider: { only: ['groq'], sort: 'price' } }));
    expect(pinned).toMatchObject({ code: 'no_endpoints', status: 404, metadata: { requested_providers: ['groq'] } });
    expect(pinned.message).toMatch(/^No allowed providers are available for the selected model\..*only.*groq.*data_collection.*deny/s);
    expect((await failing({ status: 404 })).message).toBe(`No endpoints found for ${MODEL}.`);
  });

  test("the message contains the provider's own message, shortened where it is long", async () => {
    const raw = `It broke. ${'x'.repeat(50_000)}`;
    const error = await failingWith(502, JSON.stringify({ error: { code: 502, message: 'Provider returned error', metadata: { provider_name: 'Some', raw } } }));
    expect(error.message).toMatch(/^Provider returned error \(Some: It broke\. x+\)$/);
    expect(error.message.length).toBeLessThan(500);
    expect([error.provider, error.metadata.raw]).toEqual(['Some', raw]);
  });

  test('the flagged input of a moderation error is in metadata, and in no message, stack or log', async () => {
    for (const fail of Object.values(PLACES)) {
      const error = await fail({ status: 403, kind: 'moderation' });
      expect(error.metadata).toMatchObject({ reasons: ['violence'], flagged_input: expect.stringContaining('canary prompt') });
      const { metadata, data, ...enumerable } = error;
      for (const shown of [error.message, error.stack, String(error), inspect(error, { depth: Infinity }), JSON.stringify(error), JSON.stringify(enumerable)]) {
        expect(shown).not.toContain('canary prompt');
      }
      expect(error.toJSON().metadata.reasons).toEqual(['violence']);
    }
  });
});

describe('retryAfter', () => {
  const HOUR = 3_600_000;
  const limited = (body, headers) => failingWith(429, JSON.stringify({ error: { code: 429, message: 'Slow down', ...body } }), headers);

  test.each([['7', 7000], ['0', 0], ['1.5', 1500], ['120', 120_000], ['Fri, 01 Jan 2021 00:00:00 GMT', 0], ['soon', undefined], ['-5', undefined]])('of the header Retry-After: %s is %p', async (value, ms) => {
    expect((await limited({}, { 'Retry-After': value })).retryAfter).toBe(ms);
  });

  test.each([
    ['a date', 'date'], ["milliseconds in the body's headers", 'body'], ["seconds in the body's headers", 'seconds'], ['X-RateLimit-Reset as a header', 'headers'],
  ])('is the time until a reset that is given as %s', async (_, kind) => {
    const { retryAfter } = await failing({ status: 429, kind, reset: HOUR });
    expect(retryAfter).toBeGreaterThan(HOUR - 60_000);
    expect(retryAfter).toBeLessThanOrEqual(HOUR + 1000);
  });

  test('of a daily limit is not shortened', async () => {
    expect((await failing({ status: 429, kind: 'daily' })).retryAfter).toBeGreaterThan(14 * HOUR);
  });

  test('is read from a 200 and from a stream as well', async () => {
    for (const fail of [() => failing({ errorIn200: 'top', errorCode: 429, kind: 'body', reset: HOUR }), () => failing({ errorAt: 0, errorCode: 429, kind: 'body', reset: HOUR }, { stream: true })]) {
      expect((await fail()).retryAfter).toBeGreaterThan(HOUR - 60_000);
    }
  });

  test('is 0 for a past reset and undefined for an unreadable one, and the header wins over the body', async () => {
    const reset = (value) => ({ metadata: { headers: { 'X-RateLimit-Reset': value } } });
    expect((await limited(reset('1600000000000'))).retryAfter).toBe(0);
    expect((await limited(reset('tomorrow'))).retryAfter).toBeUndefined();
    expect((await limited(reset(String(Date.now() + HOUR)), { 'Retry-After': '2' })).retryAfter).toBe(2000);
    expect((await limited({ metadata: { retry_after_seconds: 4 } })).retryAfter).toBe(4000);
    expect((await limited({})).retryAfter).toBeUndefined();
  });
});

describe('data', () => {
  const LIMIT = 64 * 1024;
  /** Returns the JSON of an error with this length in bytes. */
  const bodyOf = (bytes, filler = 'x') => {
    const [start, end] = ['{"error":{"code":400,"message":"Too much","metadata":{"raw":"', '"}}}'];
    return start + filler.repeat((bytes - start.length - end.length) / Buffer.byteLength(filler)) + end;
  };

  test('is the parsed body up to 64 KiB, and the first 64 KiB as text of a longer body', async () => {
    const fits = bodyOf(LIMIT);
    expect((await failingWith(400, fits)).data).toEqual(JSON.parse(fits));
    const beyond = bodyOf(LIMIT + 1);
    const error = await failingWith(400, beyond);
    expect(error.data).toBe(beyond.slice(0, LIMIT));
    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/^Too much/) });
  });

  test('is at most 64 KiB also of multi-byte characters', async () => {
    const { data } = await failingWith(400, bodyOf(LIMIT * 2, '蜂'));
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(LIMIT);
    expect(Buffer.byteLength(data)).toBeGreaterThan(LIMIT - 4);
  });

  test('is the first 64 KiB also of a body of megabytes', async () => {
    const body = bodyOf(3 * 1024 * 1024);
    const error = await failingWith(400, body);
    expect([error.code, error.status]).toEqual(['invalid_request', 400]);
    expect(error.data).toBe(body.slice(0, LIMIT));
  });

  test('is a snippet of at most 200 characters where the body is not JSON', async () => {
    const page = `<html>\n${'蜂🐝'.repeat(5000)}</html>`;
    const { data, code } = await failingWith(502, page, { 'Content-Type': 'text/html' });
    expect([code, [...data].length]).toEqual(['provider_error', 200]);
    expect(page.startsWith(data)).toBe(true);
  });
});

describe('the words of another server', () => {
  const page = '<!doctype html><html><head><title>Not &amp; found</title></head></html>';
  const fastApi = { detail: [{ loc: ['body', 'messages', 0], msg: 'Field required', input: 'canary prompt' }] };
  test.each([
    ['FastAPI', 422, JSON.stringify(fastApi), 'invalid_request', 'body.messages.0: Field required'],
    ['Zod', 400, JSON.stringify({ error: { name: 'ZodError', issues: [{ path: ['model'], message: 'Required' }] } }), 'invalid_request', 'model: Required'],
    ['Google', 400, JSON.stringify([{ error: { code: 400, message: 'API key not valid.' } }]), 'invalid_request', 'API key not valid.'],
    ['a gateway', 500, JSON.stringify({ errors: ['first', { message: 'second' }] }), 'server_error', 'first; second'],
    ['a web server', 404, page, 'not_found', 'OpenRouter answered HTTP 404: Not & found. There is no API at this address. Check baseURL.'],
    ['a proxy', 502, 'upstream connect error', 'provider_error', 'OpenRouter answered HTTP 502: upstream connect error. Please try again later.'],
  ])('are those of %s in every call', async (_, status, body, code, message) => {
    server = await startAnsweringServer(answer(status, body));
    const seen = [];
    const fetch = createFetch({ onError: (error) => seen.push(error) });
    const client = clientWith({ baseURL: server.baseURL });
    const params = { model: MODEL, messages };
    seen.push(await failureOf(client.chatCompletion(params)), await failureOf(client.chatCompletion({ ...params, stream: true })), await failureOf(client.getModels(true)));
    const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', headers: { Authorization: 'Bearer x' }, body: JSON.stringify(params) });
    expect(await response.text()).toBe(body);
    await until(() => seen.length === 4, 'onError is called');
    for (const error of seen) expect(error).toMatchObject({ status, code, message });
  });
});

test('a 403 about a spent budget is insufficient_credits, and the next look at the balance asks the API', async () => {
  const key = { data: { limit: 10, limit_remaining: 5, usage: 5 } };
  const spent = { error: { code: 403, message: 'Key limit exceeded (monthly limit).' } };
  server = await startAnsweringServer(({ lines }) => (lines[0].includes('/chat/') ? answer(403, JSON.stringify(spent)) : answer(lines[0].includes('/key') ? 200 : 403, JSON.stringify(lines[0].includes('/key') ? key : { error: { code: 403, message: 'Only management keys can do that' } }))));
  const client = clientWith({ baseURL: server.baseURL });
  expect((await client.getCredits()).balance).toBe(5);
  const error = await failureOf(client.chatCompletion({ model: MODEL, messages }));
  expect(error).toMatchObject({ status: 403, code: 'insufficient_credits', message: spent.error.message });
  const before = server.requests.length;
  await client.getCredits();
  expect(server.requests.length).toBe(before + 1);
});

describe('OpenRouterError', () => {
  test('is an Error with a name, a code and a stack that names the caller', async () => {
    const error = await failing({ status: 503 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(new Error('other')).not.toBeInstanceOf(OpenRouterError);
    expect(Object.prototype.toString.call(error)).toBe('[object Error]');
    expect(String(error)).toBe(`OpenRouterError: ${error.message}`);
    expect(error.message.slice(0, UNAVAILABLE.length)).toBe(UNAVAILABLE);
    expect(error.stack.split('\n')[0]).toBe(`OpenRouterError: ${error.message}`);
    expect(error.stack).toContain(__filename);
    expect(Object.keys(error)).not.toEqual(expect.arrayContaining(['data']));
  });

  test('names the caller in its stack for streams, credits and models as well', async () => {
    const client = clientWith({ headers: { 'X-Emulator': 'status=500' } });
    const stream = await clientWith({}).chatCompletion({ model: MODEL, messages, stream: true, emulator: { errorAt: 1 } });
    for (const error of [await failureOf(stream.finalCompletion()), await failureOf(client.getCredits()), await failureOf(client.getModels()), await failureOf(client.getGeneration('gen-1'))]) {
      expect(error).toBeInstanceOf(OpenRouterError);
      expect(error.stack).toContain(__filename);
    }
  });

  test('has the fields that the answer gives, also in toJSON and inspect', async () => {
    const body = JSON.stringify({ error: { code: 429, message: 'Slow down', metadata: { provider_name: 'Some', error_type: 'rate_limit_exceeded', a: [1] } } });
    const error = await failingWith(429, body, { 'Retry-After': '2', 'X-Generation-Id': 'gen-7', 'X-Request-Id': 'req-9' });
    const facts = {
      name: 'OpenRouterError', message: `${RATE_LIMITED} Slow down (Some)`, code: 'rate_limited', status: 429, statusText: 'Too Many Requests', errorType: 'rate_limit_exceeded', provider: 'Some',
      generationId: 'gen-7', requestId: 'req-9', retryAfter: 2000, data: JSON.parse(body), metadata: JSON.parse(body).error.metadata,
    };
    expect(error).toMatchObject(facts);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ ...facts, cause: 'Slow down (Some)' });
    expect(inspect(error)).toMatch(/status: 429.*requestId: 'req-9'/s);
  });

  test('has the CF-Ray header as its requestId where there is no X-Request-Id', async () => {
    expect((await failingWith(500, '', { 'CF-Ray': '8f00-FRA' })).requestId).toBe('8f00-FRA');
  });

  test('has the answer so far as partial after an error in mid-stream, in toJSON too', async () => {
    const stream = await clientWith({}).chatCompletion({ model: MODEL, messages, stream: true, emulator: { text: 'one two three', chunks: 3, errorAt: 2 } });
    const error = await failureOf(stream.finalCompletion());
    expect(error.partial.choices[0].message.content).toMatch(/^one two ?$/);
    expect(error.toJSON().partial).toEqual(error.partial);
  });
});
