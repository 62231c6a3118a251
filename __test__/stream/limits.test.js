'use strict';

const zlib = require('node:zlib');

const { FIN, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { CHUNKED_HEAD, chunkOf, event, finishChunk, inChild, openStream, readAll, sse } = require('../support/streaming');

const MB = 1e6;
/** A million bytes of content in small deltas of 100 bytes, as server-sent events. */
const DELTAS = event(chunkOf('x'.repeat(100))).repeat(10_000);
const GZIP_HEAD = CHUNKED_HEAD.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n');

let server;
beforeAll(async () => { server = await startByteServer(() => [FIN]); });
afterAll(() => server.close());

/** Sends `count` million bytes of content, then the end of the answer. */
const long = (count) => async function* send() {
  yield CHUNKED_HEAD;
  const deltas = httpChunk(DELTAS);
  for (let at = 0; at < count; at += 1) yield deltas;
  const usage = chunkOf('', { usage: { prompt_tokens: 1, completion_tokens: 2, cost: 0.5 } });
  yield httpChunk(sse(finishChunk(), usage)) + httpChunk();
};

/** Reads a stream in a child, in the way that is called `how`. Returns what it received, and the growth of its memory. */
async function readLong({ OpenRouterClient }, { baseURL, how, options, params }) {
  const client = new OpenRouterClient('sk-or-v1-limit-long', { baseURL, maxRetries: 0, ...options });
  const before = process.memoryUsage.rss();
  let peak = 0;
  const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 20);
  const stream = await client.chatCompletion({ model: 'a/b', messages: [{ role: 'user', content: 'q' }], stream: true, ...params });
  let length = 0;
  let error;
  try {
    if (how === 'finalCompletion') length = (await stream.finalCompletion()).choices[0].message.content.length;
    else if (how === 'text' || how === 'abort') {
      for await (const text of stream.text()) {
        length += text.length;
        if (how === 'abort' && length > 90e6) stream.abort('enough');
      }
    } else if (how === 'body') for await (const bytes of stream.body) length += bytes.length;
  } catch (reason) {
    error = { code: reason.code, message: reason.message, partial: reason.partial };
  }
  clearInterval(timer);
  const { content } = (error?.partial ?? stream.partial).choices[0].message;
  const kept = content.length;
  const isPrefix = content === 'x'.repeat(kept);
  return { length, kept, isPrefix, code: error?.code, message: error?.message, truncated: error?.partial._truncated, growth: Math.max(peak, process.memoryUsage.rss()) - before };
}

describe('an answer in small deltas that is larger than maxResponseBytes', () => {
  test.each(['text', 'body', 'finalCompletion'])('fails with response_too_large for a reader of %s, and leaves the beginning in partial', async (how) => {
    server.script = long(1000);
    const { result, trouble } = await inChild(readLong, { baseURL: server.baseURL, how, options: { maxResponseBytes: 50 * MB } });
    expect(trouble).toEqual([]);
    expect(result).toMatchObject({ code: 'response_too_large', isPrefix: true });
    expect(result.message).toContain('maxResponseBytes');
    if (how === 'text') expect(result.length).toBeGreaterThan(49 * MB);
    expect(result.kept).toBeGreaterThan(4 * MB);
    expect(result.kept).toBeLessThan(5 * MB);
    expect(result.truncated.keptBytes).toBeGreaterThanOrEqual(result.kept);
    expect(result.truncated.bytes).toBeGreaterThan(50 * MB);
    expect(result.growth).toBeLessThan(300 * MB);
  });

  test('also where it arrives compressed', async () => {
    const packed = zlib.gzipSync(DELTAS.repeat(100));
    expect(packed.length).toBeLessThan(4 * MB);
    server.script = () => [GZIP_HEAD, httpChunk(packed), httpChunk()];
    const { result, trouble } = await inChild(readLong, { baseURL: server.baseURL, how: 'text', options: { maxResponseBytes: 20 * MB } });
    expect(trouble).toEqual([]);
    expect(result).toMatchObject({ code: 'response_too_large', isPrefix: true });
    expect(result.growth).toBeLessThan(300 * MB);
  });
});

test('an abort after 90 MB rejects, with the beginning of the answer in partial', async () => {
  server.script = long(1000);
  const { result, trouble } = await inChild(readLong, { baseURL: server.baseURL, how: 'abort' });
  expect(trouble).toEqual([]);
  expect(result).toMatchObject({ code: 'aborted', isPrefix: true });
  expect(result.kept).toBeLessThan(5 * MB);
  expect(result.truncated.bytes).toBeGreaterThan(90 * MB);
});

test('createFetch passes an answer of any length in flat memory, and still reads its usage', async () => {
  server.script = long(200);
  const { result, trouble } = await inChild(async ({ createFetch }, { baseURL }) => {
    let usage;
    const errors = [];
    const fetch = createFetch({ onUsage: (value) => { usage = value; }, onError: (error) => errors.push(error.code) });
    const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'q' }], stream: true }) });
    let length = 0;
    let before;
    let peak = 0;
    for await (const bytes of response.body) {
      length += bytes.length;
      if (length < 30e6) before = process.memoryUsage.rss();
      else peak = Math.max(peak, process.memoryUsage.rss());
    }
    return { length, usage, errors, growth: peak - before };
  }, { baseURL: server.baseURL });
  expect(trouble).toEqual([]);
  expect(result).toMatchObject({ usage: { cost: 0.5 }, errors: [] });
  expect(result.length).toBeGreaterThan(200 * DELTAS.length);
  // An engine collects garbage when it likes: Deno grows by up to 107 MB, also with an answer three times as long.
  expect(result.growth).toBeLessThan(150 * MB);
});

describe('one event with more than a completion can have', () => {
  const many = (count, item) => Array.from({ length: count }, (_, at) => item(at)).join(',');
  const delta = (fields) => `{"choices":[{"index":0,"delta":{${fields}}}]}`;

  test.each([
    ['choices', `{"choices":[${many(700_000, (at) => `{"index":${at}}`)}]}`, '128 choices'],
    ['choices with a delta', `{"choices":[${many(400_000, (at) => `{"index":${at},"delta":{}}`)}]}`, '128 choices'],
    ['tool calls', delta(`"tool_calls":[${many(200_000, (at) => `{"id":"${at}"}`)}]`), '1024 tool calls'],
    ['reasoning details', delta(`"reasoning_details":[${many(900_000, () => '{}')}]`), '4096 reasoning_details'],
    ['images', delta(`"images":[${many(900_000, (at) => at)}]`), '4096 images'],
  ])('%s fails with an error that names the limit, in memory of a small multiple of its size', async (_what, text, limit) => {
    server.script = () => [CHUNKED_HEAD, httpChunk(event(chunkOf('so far'))), httpChunk(event(text)), httpChunk()];
    const { result, trouble } = await inChild(readLong, { baseURL: server.baseURL, how: 'text' });
    expect(trouble).toEqual([]);
    expect(result.code).toBe('response_too_large');
    expect(result.message).toContain(limit);
    expect(result.length).toBe('so far'.length);
    expect(result.growth).toBeLessThan(30 * MB + 12 * text.length);
  });

  test('names in an object are not all assembled, but the chunk is delivered whole', async () => {
    const text = delta(many(300_000, (at) => `"n${at}":1`));
    server.script = () => [CHUNKED_HEAD, httpChunk(event(text)), httpChunk(sse(finishChunk())), httpChunk()];
    const stream = await openStream(server);
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(JSON.stringify(items[0])).toBe(text);
    expect(Object.keys(stream.partial.choices[0].message).length).toBeLessThan(5000);
  });
});
