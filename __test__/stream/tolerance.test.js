'use strict';

const { FIN, startByteServer } = require('../support/servers/byte-server.js');
const { mutations, withEach } = require('../support/mutations.js');
const { SSE_HEAD, chunkOf, event, finishChunk, openStream, readAll, sse } = require('../support/streaming.js');

const json = JSON.stringify;

/** Recorded chunks, with an unknown field added at each level. */
const RECORDED = [
  {
    id: 'gen-1', object: 'chat.completion.chunk', created: 1, model: 'a/b', provider: 'P', x_top: { a: 1.1 },
    choices: [{
      index: 0, finish_reason: null, native_finish_reason: null, logprobs: null, x_choice: true,
      delta: { role: 'assistant', content: '', reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm', format: 'f', index: 0 }], x_delta: [1] },
    }],
  },
  { id: 'gen-1', object: 'chat.completion.chunk', created: 1, model: 'a/b', provider: 'P', choices: [{ index: 0, delta: { content: 'Hé\n', refusal: null }, finish_reason: null, logprobs: { content: [{ token: 'H' }] } }], usage: null },
  { id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":' } }] } }] },
  {
    id: 'gen-1', model: 'a/b',
    choices: [{
      index: 0,
      delta: {
        tool_calls: [{ index: 0, function: { arguments: '1}' }, extra_content: { google: { thought_signature: 'S' } } }],
        images: [{ type: 'image_url', image_url: { url: 'data:x' } }], annotations: [{ type: 'file' }], audio: { id: 'au', data: 'QUJD', transcript: 'a', expires_at: 1 },
      },
    }],
  },
  { id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'tool_calls', native_finish_reason: 'tool_use' }] },
  {
    id: 'gen-1', model: 'a/b', system_fingerprint: null, service_tier: 'default', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, cost: 0.000123, cost_details: { upstream_inference_cost: null } }, openrouter_metadata: { requested: 'openrouter/auto', attempts: [] },
  },
];
let raw;
beforeAll(async () => { raw = await startByteServer(); });
afterAll(() => raw.close());

/** Runs `work` for each stream that differs from the recorded one by one mutation of one chunk. */
async function withEachStream(work) {
  const streams = RECORDED.flatMap((chunk, at) => mutations(chunk).map((changed) => RECORDED.with(at, changed)));
  expect(streams.length).toBeGreaterThan(800);
  raw.script = ({ json: { at } }) => [SSE_HEAD, sse(...streams[at]), FIN];
  await withEach(streams, (chunks, at) => work(chunks, (params) => openStream(raw, { at, ...params })));
}

describe('a field that is missing, null, of another type or unknown', () => {
  test('leaves each chunk as it was sent', () => withEachStream(async (chunks, open) => {
    expect(await readAll(await open())).toEqual({ items: chunks, error: null });
  }));

  test('leaves text() with strings only', () => withEachStream(async (_, open) => {
    const { items, error } = await readAll((await open()).text());
    expect(error).toBeNull();
    for (const item of items) expect(typeof item).toBe('string');
  }));

  test('disturbs no listener and no property, and finalCompletion() keeps unknown fields', () => withEachStream(async (chunks, open) => {
    const stream = await open({ onProgress() {} });
    const trouble = [];
    for (const name of ['model', 'content', 'reasoning', 'usage', 'fallback']) stream.on(name, () => {});
    stream.on('error', (error) => trouble.push(error));
    const whole = await stream.finalCompletion();
    const { id, model, provider, usage, cost, totalCost, finishReason, fallback, metrics, partial } = stream;
    expect(json([id, model, provider, usage, cost, totalCost, finishReason, fallback, metrics, partial]).length).toBeGreaterThan(10);
    expect(trouble).toEqual([]);
    if (json(chunks[0]) === json(RECORDED[0])) expect([whole.x_top, whole.choices[0].x_choice, whole.choices[0].message.x_delta]).toEqual([{ a: 1.1 }, true, [1]]);
  }));
});

describe('a lone surrogate', () => {
  const ODD = '"\\ud83d":{"\\udead":["\\ud83d"]}';
  const texts = [
    json(chunkOf('a')).replace('{"id"', `{${ODD},"id"`),
    json(chunkOf('b')).replace('"content"', `${ODD},"content"`),
    json(chunkOf('c')).replace('{"index"', `{${ODD},"index"`),
    json(chunkOf('c\\')).replace('{"index"', '{"\\\\ud83d":1,"index"'),
    json(finishChunk()),
  ];

  test('in a property name fails no chunk', async () => {
    raw.script = () => [SSE_HEAD, sse(...texts), FIN];
    const stream = await openStream(raw);
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(items).toEqual(texts.map((text) => JSON.parse(text)));
    expect(stream.partial.choices[0].message.content).toBe('abcc\\');
    expect(stream.model).toBe('openai/gpt-5-mini');
  });

  test('in a property name of an error event does not hide the error', async () => {
    raw.script = () => [SSE_HEAD, event(chunkOf('a')), `data: {"error":{${ODD},"code":502,"message":"gone \\ud83d"}}\n\n`, FIN];
    const { error } = await readAll(await openStream(raw));
    expect(error).toMatchObject({ code: 'provider_error', status: 502, message: 'gone \uFFFD' });
  });
});

test('comments between the deltas of a tool call do not change the call', async () => {
  const pieces = ['{"city":', '"Ber', 'lin"}'].map((args, at) => chunkOf(null, {
    delta: { tool_calls: [{ index: 0, ...(at === 0 && { id: 'call_1', type: 'function' }), function: { ...(at === 0 && { name: 'weather' }), arguments: args } }] },
  }));
  const chunks = [...pieces, finishChunk('tool_calls')];
  const comments = [': OPENROUTER PROCESSING\n\n', 'data: : OPENROUTER PROCESSING\n\n', ':\n'];
  raw.script = () => [SSE_HEAD, ...chunks.flatMap((chunk, at) => [event(chunk), comments[at % 3]]), event('[DONE]'), FIN];
  const stream = await openStream(raw);
  expect(await readAll(stream)).toEqual({ items: chunks, error: null });
  expect(stream.partial.choices[0].message.tool_calls).toEqual([{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Berlin"}' } }]);
});
