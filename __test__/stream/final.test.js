'use strict';

const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { failureOf } = require('../support/outcomes');
const { SSE_HEAD, chunkOf, finishChunk, newClient, openStream, readAll, sse } = require('../support/streaming');

const END = finishChunk();
const json = JSON.stringify;

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** The completion that the client assembles from a stream of these chunks. */
async function finalOf(...chunks) {
  raw.script = () => [SSE_HEAD, sse(...chunks), FIN];
  return (await openStream(raw)).finalCompletion();
}

const messageOf = (completion) => completion.choices[0].message;
const request = (params) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], ...params });
/** Sends a request without and with `stream`; returns the plain completion and the one assembled from the stream. */
async function bothWays(params) {
  const client = newClient(emulator);
  const whole = await client.chatCompletion(request(params));
  const stream = await client.chatCompletion(request({ ...params, stream: true }));
  return { whole, final: await stream.finalCompletion(), stream };
}

describe('finalCompletion()', () => {
  test('equals the completion of the same request without stream', async () => {
    const { whole, final, stream } = await bothWays({ emulator: { text: 'one two 🐝' } });
    const { id, created, system_fingerprint: _fingerprint, openrouter_metadata: metadata, ...rest } = whole;
    expect(final).toMatchObject({ ...rest, object: 'chat.completion', id: stream.id, choices: [{ index: 0, finish_reason: 'stop', native_finish_reason: 'end_turn' }] });
    expect(messageOf(final)).toEqual({ role: 'assistant', content: 'one two 🐝' });
    expect(final.usage).toEqual(whole.usage);
    expect([typeof id, typeof created, typeof final.created]).toEqual(['string', 'number', 'number']);
    expect(final.openrouter_metadata).toEqual(metadata);
  });

  test('has _metadata with the models, the attempts and whether a fallback answered', async () => {
    const { final } = await bothWays({ models: ['x-ai/grok-4'], emulator: { fail: 'openai/gpt-5-mini' } });
    expect(final._metadata).toMatchObject({
      autoRouterUsed: false,
      requestedModel: 'openai/gpt-5-mini',
      effectiveModel: 'openai/gpt-5-mini',
      actualModelUsed: 'x-ai/grok-4',
      fallbackUsed: true,
      attempts: [expect.objectContaining({ model: 'openai/gpt-5-mini', status: 503 }), expect.objectContaining({ model: 'x-ai/grok-4', status: 200 })],
    });
    const routed = await (await openStream(emulator, { autoRouter: true, emulator: { model: 'x-ai/grok-4' } })).finalCompletion();
    expect(routed._metadata).toMatchObject({ autoRouterUsed: true, effectiveModel: 'openrouter/auto', actualModelUsed: 'x-ai/grok-4', fallbackUsed: false });
  });

  test('works during a loop and after it, and returns a new object each time', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const early = stream.finalCompletion();
    const { items } = await readAll(stream);
    expect(items.length).toBeGreaterThan(3);
    const [first, second] = [await early, await stream.finalCompletion()];
    expect(second).toEqual(first);
    messageOf(first).content = 'changed';
    expect(messageOf(await stream.finalCompletion()).content).toBe('one two');
  });

  test('of a failed stream rejects with the error and the partial completion', async () => {
    const failed = await openStream(emulator, { emulator: { text: 'one two', errorAt: 1 } });
    const error = await failureOf(failed.finalCompletion());
    expect([error.code, messageOf(error.partial).content]).toEqual(['provider_error', 'one ']);
  });

  describe.each([
    ['that is still running', { text: 'one two', stall: 1 }],
    ['that the server has ended', { text: 'one ' }],
  ])('of a stream %s', (_which, directives) => {
    test.each([
      ['break', async (stream) => { for await (const chunk of stream) if (chunk.choices[0].delta.content) break; }],
      ['break in text()', async (stream) => { for await (const _ of stream.text()) break; }],
      ['break in the body', async (stream) => { for await (const bytes of stream.body) if (/one /.test(Buffer.from(bytes))) break; }],
      ['stop()', (stream) => new Promise((resolve) => { stream.on('content', () => resolve(stream.stop())); })],
    ])('rejects with the partial completion after the reader left by %s', async (_how, leave) => {
      const stream = await openStream(emulator, { emulator: directives });
      await leave(stream);
      const error = await failureOf(stream.finalCompletion());
      expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', generationId: emulator.requests[0].generationId, partial: { choices: [{ message: { content: 'one ' } }] } });
      expect(await failureOf(stream.finalCompletion())).toBe(error);
    });

    test('rejects with the partial completion when a listener calls stop()', async () => {
      const stream = await openStream(emulator, { emulator: directives });
      stream.on('content', () => stream.stop());
      const error = await failureOf(stream.finalCompletion());
      expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', generationId: emulator.requests[0].generationId, partial: { choices: [{ message: { content: 'one ' } }] } });
    });
  });

  test.each([
    ['has not started yet', async (reader) => reader],
    ['has read one piece, and waits for none', (reader) => reader.next()],
  ])('rejects after an abort although the reader %s', async (_which, begin) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', stall: 1 } });
    const reader = stream.text();
    await begin(reader);
    const before = failureOf(stream.finalCompletion());
    stream.abort('enough');
    const error = await failureOf(stream.finalCompletion());
    expect(error).toMatchObject({ code: 'aborted', cause: 'enough', partial: { choices: [{ message: { content: 'one ' } }] } });
    expect(await before).toBe(error);
    const { error: read } = await readAll(reader);
    expect(read).toBe(error);
  });

  test('joins the two halves of a surrogate pair from two deltas', async () => {
    const final = await (await openStream(emulator, { emulator: { text: 'a 🐝 👩‍🚀 z', surrogates: true } })).finalCompletion();
    expect(messageOf(final).content).toBe('a 🐝 👩‍🚀 z');
    const halves = await finalOf(chunkOf('\uD83D', { delta: { reasoning: '\uD83D' } }), chunkOf('\uDC1D', { delta: { reasoning: '\uDC1D' } }), chunkOf('\uD83D'), END);
    expect(messageOf(halves)).toMatchObject({ content: '🐝\uD83D', reasoning: '🐝' });
  });

  test.each([
    ['stop', 'end_turn', {}],
    ['length', 'max_tokens', { max_tokens: 3 }],
    ['content_filter', 'refusal', { emulator: { finish: 'content_filter' } }],
    ['end_turn', 'end_turn', { emulator: { finish: 'end_turn' } }],
  ])('has finish_reason %s and native_finish_reason %s as sent', async (reason, native, params) => {
    const { whole, final, stream } = await bothWays(params);
    expect(final.choices[0]).toMatchObject({ finish_reason: reason, native_finish_reason: native });
    expect(messageOf(final).content).toBe(messageOf(whole).content);
    expect(stream.finishReason).toBe(reason);
  });

  test('keeps unknown fields at every level and joins their pieces', async () => {
    const final = await finalOf(
      chunkOf('a', { system_fingerprint: 'fp', delta: { list: [1], deep: { a: 1 }, word: 'x' }, choice: { matched: 1 } }),
      chunkOf('b', { service_tier: 'flex', delta: { list: [2], deep: { b: 2 }, word: null } }),
      END,
    );
    expect(final).toMatchObject({ system_fingerprint: 'fp', service_tier: 'flex' });
    expect(final.choices[0].matched).toBe(1);
    expect(messageOf(final)).toEqual({ role: 'assistant', content: 'ab', list: [1, 2], deep: { a: 1, b: 2 }, word: 'x' });
  });

  test('keeps two choices apart and joins logprobs', async () => {
    const second = (content, choice) => chunkOf(content, { choice: { index: 1, ...choice } });
    const token = (text) => ({ choice: { logprobs: { content: [{ token: text }] } } });
    const { choices } = await finalOf(chunkOf('a', token('a')), second('x'), chunkOf('b', token('b')), second('y'), END, second('', { finish_reason: 'length' }));
    expect(choices.map(({ index, message, finish_reason: reason }) => [index, message.content, reason])).toEqual([[0, 'ab', 'stop'], [1, 'xy', 'length']]);
    expect(choices[0].logprobs).toEqual({ content: [{ token: 'a' }, { token: 'b' }] });
  });
});

describe('parts of the final message other than content', () => {
  test('images appear once each', async () => {
    const { whole, final } = await bothWays({ modalities: ['image', 'text'], emulator: { text: 'Look', imageSize: 50_000 } });
    expect(messageOf(final).images).toEqual(messageOf(whole).images);
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    expect(messageOf(await finalOf(chunkOf('', { delta: { images: [image] } }), chunkOf('', { delta: { images: [image] } }), END)).images).toEqual([image]);
  });

  test('annotations equal those of the answer without stream', async () => {
    const { whole, final } = await bothWays({ plugins: [{ id: 'web' }] });
    expect(messageOf(final).annotations).toHaveLength(2);
    expect(messageOf(final).annotations).toEqual(messageOf(whole).annotations);
  });

  test('audio has its transcript and its data joined', async () => {
    const { whole, final } = await bothWays({ model: 'openai/gpt-audio', modalities: ['text', 'audio'], emulator: { text: 'Say bee' } });
    const { expires_at: expires, ...audio } = messageOf(final).audio;
    expect(messageOf(whole).audio).toMatchObject(audio);
    expect(audio.transcript).toBe('Say bee');
    expect(audio.data.length).toBeGreaterThan(600);
    expect(typeof expires).toBe('number');
  });

  test('a refusal is in refusal, not in content', async () => {
    const { final } = await bothWays({ emulator: { refusal: true, text: 'I would rather not' } });
    expect(messageOf(final).refusal).toBe('I would rather not');
    expect(messageOf(final).content ?? '').toBe('');
    expect(final.choices[0].finish_reason).toBe('content_filter');
  });

  test.each(['standard', 'reasoning', 'reasoning_content', 'details', 'all'])('reasoning appears once, in the style %s', async (reasoningStyle) => {
    const { final } = await bothWays({ emulator: { text: 'x', reasoningStyle } });
    const { whole } = await bothWays({ emulator: { text: 'x', reasoningStyle: 'reasoning' } });
    expect(messageOf(final).reasoning).toBe(messageOf(whole).reasoning);
    expect(messageOf(final)).not.toHaveProperty('reasoning_content');
  });
});

describe('reasoning_details', () => {
  const detail = (more) => chunkOf('', { delta: { reasoning_details: [more] } });

  test.each(['standard', 'details', 'all'])('are merged into those of the answer without stream: %s', async (reasoningStyle) => {
    const { whole, final } = await bothWays({ emulator: { text: 'x', reasoningStyle } });
    expect(messageOf(final).reasoning_details).toEqual(messageOf(whole).reasoning_details);
  });

  test('go back byte for byte when the message is sent as history', async () => {
    const client = newClient(emulator);
    const stream = await client.chatCompletion(request({ stream: true, emulator: { text: 'x 🐝', reasoningStyle: 'standard' } }));
    const message = messageOf(await stream.finalCompletion());
    expect(message.reasoning_details).toHaveLength(2);
    await client.chatCompletion(request({ messages: [{ role: 'user', content: 'one' }, message, { role: 'user', content: 'two' }] }));
    const { rawBody } = emulator.requests.at(-1);
    expect(rawBody).toContain(json(message));
    expect(rawBody).toContain(`"reasoning_details":${json(message.reasoning_details)}`);
  });

  test('are merged by index and type, and keep their order', async () => {
    const final = await finalOf(
      detail({ type: 'reasoning.summary', summary: 'Two ', index: 0 }),
      detail({ type: 'reasoning.encrypted', data: 'AAA=', id: 'rs_1', format: 'openai-responses-v1', index: 0 }),
      detail({ type: 'reasoning.summary', summary: 'parts', index: 0 }),
      detail({ type: 'reasoning.text', text: 'Let me ', format: 'anthropic-claude-v1', index: 1 }),
      detail({ type: 'reasoning.text', text: 'think', index: 1 }),
      detail({ type: 'reasoning.text', signature: 'c2ln/+==', index: 1 }),
      detail({ type: 'reasoning.encrypted', data: 'BBB=', id: 'rs_2', index: 2 }),
      detail({ type: 'reasoning.from.the.future', x: [1], index: 3 }),
      END,
    );
    expect(messageOf(final).reasoning_details).toEqual([
      { type: 'reasoning.summary', summary: 'Two parts', index: 0 },
      { type: 'reasoning.encrypted', data: 'AAA=', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
      { type: 'reasoning.text', text: 'Let me think', format: 'anthropic-claude-v1', index: 1, signature: 'c2ln/+==' },
      { type: 'reasoning.encrypted', data: 'BBB=', id: 'rs_2', index: 2 },
      { type: 'reasoning.from.the.future', x: [1], index: 3 },
    ]);
  });

  test('with encrypted data are never merged', async () => {
    const final = await finalOf(
      detail({ type: 'reasoning.encrypted', data: 'AAA=', id: 'call_1', format: 'google-gemini-v1' }),
      detail({ type: 'reasoning.encrypted', data: 'BBB=', id: 'call_2', format: 'google-gemini-v1' }),
      END,
    );
    expect(messageOf(final).reasoning_details.map(({ data }) => data)).toEqual(['AAA=', 'BBB=']);
  });

  test('leave the thought signature of a tool call with the call', async () => {
    const signature = { google: { thought_signature: 'c2lnbmF0dXJl' } };
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: signature };
    const final = await finalOf(chunkOf(null, { delta: { tool_calls: [call] } }), finishChunk('tool_calls'));
    expect(messageOf(final).tool_calls).toEqual([expect.objectContaining({ id: 'c1', extra_content: signature })]);
  });
});
