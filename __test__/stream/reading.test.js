'use strict';

const assert = require('node:assert');

const { startEmulator } = require('../../emulator');
const { OpenRouterError } = require('../..');
const { FIN, HOLD, startByteServer } = require('../support/servers/byte-server');
const { random } = require('../support/random');
const { SSE_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, gate, openStream, readAll, sse } = require('../support/streaming');
const { until } = require('../support/until');

const json = JSON.stringify;
const A = chunkOf('a');
const B = chunkOf('b');
const C = chunkOf('c');
const END = finishChunk();

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Opens a stream whose server sends this body at once. */
function open(body, params) {
  raw.script = () => [SSE_HEAD, body, FIN];
  return openStream(raw, params);
}

/** Streams these JSON texts and expects each chunk to equal what JSON.parse makes of its text. */
async function expectAsParsed(texts) {
  const all = [...texts, json(END)];
  const { items, error } = await readAll(await open(sse(...all)));
  expect(error).toBeNull();
  expect(items).toHaveLength(all.length);
  for (const [at, text] of all.entries()) {
    const parsed = JSON.parse(text);
    assert.deepStrictEqual(items[at], parsed);
    // `deepStrictEqual` ignores the order of the properties; compare it too.
    expect(json(items[at])).toBe(json(parsed));
  }
}

describe('each chunk equals JSON.parse of its event', () => {
  test('for contents with quotes, backslashes, control characters, emoji and lone surrogates', () => expectAsParsed([
    '', 'a', '"', '\\', '\\"', '\\\\', '/', '\n\r\t\b\f\0', '\u2028\u2029', '\u007f\u0080\u00ff', '\uFEFF', '蜂', '🐝', '👩‍🚀', '\uD83D', '\uDC1D', '\uDC1D\uD83D',
    '","content":"x', '"},"finish_reason":"stop"}]}', '\\u0041', '[DONE]', 'data: {}\n\n', '__proto__', '${x}', '</script>', 'x'.repeat(100_000),
  ].map((content) => json(chunkOf(content)))));

  test('for contents written with every kind of JSON escape', () => {
    const template = json(chunkOf('@'));
    const bodies = ['\\u0061', '\\u00E9\\u00e9', '\\uD83D\\uDC1D', '\\ud83d', '\\udc1d', '\\/\\b\\f\\n\\r\\t\\"\\\\', '\\u0000', '\\u0022', '\\u005c', '\u007f', '🐝', ''];
    return expectAsParsed(bodies.map((body) => template.replace('@', () => body)));
  });

  test.each([1, 2, 3])('for random contents among random fields (seed %i)', async (seed) => {
    const next = random(seed);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const units = ['a', 'B ', '"', '\\', '\n', '\u0001', 'é', '蜂', '🐝', '\uD83D', '\uDC1D', '{', '}', '[', ']', ':', ',', 'data:', 'null', '\u2028', '\uFFFF', '👩‍🚀'];
    const asUnicode = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const spellings = [
      (text) => json(text).slice(1, -1),
      (text) => text.replace(/[^]/g, asUnicode),
      (text) => Array.from(text, (letter) => (next() < 0.5 ? letter.replace(/[^]/g, asUnicode) : json(letter).slice(1, -1))).join(''),
    ];
    let chunk = json(chunkOf('@'));
    const texts = Array.from({ length: 600 }, () => {
      // As in real streams, the other fields stay the same for several chunks, and then change a little.
      if (next() < 0.1) {
        chunk = pick([
          () => json(chunkOf('@')),
          () => json(chunkOf('@', { created: Math.floor(next() * 1e9) })),
          () => json(chunkOf('@', { delta: { reasoning: pick(['', null, 'hm']) } })),
          () => json(chunkOf('@', { delta: { refusal: null, extra: pick([0, true, 'x', [], {}]) } })),
          () => json(chunkOf('@', { choice: { logprobs: { content: [{ token: '@' }] } } })),
          () => json(chunkOf('@', { usage: pick([null, { total_tokens: 3 }]) })),
          () => json(chunkOf('@', { choice: { index: pick([0, 1]) } })),
          () => json(chunkOf('@'), null, 1).replaceAll('\n', ''),
          () => '{"choices":[{"delta":{"content":"@"}}]}',
          () => '{"choices":[{"delta":{"content":"@","role":"assistant"},"index":0}],"id":"x","content":"@"}',
        ])();
      }
      const content = Array.from({ length: Math.floor(next() * 6) }, () => pick(units)).join('');
      const body = pick(spellings)(content);
      return chunk.replaceAll('@', () => body);
    });
    await expectAsParsed(texts);
  });

  test('for unknown fields at every level', () => expectAsParsed([
    json(chunkOf('a', { system_fingerprint: null, service_tier: 'x', nested: { deep: [1, { two: [] }] } })),
    json(chunkOf('b', { system_fingerprint: null, service_tier: 'x', nested: { deep: [1, { two: [] }] } })),
    json(chunkOf('c', { choice: { matched_stop: 7 }, delta: { extra_content: { google: { thought_signature: 'x==' } } } })),
    json(chunkOf('d', { choice: { matched_stop: 7 }, delta: { extra_content: { google: { thought_signature: 'x==' } } } })),
  ]));

  test.each([
    ['a property name that occurs twice', ['{"choices":[{"index":0,"delta":{"content":"a","content":"b"}}]}', '{"choices":[{"index":0,"delta":{"content":"a","content":"c"}}]}']],
    ['a property name with escapes', ['{"choices":[{"delta":{"c\\u006fntent":"b"}}]}', '{"choices":[{"delta":{"c\\u006fntent":"c"}}]}']],
    ['__proto__ as a property name', ['{"__proto__":{"a":1},"choices":[{"delta":{"content":"a","__proto__":null}}]}', '{"__proto__":1,"choices":[{"__proto__":2,"delta":{"__proto__":3,"content":"a"}}]}', '{"__proto__":1,"choices":[{"__proto__":2,"delta":{"__proto__":3,"content":"b"}}]}']],
    ['numeric property names', ['{"2":0,"1":0,"choices":[{"delta":{"9":1,"content":"a","1":2}}]}', '{"2":0,"1":0,"choices":[{"delta":{"9":1,"content":"b","1":2}}]}']],
    ['numbers of every size', ['{"a":1e400,"b":-0,"c":12345678901234567890,"d":1E-7,"e":0.1,"choices":[{"delta":{"content":"a"}}]}', '{"a":1e400,"b":-0,"c":12345678901234567890,"d":1E-7,"e":0.1,"choices":[{"delta":{"content":"b"}}]}']],
    ['two choices', [json({ ...A, choices: [A.choices[0], { index: 1, delta: { content: 'x' } }] }), json({ ...B, choices: [B.choices[0], { index: 1, delta: { content: 'x' } }] })]],
    ['the second choice alone', [json(chunkOf('a', { choice: { index: 1 } })), json(chunkOf('b', { choice: { index: 1 } }))]],
    ['content that is null, missing or of another type', [json(chunkOf(null)), json(chunkOf(undefined)), json(chunkOf(3)), json(chunkOf([{ type: 'text', text: 'x' }])), json(chunkOf('a'))]],
    ['choices that are null, missing, empty or an object', [json({ ...A, choices: null }), '{}', json({ ...A, choices: [] }), json({ ...A, choices: A.choices[0] }), json(A)]],
    ['choices and deltas that are not objects', [json({ ...A, choices: [null] }), json({ ...A, choices: [3, 'x'] }), json({ ...A, choices: [{ delta: null }] }), json({ ...A, choices: [{ delta: [] }] }), json({ ...A, choices: 'x' })]],
    ['white space', [` ${json(A, null, 2).replaceAll('\n', ' ')} `, `\t${json(B)}\t`]],
    ['deeply nested arrays', [`{"choices":[],"deep":${'['.repeat(500)}${']'.repeat(500)}}`]],
    ['a message in place of the delta', ['{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}']],
    ['finish_reasons that are null, empty, known or unknown', [null, '', 'stop', 'end_turn', 'tool_calls', 'whatever'].map((reason) => json(chunkOf('a', { choice: { finish_reason: reason } })))],
  ])('for %s', (_name, texts) => expectAsParsed(texts));

  test('when the reader has changed another chunk', async () => {
    const texts = ['a', 'b', 'c', 'd'].map((content) => chunkOf(content, { nested: { list: [1] } })).concat(A, B, C, chunkOf('d'), END);
    const seen = [];
    for await (const chunk of await open(sse(...texts))) {
      seen.push(structuredClone(chunk));
      const [choice] = chunk.choices;
      choice.delta.content = 'changed';
      choice.delta.added = true;
      choice.added = true;
      chunk.choices.push('added');
      chunk.added = true;
      delete chunk.id;
      chunk.nested?.list.push(2);
    }
    expect(seen).toEqual(texts);
  });
});

describe('reading a stream', () => {
  test('text() yields the content and nothing else', async () => {
    const directives = { text: 'One — two 🐝 three', chunks: 9, reasoningStyle: 'all' };
    const { items, error } = await readAll((await openStream(emulator, { emulator: directives })).text());
    expect(error).toBeNull();
    expect(items.join('')).toBe('One — two 🐝 three');
    expect(items.every((item) => typeof item === 'string' && item !== '')).toBe(true);
  });

  test('text() yields both halves of a surrogate pair that was split over two deltas', async () => {
    const { items } = await readAll((await openStream(emulator, { emulator: { text: 'a 🐝 b', surrogates: true } })).text());
    expect(items.join('')).toBe('a 🐝 b');
  });

  test('onProgress receives each delta in order, without iteration', async () => {
    const deltas = [];
    const stream = await openStream(emulator, { onProgress: (text) => deltas.push(text), emulator: { text: 'one two three four' } });
    await stream.finalCompletion();
    expect(deltas).toEqual(['one ', 'two ', 'three ', 'four']);
  });

  test('onProgress alone starts the stream', async () => {
    const deltas = [];
    const stream = await openStream(emulator, { onProgress: (text) => deltas.push(text), emulator: { chunks: 5000 } });
    await until(() => stream.finishReason !== null && deltas.length === 5000, 'all deltas have arrived');
    expect(deltas.join('')).toBe(stream.partial.choices[0].message.content);
  });

  test('onProgress receives each delta no later than the loop receives its chunk', async () => {
    const deltas = [];
    const stream = await openStream(emulator, { onProgress: (text) => deltas.push(text), emulator: { text: 'one two three' } });
    const read = [];
    for await (const chunk of stream) {
      const { content } = chunk.choices[0].delta;
      if (content) read.push(content);
      expect(deltas.slice(0, read.length)).toEqual(read);
    }
    expect(deltas).toEqual(['one ', 'two ', 'three']);
  });

  test.each([
    ['a loop', 'a loop', (stream) => stream[Symbol.asyncIterator](), (stream) => stream[Symbol.asyncIterator]()],
    ['a loop', 'text()', (stream) => stream[Symbol.asyncIterator](), (stream) => stream.text()],
    ['text()', 'a loop', (stream) => stream.text(), (stream) => stream[Symbol.asyncIterator]()],
    ['text()', 'text()', (stream) => stream.text(), (stream) => stream.text()],
  ])('a stream has one reader: after %s, %s throws, and the first reads on', async (_first, _second, first, second) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const reader = first(stream);
    expect(() => second(stream)).toThrow(OpenRouterError);
    const { items, error } = await readAll(reader);
    expect(error).toBeNull();
    expect(items.map((item) => item.choices?.[0].delta.content ?? item).join('')).toBe('one two');
    expect(() => second(stream)).toThrow(OpenRouterError);
  });

  test('body rejects once a loop has been opened, and the loop reads on', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const reader = stream[Symbol.asyncIterator]();
    expect((await readAll(stream.body)).error).toBeInstanceOf(OpenRouterError);
    expect(contentOf((await readAll(reader)).items)).toBe('one two');
  });

  test('several pending next() calls receive one chunk each, in order', async () => {
    const sent = gate();
    raw.script = () => [SSE_HEAD, event(A), sent, HOLD];
    const reader = (await openStream(raw))[Symbol.asyncIterator]();
    const all = Promise.all(Array.from({ length: 6 }, () => reader.next()));
    sent.open(sse(B, C, END));
    expect((await all).map(({ value }) => value)).toEqual([A, B, C, END, undefined, undefined]);
  });

  test('a next() called just before the previous one resolves keeps the order and is resolved too', async () => {
    raw.script = () => [SSE_HEAD, event(A), HOLD];
    const reader = (await openStream(raw))[Symbol.asyncIterator]();
    await reader.next();
    const { socket } = raw.requests.at(-1).connection;
    const first = reader.next();
    // The bytes are sent within this turn; block this thread until the addon has read them.
    socket.write(event(B));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    const second = reader.next();
    expect((await first).value).toEqual(B);
    socket.write(sse(C));
    expect((await second).value).toEqual(C);
    expect((await reader.next()).done).toBe(true);
  });

  test('next() after the end always returns done', async () => {
    const reader = (await open(sse(A, END)))[Symbol.asyncIterator]();
    await readAll(reader);
    expect([await reader.next(), await reader.next()]).toEqual(Array(2).fill({ value: undefined, done: true }));
  });

  test('many concurrent streams never mix their contents', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `${at} `.repeat(50));
    const streams = await Promise.all(texts.map((text) => openStream(emulator, { emulator: { text } })));
    const read = await Promise.all(streams.map(async (stream) => contentOf((await readAll(stream)).items)));
    expect(read).toEqual(texts);
  });

  test('a plain JSON answer to a stream request is a stream of one chunk', async () => {
    const deltas = [];
    const open = () => openStream(emulator, { emulator: { text: 'one two', json: true } });
    const stream = (await open()).on('content', (text) => deltas.push(text));
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(items).toHaveLength(1);
    expect(items[0].choices[0].message.content).toBe('one two');
    expect(deltas).toEqual(['one two']);
    expect(stream.usage).toEqual(items[0].usage);
    expect((await readAll((await open()).text())).items).toEqual(['one two']);
    expect((await (await open()).finalCompletion()).choices[0]).toMatchObject({ message: { content: 'one two' }, finish_reason: 'stop' });
  });

  test('a loop and onProgress receive the same contents', async () => {
    const emulated = { text: 'Größe: 🐝 "quoted" \\ and\nlines' };
    const loop = contentsOf((await readAll(await openStream(emulator, { emulator: emulated }))).items);
    const deltas = [];
    await (await openStream(emulator, { emulator: emulated, onProgress: (text) => deltas.push(text) })).finalCompletion();
    expect(deltas).toEqual(loop);
    expect(loop.join('')).toBe(emulated.text);
  });
});
