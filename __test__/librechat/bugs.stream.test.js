'use strict';

// The bugs of the client that this one replaces, by their numbers: what comes over the wire.

const { getEventListeners } = require('node:events');

const { startEmulator } = require('../../emulator');
const { MODEL, startApp } = require('./app/app.js');
const { FIN, startByteServer } = require('../support/servers/byte-server.js');
const { CLOSE_MS } = require('../support/limits.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { SSE_HEAD, chunkOf, event, finishChunk, sse } = require('../support/streaming.js');

const messages = [{ role: 'user', content: 'Tell me about bees' }];

let restore;
let emulator;
let raw;
beforeAll(async () => {
  restore = cleanEnvironment();
  emulator = await startEmulator();
  raw = await startByteServer(() => [FIN]);
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  await Promise.all([emulator.close(), raw.close()]);
  restore();
});

/** A client of the fork's age; `modelOptions` may hold `emulator: { … }`. */
function clientOf(api, modelOptions, endpointOption) {
  const app = startApp('old', api);
  return app.clientFor(app.newUser(), modelOptions, endpointOption);
}

/** What a streamed answer came to: the result and each thing `onProgress` was told. */
async function streamed(client, opts = {}) {
  const progress = [];
  const result = await client.sendCompletion(messages, { onProgress: (text) => { progress.push(text); }, ...opts });
  return { result, progress };
}
const played = (directives) => streamed(clientOf(emulator, { emulator: directives }));
/** The same, from exactly these bytes. */
function playedBytes(bytes) {
  raw.script = () => [SSE_HEAD + bytes, FIN];
  return streamed(clientOf(raw));
}

describe('bug 01: the chunk that tells the model', () => {
  test('keeps its content, in the result and in the progress', async () => {
    const { result, progress } = await playedBytes(sse(chunkOf('FIRST-'), chunkOf('second'), finishChunk()));
    expect(result).toBe('FIRST-second');
    expect(progress.join('')).toBe('FIRST-second');
  });

  test('keeps the id and the name of a tool call', async () => {
    const calls = [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const { result } = await playedBytes(sse(chunkOf(null, { delta: { tool_calls: calls } }), finishChunk('tool_calls')));
    expect(result.choices[0].message.tool_calls).toEqual([expect.objectContaining({ id: 'call_1', function: { name: 'f', arguments: '{}' } })]);
  });

  test('leads to the marker, where a router chose the model', async () => {
    const { result, progress } = await streamed(clientOf(emulator, { autoRouter: true }));
    expect(progress[0]).toBe(`\n[OPENROUTER_MODEL:${MODEL}]\n`);
    expect(progress.slice(1).join('')).toBe(result);
  });
});

test('bug 02: characters that the network cuts are whole', async () => {
  const { result, progress } = await played({ text: '你好 🌍', split: 1 });
  expect(result).toBe('你好 🌍');
  expect(progress.join('')).toBe('你好 🌍');
});

describe('bug 03: every event stream is read', () => {
  test.each([
    ['data: without a space', { frame: 'no-space' }],
    ['CR alone', { eol: 'cr' }],
    ['CRLF', { eol: 'crlf' }],
    ['an event over several data lines', { frame: 'multi-line' }],
    ['a byte order mark', { bom: true }],
    ['comments', { 'comments-every': 1 }],
  ])('%s', async (_, directives) => {
    expect((await played({ text: 'all of it', ...directives })).result).toBe('all of it');
  });

  test('a last event without a line end', async () => {
    const { result } = await playedBytes(`${event(chunkOf('all'))}data: ${JSON.stringify(chunkOf(' of it', { choice: { finish_reason: 'stop' } }))}`);
    expect(result).toBe('all of it');
  });
});

describe('bug 04: what fails is no answer', () => {
  test('an error after text rejects, with the text', async () => {
    const error = await failureOf(played({ text: 'one two three', 'error-at': 2 }));
    expect(error).toMatchObject({ name: 'OpenRouterError', code: 'provider_error', status: 502 });
    expect(error.partial.choices[0].message.content).toBe('one two ');
  });

  test('an error and nothing else rejects', async () => {
    expect(await failureOf(played({ 'error-at': 0, 'error-code': 400 }))).toMatchObject({ code: 'invalid_request', status: 400 });
  });

  test.each([['streaming', true], ['not streaming', false]])('a 200 that holds an error rejects, %s', async (_, isStreaming) => {
    const body = JSON.stringify({ error: { code: 400, message: 'No such thing' } });
    raw.script = () => [`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`];
    const error = await failureOf(clientOf(raw).sendCompletion(messages, isStreaming ? { onProgress: () => {} } : {}));
    expect(error).toMatchObject({ name: 'OpenRouterError', status: 400, message: 'No such thing' });
  });

  test('an end without a finish rejects, with what had come', async () => {
    const error = await failureOf(playedBytes(event(chunkOf('half an ans'))));
    expect(error.code).toBe('stream_truncated');
    expect(error.partial.choices[0].message.content).toBe('half an ans');
  });

  test('an answer that was cut at its length says so', async () => {
    const client = clientOf(emulator, { emulator: { text: 'cut', finish: 'length' } });
    await streamed(client);
    expect(client.lastCompletion.choices[0].finish_reason).toBe('length');
  });
});

describe('bug 05: an abort', () => {
  /** Aborts when `ready` says so; gives the error and how the request ended. */
  async function aborted(directives, onProgress = () => {}) {
    const client = clientOf(emulator, { emulator: directives });
    const controller = new AbortController();
    const answer = failureOf(client.sendCompletion(messages, { onProgress: () => onProgress(controller), abortController: controller }));
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
    return { client, controller, answer, record };
  }

  test('before the headers rejects at once and closes the request', async () => {
    const { controller, answer, record } = await aborted({ delay: 30_000 });
    const since = Date.now();
    controller.abort();
    expect(await answer).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    const { by, at } = await record.closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
  });

  test('that came before sends nothing', async () => {
    const abortController = new AbortController();
    abortController.abort();
    const error = await failureOf(clientOf(emulator).sendCompletion(messages, { onProgress: () => {}, abortController }));
    expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('05b: in mid-stream stops what is paid for, and keeps what had come', async () => {
    const { client, answer, record } = await aborted({ text: 'one two three', stall: 2 }, (controller) => controller.abort());
    const error = await answer;
    expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    expect(error).toBeInstanceOf(Error);
    expect(error.partial.choices[0].message.content).toBe(client.getStreamText());
    expect((await record.closed).by).toBe('client');
    expect(record.deltas).toBeLessThanOrEqual(2);
  });

  test('is listened for only while there is something to abort', async () => {
    const abortController = new AbortController();
    const client = clientOf(emulator);
    for (let at = 0; at < 3; at += 1) await streamed(client, { abortController });
    expect(getEventListeners(abortController.signal, 'abort')).toHaveLength(0);
  });

  test('also ends an answer that is not streamed', async () => {
    const client = clientOf(emulator, { emulator: { delay: 30_000 } });
    const abortController = new AbortController();
    const answer = failureOf(client.sendCompletion(messages, { abortController }));
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
    abortController.abort();
    expect((await answer).name).toBe('AbortError');
    expect((await record.closed).by).toBe('client');
  });
});

describe('bug 07: the usage of a stream', () => {
  test('is known after it', async () => {
    const client = clientOf(emulator);
    await streamed(client);
    expect(client.usage).toMatchObject({ prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number), cost: expect.any(Number) });
    expect(client.getStreamUsage()).toBe(client.usage);
    expect(client.getTokenCountForResponse({ text: 'x' })).toBe(client.usage.completion_tokens);
  });

  test('is not that of an answer before it', async () => {
    const client = clientOf(emulator);
    await streamed(client);
    await failureOf(client.sendCompletion(messages, { onProgress: () => {}, abortController: { signal: AbortSignal.abort() } }));
    expect(client.getStreamUsage()).toBeNull();
    expect(client.getActualModelUsed()).toBeNull();
  });

  test('tells what the newest message was', () => {
    const client = clientOf(emulator);
    const usage = { prompt_tokens: 50 };
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 30, b: 12 }, usage })).toBe(20);
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 60, b: 12 }, usage })).toBe(12);
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 30, b: 12 } })).toBe(12);
  });
});

describe('bug 08: an error', () => {
  test('is one, with all that is known of it', async () => {
    const error = await failureOf(played({ status: 429, 'retry-after': 7200 }));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ status: 429, code: 'rate_limited', message: 'Rate limit exceeded. Please try again later.', retryAfter: 7_200_000 });
    expect(error.data.error.code).toBe(429);
  });

  test.each([
    [401, 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.'],
    [402, 'Insufficient credits. Please add credits to your OpenRouter account.'],
    [429, 'Rate limit exceeded. Please try again later.'],
    [503, 'OpenRouter service temporarily unavailable. Please try again later.'],
  ])('of status %i has the text that LibreChat knows, also through handleError', async (status, text) => {
    const client = clientOf(emulator);
    client.options.maxRetries = 0;
    client.modelOptions.emulator = { status };
    // What the API says beside it comes after it.
    expect((await failureOf(streamed(client))).message.slice(0, text.length)).toBe(text);
    const handled = await client.handleError(new Response('{"error":{"message":"x"}}', { status, statusText: 'Oh' }));
    expect(handled).toBeInstanceOf(Error);
    expect(handled).toMatchObject({ message: text, status, statusText: 'Oh', data: { error: { message: 'x' } } });
  });

  test('shows no key, wherever the server put it', async () => {
    const client = clientOf(emulator, { emulator: { status: 401, kind: 'echo-key' } });
    const error = await failureOf(streamed(client));
    expect(shownOf(error)).not.toContain(client.apiKey);
    const echoed = `Incorrect API key ${client.apiKey} given`;
    const handled = await client.handleError(new Response(JSON.stringify({ error: { message: echoed } }), { status: 400 }));
    expect(handled.message).toBe('Incorrect API key [REDACTED] given');
    expect(shownOf(handled)).not.toContain(client.apiKey);
  });

  test('of the network names what failed', async () => {
    const closed = await startByteServer(() => []);
    await closed.close();
    expect(await failureOf(clientOf(closed).getModels(true))).toMatchObject({ code: 'connection_failed', errno: 'ECONNREFUSED' });
  });

  test('whose body is not JSON keeps its status', async () => {
    const client = clientOf(emulator);
    const handled = await client.handleError(new Response('<html>', { status: 500, statusText: 'Internal Server Error' }));
    expect(handled).toMatchObject({ status: 500, message: 'HTTP 500: Internal Server Error' });
    expect(await client.handleError(new Response('', { status: 524 }))).toMatchObject({ status: 524, code: 'timeout' });
  });
});

describe('bug 11: what an answer holds is not lost', () => {
  test.each(['no-index', 'first-index-1', 'same-index', 'interleaved', 'function-call'])('tool calls: %s', async (quirk) => {
    const { result } = await played({ 'tool-quirk': quirk });
    const { tool_calls: calls, function_call: call } = result.choices[0].message;
    const all = call ? [{ function: call }] : calls;
    expect(all.length).toBe(['same-index', 'interleaved'].includes(quirk) ? 2 : 1);
    for (const one of all) {
      expect(one.function.name).toBe('get_weather');
      expect(JSON.parse(one.function.arguments)).toHaveProperty('city');
    }
    expect(result.choices[0].finish_reason).toBe('tool_calls');
  });

  test('reasoning stays within reach, and goes with the message in v0.8', async () => {
    const app = startApp('new', emulator);
    const client = app.clientFor(app.newUser(), { reasoning: { effort: 'low' } });
    const { metadata } = await client.sendCompletion(messages, { onProgress: () => {} });
    expect(metadata.reasoning).toBe(client.lastCompletion.choices[0].message.reasoning);
    expect(metadata.reasoning.length).toBeGreaterThan(0);
  });

  test.each([
    ['throws', () => { throw new Error('mine'); }],
    ['rejects', async () => { throw new Error('mine'); }],
  ])('an onProgress that %s loses nothing', async (_, onProgress) => {
    const client = clientOf(emulator, { emulator: { text: 'all of it' } });
    expect(await client.sendCompletion(messages, { onProgress })).toBe('all of it');
  });
});

describe('bug 13: two answers on one client', () => {
  test('each has its own marker and text, and the model is of the one that ended', async () => {
    const client = clientOf(emulator);
    const told = { plain: '', auto: '' };
    const abortController = new AbortController();
    let started;
    const isUnderWay = new Promise((resolve) => { started = resolve; });
    const plain = failureOf(client.sendCompletion({ messages, emulator: { text: 'by its name', stall: 1 } }, {
      abortController,
      onProgress: (text) => { told.plain += text; started(); },
    }));
    await isUnderWay;
    const directives = { model: 'x-ai/grok-4', text: 'by a router' };
    const auto = await client.sendCompletion({ messages, autoRouter: true, emulator: directives }, { onProgress: (text) => { told.auto += text; } });
    expect(auto).toBe('by a router');
    expect(client.getResponseModel()).toBe('x-ai/grok-4');
    abortController.abort();
    expect((await plain).partial.choices[0].message.content).toBe('by ');
    expect(told).toEqual({ plain: 'by ', auto: '\n[OPENROUTER_MODEL:x-ai/grok-4]\nby a router' });
  });

  test('the model is this answer\'s, also when a fallback gave it', async () => {
    const client = clientOf(emulator, { models: ['x-ai/grok-4'], emulator: { fail: MODEL } });
    await streamed(client);
    expect(client.getActualModelUsed()).toBe('x-ai/grok-4');
    expect(client.options.openRouterActualModel).toBe('x-ai/grok-4');
    client.modelOptions.emulator = {};
    await streamed(client);
    expect(client.getResponseModel()).toBe(MODEL);
  });
});

describe('bug 19: the marker', () => {
  test('is told once, before the first content, and is in no text', async () => {
    const client = clientOf(emulator, { model: 'openrouter/auto' });
    const { result, progress } = await streamed(client);
    const isMarker = (text) => /\n?\[OPENROUTER_MODEL:([^\]]+)\]\n?/.test(text);
    expect(progress.filter(isMarker)).toHaveLength(1);
    expect(isMarker(progress[0])).toBe(true);
    expect(isMarker(result)).toBe(false);
    expect(client.getStreamText()).toBe(result);
  });

  test('is not told where no router chose, nor where it is not wanted', async () => {
    const { progress } = await streamed(clientOf(emulator));
    expect(progress.join('')).not.toContain('OPENROUTER_MODEL');
    const { createOpenRouterClient } = require('openrouter-native/librechat');
    const BaseClient = require('./app/old/app/clients/BaseClient.js');
    const Client = createOpenRouterClient({ BaseClient, modelMarker: false });
    const quiet = new Client('sk-or-v1-limit-librechat-quiet', { baseURL: emulator.baseURL, autoRouter: true });
    expect((await streamed(quiet)).progress.join('')).not.toContain('OPENROUTER_MODEL');
  });

  test('does not come late, in the middle of the text', async () => {
    const { progress } = await streamed(clientOf(emulator, { autoRouter: true, emulator: { text: 'one two three', 'late-model': 3 } }));
    expect(progress.join('')).toBe('one two three');
  });
});
