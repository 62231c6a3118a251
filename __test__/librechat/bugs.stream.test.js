'use strict';

// Bugs of the LibreChat client that this class replaces, as listed in docs/librechat.md, in what arrives from the API.

const { getEventListeners } = require('node:events');

const { startEmulator } = require('../../emulator');
const { MODEL, startApp } = require('./app/app.js');
const { FIN, startByteServer } = require('../support/servers/byte-server.js');
const { CLOSE_MS } = require('../support/limits.js');
const { failureOf, shownOf } = require('../support/outcomes.js');
const { SSE_HEAD, chunkOf, event, finishChunk, sse } = require('../support/streaming.js');

const messages = [{ role: 'user', content: 'Tell me about bees' }];

let emulator;
let raw;
beforeAll(async () => {
  emulator = await startEmulator();
  raw = await startByteServer(() => [FIN]);
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  await Promise.all([emulator.close(), raw.close()]);
});

/** A client in the fork's application; `modelOptions` may have `emulator: { … }`. */
function clientOf(api, modelOptions, endpointOption) {
  const app = startApp('old', api);
  return app.clientFor(app.newUser(), modelOptions, endpointOption);
}

/** Streams an answer; returns the result and each value that `onProgress` received. */
async function streamed(client, opts = {}) {
  const progress = [];
  const result = await client.sendCompletion(messages, { onProgress: (text) => { progress.push(text); }, ...opts });
  return { result, progress };
}
/** Streams an answer of the emulator with these directives. */
const streamedWith = (directives) => streamed(clientOf(emulator, { emulator: directives }));
/** Streams an answer from a server that sends exactly these bytes. */
function streamedBytes(bytes) {
  raw.script = () => [SSE_HEAD + bytes, FIN];
  return streamed(clientOf(raw));
}

describe('the first chunk, which names the model', () => {
  test('keeps its content, in the result and in the progress', async () => {
    const { result, progress } = await streamedBytes(sse(chunkOf('FIRST-'), chunkOf('second'), finishChunk()));
    expect(result).toBe('FIRST-second');
    expect(progress.join('')).toBe('FIRST-second');
  });

  test('keeps the id and the name of a tool call', async () => {
    const calls = [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const { result } = await streamedBytes(sse(chunkOf(null, { delta: { tool_calls: calls } }), finishChunk('tool_calls')));
    expect(result.choices[0].message.tool_calls).toEqual([expect.objectContaining({ id: 'call_1', function: { name: 'f', arguments: '{}' } })]);
  });

  test('is preceded by the marker where a router chose the model', async () => {
    const { result, progress } = await streamed(clientOf(emulator, { autoRouter: true }));
    expect(progress[0]).toBe(`\n[OPENROUTER_MODEL:${MODEL}]\n`);
    expect(progress.slice(1).join('')).toBe(result);
  });
});

test('characters that the network splits arrive whole', async () => {
  const { result, progress } = await streamedWith({ text: '你好 🌍', split: 1 });
  expect(result).toBe('你好 🌍');
  expect(progress.join('')).toBe('你好 🌍');
});

describe('every form of event stream is read', () => {
  test.each([
    ['data: without a space', { frame: 'no-space' }],
    ['CR alone', { eol: 'cr' }],
    ['CRLF', { eol: 'crlf' }],
    ['an event over several data lines', { frame: 'multi-line' }],
    ['a byte order mark', { bom: true }],
    ['comments', { 'comments-every': 1 }],
  ])('%s', async (_, directives) => {
    expect((await streamedWith({ text: 'all of it', ...directives })).result).toBe('all of it');
  });

  test('a last event without a line end', async () => {
    const { result } = await streamedBytes(`${event(chunkOf('all'))}data: ${JSON.stringify(chunkOf(' of it', { choice: { finish_reason: 'stop' } }))}`);
    expect(result).toBe('all of it');
  });
});

describe('a failed or incomplete answer', () => {
  test('rejects on an error after text, which partial has', async () => {
    const error = await failureOf(streamedWith({ text: 'one two three', 'error-at': 2 }));
    expect(error).toMatchObject({ name: 'OpenRouterError', code: 'provider_error', status: 502 });
    expect(error.partial.choices[0].message.content).toBe('one two ');
  });

  test('rejects on an error in the first event', async () => {
    expect(await failureOf(streamedWith({ 'error-at': 0, 'error-code': 400 }))).toMatchObject({ code: 'invalid_request', status: 400 });
  });

  test.each([['streaming', true], ['not streaming', false]])('rejects on an error inside a 200 response, %s', async (_, isStreaming) => {
    const body = JSON.stringify({ error: { code: 400, message: 'No such thing' } });
    raw.script = () => [`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`];
    const error = await failureOf(clientOf(raw).sendCompletion(messages, isStreaming ? { onProgress: () => {} } : {}));
    expect(error).toMatchObject({ name: 'OpenRouterError', status: 400, message: 'No such thing' });
  });

  test('rejects on an end without a finish_reason, with the text in partial', async () => {
    const error = await failureOf(streamedBytes(event(chunkOf('half an ans'))));
    expect(error.code).toBe('stream_truncated');
    expect(error.partial.choices[0].message.content).toBe('half an ans');
  });

  test('has finish_reason length when the length limit ended it', async () => {
    const client = clientOf(emulator, { emulator: { text: 'cut', finish: 'length' } });
    await streamed(client);
    expect(client.lastCompletion.choices[0].finish_reason).toBe('length');
  });
});

describe('an abort', () => {
  /** Starts an answer that the test can abort; `answer` resolves to its error, `record` is the request in the emulator. */
  async function startAbortable(directives, onProgress = () => {}) {
    const client = clientOf(emulator, { emulator: directives });
    const controller = new AbortController();
    const answer = failureOf(client.sendCompletion(messages, { onProgress: () => onProgress(controller), abortController: controller }));
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
    return { client, controller, answer, record };
  }

  test('before the headers rejects at once and closes the request', async () => {
    const { controller, answer, record } = await startAbortable({ delay: 30_000 });
    const since = Date.now();
    controller.abort();
    expect(await answer).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    const { by, at } = await record.closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
  });

  test('before the call sends no request', async () => {
    const abortController = new AbortController();
    abortController.abort();
    const error = await failureOf(clientOf(emulator).sendCompletion(messages, { onProgress: () => {}, abortController }));
    expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('in mid-stream closes the request, and keeps the text that had arrived', async () => {
    const { client, answer, record } = await startAbortable({ text: 'one two three', stall: 2 }, (controller) => controller.abort());
    const error = await answer;
    expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted' });
    expect(error).toBeInstanceOf(Error);
    expect(error.partial.choices[0].message.content).toBe(client.getStreamText());
    expect((await record.closed).by).toBe('client');
    expect(record.deltas).toBeLessThanOrEqual(2);
  });

  test('leaves no listener on the signal after an answer', async () => {
    const abortController = new AbortController();
    const client = clientOf(emulator);
    for (let at = 0; at < 3; at += 1) await streamed(client, { abortController });
    expect(getEventListeners(abortController.signal, 'abort')).toHaveLength(0);
  });

  test('closes a request without stream too', async () => {
    const client = clientOf(emulator, { emulator: { delay: 30_000 } });
    const abortController = new AbortController();
    const answer = failureOf(client.sendCompletion(messages, { abortController }));
    const record = await emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
    abortController.abort();
    expect((await answer).name).toBe('AbortError');
    expect((await record.closed).by).toBe('client');
  });
});

describe('the usage of a stream', () => {
  test('is known after its end', async () => {
    const client = clientOf(emulator);
    await streamed(client);
    expect(client.usage).toMatchObject({ prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number), cost: expect.any(Number) });
    expect(client.getStreamUsage()).toBe(client.usage);
    expect(client.getTokenCountForResponse({ text: 'x' })).toBe(client.usage.completion_tokens);
  });

  test('is null after an abort, not that of the previous answer', async () => {
    const client = clientOf(emulator);
    await streamed(client);
    await failureOf(client.sendCompletion(messages, { onProgress: () => {}, abortController: { signal: AbortSignal.abort() } }));
    expect(client.getStreamUsage()).toBeNull();
    expect(client.getActualModelUsed()).toBeNull();
  });

  test('gives the token count of the newest message', () => {
    const client = clientOf(emulator);
    const usage = { prompt_tokens: 50 };
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 30, b: 12 }, usage })).toBe(20);
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 60, b: 12 }, usage })).toBe(12);
    expect(client.calculateCurrentTokenCount({ currentMessageId: 'b', tokenCountMap: { a: 30, b: 12 } })).toBe(12);
  });
});

describe('an error', () => {
  test('is an Error with status, code, message, retryAfter and data', async () => {
    const error = await failureOf(streamedWith({ status: 429, 'retry-after': 7200 }));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ status: 429, code: 'rate_limited', message: 'Rate limit exceeded. Please try again later.', retryAfter: 7_200_000 });
    expect(error.data.error.code).toBe(429);
  });

  test.each([
    [401, 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.'],
    [402, 'Insufficient credits. Please add credits to your OpenRouter account.'],
    [429, 'Rate limit exceeded. Please try again later.'],
    [503, 'OpenRouter service temporarily unavailable. Please try again later.'],
  ])('of status %i has the message that LibreChat expects, also through handleError', async (status, text) => {
    const client = clientOf(emulator);
    client.options.maxRetries = 0;
    client.modelOptions.emulator = { status };
    // The message of the API follows.
    expect((await failureOf(streamed(client))).message.slice(0, text.length)).toBe(text);
    const handled = await client.handleError(new Response('{"error":{"message":"x"}}', { status, statusText: 'Oh' }));
    expect(handled).toBeInstanceOf(Error);
    expect(handled).toMatchObject({ message: text, status, statusText: 'Oh', data: { error: { message: 'x' } } });
  });

  test('does not show a key that the server echoes', async () => {
    const client = clientOf(emulator, { emulator: { status: 401, kind: 'echo-key' } });
    const error = await failureOf(streamed(client));
    expect(shownOf(error)).not.toContain(client.apiKey);
    const echoed = `Incorrect API key ${client.apiKey} given`;
    const handled = await client.handleError(new Response(JSON.stringify({ error: { message: echoed } }), { status: 400 }));
    expect(handled.message).toBe('Incorrect API key [REDACTED] given');
    expect(shownOf(handled)).not.toContain(client.apiKey);
  });

  test('of the network has a code and an errno', async () => {
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

describe('no part of an answer is lost', () => {
  test.each(['no-index', 'first-index-1', 'same-index', 'interleaved', 'function-call'])('tool calls with the quirk %s', async (quirk) => {
    const { result } = await streamedWith({ 'tool-quirk': quirk });
    const { tool_calls: calls, function_call: call } = result.choices[0].message;
    const all = call ? [{ function: call }] : calls;
    expect(all.length).toBe(['same-index', 'interleaved'].includes(quirk) ? 2 : 1);
    for (const one of all) {
      expect(one.function.name).toBe('get_weather');
      expect(JSON.parse(one.function.arguments)).toHaveProperty('city');
    }
    expect(result.choices[0].finish_reason).toBe('tool_calls');
  });

  test('reasoning is in lastCompletion, and for v0.8 in the metadata', async () => {
    const app = startApp('new', emulator);
    const client = app.clientFor(app.newUser(), { reasoning: { effort: 'low' } });
    const { metadata } = await client.sendCompletion(messages, { onProgress: () => {} });
    expect(metadata.reasoning).toBe(client.lastCompletion.choices[0].message.reasoning);
    expect(metadata.reasoning.length).toBeGreaterThan(0);
  });

  test.each([
    ['throws', () => { throw new Error('mine'); }],
    ['rejects', async () => { throw new Error('mine'); }],
  ])('content, when onProgress %s', async (_, onProgress) => {
    const client = clientOf(emulator, { emulator: { text: 'all of it' } });
    expect(await client.sendCompletion(messages, { onProgress })).toBe('all of it');
  });
});

describe('several answers on one client', () => {
  test('that run concurrently have their own marker and text; the model is that of the one that ended', async () => {
    const client = clientOf(emulator);
    const received = { plain: '', auto: '' };
    const abortController = new AbortController();
    let started;
    const hasStarted = new Promise((resolve) => { started = resolve; });
    const plain = failureOf(client.sendCompletion({ messages, emulator: { text: 'by its name', stall: 1 } }, {
      abortController,
      onProgress: (text) => { received.plain += text; started(); },
    }));
    await hasStarted;
    const directives = { model: 'x-ai/grok-4', text: 'by a router' };
    const auto = await client.sendCompletion({ messages, autoRouter: true, emulator: directives }, { onProgress: (text) => { received.auto += text; } });
    expect(auto).toBe('by a router');
    expect(client.getResponseModel()).toBe('x-ai/grok-4');
    abortController.abort();
    expect((await plain).partial.choices[0].message.content).toBe('by ');
    expect(received).toEqual({ plain: 'by ', auto: '\n[OPENROUTER_MODEL:x-ai/grok-4]\nby a router' });
  });

  test('that follow each other have their own model, also after a fallback', async () => {
    const client = clientOf(emulator, { models: ['x-ai/grok-4'], emulator: { fail: MODEL } });
    await streamed(client);
    expect(client.getActualModelUsed()).toBe('x-ai/grok-4');
    expect(client.options.openRouterActualModel).toBe('x-ai/grok-4');
    client.modelOptions.emulator = {};
    await streamed(client);
    expect(client.getResponseModel()).toBe(MODEL);
  });
});

describe('the model marker', () => {
  test('is sent to onProgress once, before the first content, and is in no text', async () => {
    const client = clientOf(emulator, { model: 'openrouter/auto' });
    const { result, progress } = await streamed(client);
    const isMarker = (text) => /\n?\[OPENROUTER_MODEL:([^\]]+)\]\n?/.test(text);
    expect(progress.filter(isMarker)).toHaveLength(1);
    expect(isMarker(progress[0])).toBe(true);
    expect(isMarker(result)).toBe(false);
    expect(client.getStreamText()).toBe(result);
  });

  test('is not sent without a router, nor with modelMarker: false', async () => {
    const { progress } = await streamed(clientOf(emulator));
    expect(progress.join('')).not.toContain('OPENROUTER_MODEL');
    const { createOpenRouterClient } = require('openrouter-native/librechat');
    const BaseClient = require('./app/old/app/clients/BaseClient.js');
    const Client = createOpenRouterClient({ BaseClient, modelMarker: false });
    const quiet = new Client('sk-or-v1-limit-librechat-quiet', { baseURL: emulator.baseURL, autoRouter: true });
    expect((await streamed(quiet)).progress.join('')).not.toContain('OPENROUTER_MODEL');
  });

  test('is not sent late, in the middle of the text', async () => {
    const { progress } = await streamed(clientOf(emulator, { autoRouter: true, emulator: { text: 'one two three', 'late-model': 3 } }));
    expect(progress.join('')).toBe('one two three');
  });
});
