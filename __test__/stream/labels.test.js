'use strict';

const { createFetch } = require('../..');
const { FIN, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { chunkOf, event, finishChunk, newClient, sse } = require('../support/streaming');

const USAGE = { prompt_tokens: 1, completion_tokens: 2, cost: 0.5 };
const COMPLETION = {
  id: 'gen-1',
  object: 'chat.completion',
  model: 'a/b',
  choices: [{ index: 0, message: { role: 'assistant', content: 'one two' }, finish_reason: 'stop' }],
  usage: USAGE,
};
const CHUNKS = [chunkOf('one'), chunkOf(' two'), finishChunk(), { ...chunkOf(''), choices: [], usage: USAGE }];
const LINES = CHUNKS.map((chunk) => `${JSON.stringify(chunk)}\n`).join('');
const LABELS = ['text/event-stream', 'application/json', 'application/x-ndjson', 'text/plain', 'application/octet-stream', null];
const CHAT = { model: 'a/b', messages: [{ role: 'user', content: 'q' }] };

let server;
beforeAll(async () => { server = await startByteServer(() => [FIN]); });
afterAll(() => server.close());

/** Answers with this body, under this label, in two pieces that are cut in the middle. */
function serve(body, label) {
  const type = label === null ? '' : `Content-Type: ${label}\r\n`;
  const bytes = Buffer.from(body);
  const half = bytes.length >> 1;
  server.script = () => [
    `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\n`,
    httpChunk(bytes.subarray(0, half)),
    httpChunk(bytes.subarray(half)),
    httpChunk(),
  ];
}

/** What each way to read an answer makes of it: its text and cost, or its error. */
const DOORS = {
  stream: async () => {
    const stream = await newClient(server).chatCompletion({ ...CHAT, stream: true });
    let text = '';
    for await (const piece of stream.text()) text += piece;
    return { text, cost: stream.cost };
  },
  completion: async () => {
    const { choices, usage } = await newClient(server).chatCompletion(CHAT);
    return { text: choices[0].message.content, cost: usage.cost };
  },
  createFetch: async (body) => {
    const seen = {};
    const fetch = createFetch({ failOnTruncation: false, onUsage: (usage) => { seen.cost = usage.cost; }, onError: (error) => { seen.error = error; } });
    const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify({ ...CHAT, stream: true }) });
    expect(await response.text()).toBe(body);
    if (seen.error) throw seen.error;
    // The text is for the caller to read.
    return { text: 'one two', cost: seen.cost };
  },
};
const outcomeOf = (door, body) => DOORS[door](body).catch(({ code, message }) => ({ code, message }));

describe.each(Object.keys(DOORS))('the content decides, not the label: %s', (door) => {
  describe.each([
    ['a completion', JSON.stringify(COMPLETION)],
    ['a completion over several lines', `\n${JSON.stringify(COMPLETION, null, 2)}\n`],
    ['an event stream', sse(...CHUNKS)],
    ['an event stream that begins with a comment', `: OPENROUTER PROCESSING\n\n${sse(...CHUNKS)}`],
    ['lines of JSON', LINES],
    ['lines of JSON, of which the last has no end', LINES.trimEnd()],
    ['lines of JSON that end with CR LF and [DONE]', `${LINES.replaceAll('\n', '\r\n')}[DONE]\r\n`],
  ])('%s', (_what, body) => {
    test.each(LABELS)('as %s', async (label) => {
      serve(body, label);
      expect(await outcomeOf(door, body)).toEqual({ text: 'one two', cost: 0.5 });
    });
  });

  describe.each([
    ['an error', '{"error":{"code":429,"message":"Rate limited by the provider"}}', 'rate_limited', 'Rate limit exceeded'],
    ['an error over several lines', '{\n  "error": {\n "code": 502, "message": "The provider is down" }\n}\n', 'provider_error', 'The provider is down'],
    ['an error line', '{"error":{"code":502,"message":"The provider is down"}}\n', 'provider_error', 'The provider is down'],
    ['an event of the type error', event({ type: 'error', message: 'The model broke', code: 'server_error' }), null, 'The model broke'],
    ['an event that is an error object', event({ object: 'error', message: 'Too many tokens', code: 400 }), 'invalid_request', 'Too many tokens'],
    ['an event of the type error, after text', event(CHUNKS[0]) + event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }), null, 'Overloaded'],
    ['an event named error, with plain text', `${event(CHUNKS[0])}event: error\ndata: upstream exploded\n\n`, null, 'upstream exploded'],
    ['lines of JSON, then an error', `${JSON.stringify(CHUNKS[0])}\n{"error":{"code":502,"message":"The provider is down"}}\n`, 'provider_error', 'The provider is down'],
    ['a line of JSON that is cut', `${JSON.stringify(CHUNKS[0])}\n{"choi`, 'stream_truncated', 'cut off'],
    ['a single chunk without an end', JSON.stringify(CHUNKS[0]), 'stream_truncated', 'cut off'],
  ])('%s', (_what, body, code, words) => {
    test.each(LABELS)('as %s', async (label) => {
      serve(body, label);
      const outcome = await outcomeOf(door, body);
      expect(outcome.message).toContain(words);
      if (code !== null) expect(outcome.code).toBe(code);
    });
  });
});

describe('text in parts', () => {
  const part = (content) => chunkOf(null, { delta: { content } });
  const parts = [
    part([{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }]),
    part([{ type: 'text', text: 'one' }, { type: 'text', text: ' "two"' }]),
    part([{ type: 'reference', reference_ids: [1] }]),
    part([{ type: 'text', text: ' three' }]),
    part([{ type: 'thinking', thinking: 'so' }]),
    finishChunk(),
  ];
  const open = async (params) => {
    serve(sse(...parts), 'text/event-stream');
    return newClient(server).chatCompletion({ ...CHAT, stream: true, ...params });
  };

  test('is text in text(), onProgress and events, and firstTokenMs sees it', async () => {
    const seen = [];
    const stream = await open({ onProgress: (text) => seen.push(['progress', text]) });
    for (const name of ['content', 'reasoning']) stream.on(name, (text) => seen.push([name, text]));
    let text = '';
    for await (const piece of stream.text()) text += piece;
    expect(text).toBe('one "two" three');
    const of = (name) => seen.filter(([one]) => one === name).map(([, value]) => value);
    expect(of('content')).toEqual(['one "two"', ' three']);
    expect(of('progress')).toEqual(of('content'));
    expect(of('reasoning')).toEqual(['hm', 'so']);
    expect(stream.metrics.firstTokenMs).not.toBeNull();
  });

  test('is in the chunks and in finalCompletion() as it was sent', async () => {
    const stream = await open();
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks).toEqual(parts);
    const { message } = (await stream.finalCompletion()).choices[0];
    expect(message.content).toEqual(parts.slice(0, -1).flatMap((chunk) => chunk.choices[0].delta.content));
  });
});
