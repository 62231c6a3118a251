'use strict';

const { startEmulator } = require('../../emulator');
const { FIN, HOLD, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, gate, openStream, readAll, sse } = require('../support/streaming');
const { until } = require('../support/until');

const A = chunkOf('a');
const B = chunkOf('Übermaß — жук 蜂 🐝 👩‍🚀');
const END = finishChunk();
const json = JSON.stringify;

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Reads a stream whose server sends this body. */
async function chunksOf(body, options) {
  raw.script = () => [SSE_HEAD, body, FIN];
  return readAll(await openStream(raw, {}, options));
}

describe('the event stream parser', () => {
  const plain = sse(A, B, END);
  const values = json(A).slice(0, -1);

  test.each([
    ['comments before the first event', `: OPENROUTER PROCESSING\n\n:\n\n:::\n\n${plain}`],
    ['comments between and inside events', `${event(A)}: one\n\n: two\n: three\n${event(B).replace('\n\n', '\n: four\n\n')}: five\n\n${sse(END)}`],
    ['comments before the data of each event', sse(A, B, END).replaceAll('data:', ': OPENROUTER PROCESSING\ndata:')],
    ['comments after [DONE]', `${plain}: OPENROUTER PROCESSING\n\n`],
    ['comments that a gateway has wrapped as data', `data: : OPENROUTER PROCESSING\n\n${event(A)}data:: OPENROUTER PROCESSING\n\n${sse(B, END)}`],
    ['a byte order mark', `\uFEFF${plain}`],
    ['a byte order mark before a comment', `\uFEFF: hello\n\n${plain}`],
    ['LF line ends', plain],
    ['CR LF line ends', plain.replaceAll('\n', '\r\n')],
    ['CR line ends', plain.replaceAll('\n', '\r')],
    ['mixed line ends', `data: ${json(A)}\r\n\ndata: ${json(B)}\r\r\ndata: ${json(END)}\n\rdata: [DONE]\r\r`],
    ['data: without a space', plain.replaceAll('data: ', 'data:')],
    ['data: with more white space', plain.replaceAll('data: ', 'data:  \t')],
    ['data in several lines', `data: ${values}\ndata: }\n\n${sse(B, END)}`],
    ['indented data in several lines with CR LF', [A, B, END].map((chunk) => `${json(chunk, null, 2).replace(/^/gm, 'data: ')}\n\n`).join('').replaceAll('\n', '\r\n') + event('[DONE]')],
    ['unknown fields, ids, event names and retry fields', `retry: 10\nid: 7\nevent: message\nfoo: bar\n${event(A)}datax: {}\ndat: {}\n: data: {}\n${event(B)}nothing\n\n${sse(END)}`],
    ['events without data', `event: ping\n\ndata\n\ndata:\n\ndata: \n\n\n\n\n${plain}`],
    ['[DONE] without a space', plain.replace('data: [DONE]', 'data:[DONE]')],
    ['[DONE] with white space around it', plain.replace('[DONE]', ' [DONE] ')],
    ['[DONE] with an event name and an id', plain.replace('data: [DONE]', 'event: done\nid: 9\ndata: [DONE]')],
    ['events after [DONE]', `${plain}data: not JSON\n\n${event(chunkOf('late'))}`],
    ['no final blank line', plain.slice(0, -1)],
    ['no final line end', plain.slice(0, -2)],
    ['no final blank line and no [DONE]', sse(A, B, END).replace('\n\ndata: [DONE]\n\n', '')],
    ['finish_reason and no [DONE]', plain.replace('data: [DONE]\n\n', '')],
  ])('yields the same chunks with %s', async (_name, body) => {
    expect(await chunksOf(body)).toEqual({ items: [A, B, END], error: null });
  });

  test('keeps a byte order mark that is not at the start as content', async () => {
    const marked = chunkOf('\uFEFFx');
    expect(await chunksOf(sse(marked, END))).toEqual({ items: [marked, END], error: null });
  });

  test('yields the same chunks in every framing of the emulator, with comments and a byte order mark', async () => {
    const contents = new Set();
    for (const eol of ['lf', 'crlf', 'cr']) {
      for (const frame of ['plain', 'no-space', 'multi-line', 'named']) {
        const stream = await openStream(emulator, { emulator: { eol, frame, bom: true, rewrap: frame === 'named', commentsEvery: 1 } });
        const { items, error } = await readAll(stream);
        expect(error).toBeNull();
        contents.add(json(items.map(({ choices }) => choices)));
      }
    }
    expect(contents.size).toBe(1);
  });
});

describe('the network may split the bytes anywhere', () => {
  const whole = chunkOf('後 é', { unknown: { deep: [1.5, null, 'ß'] } });
  // Data lines are joined by a line end, which JSON allows between two tokens but not inside a string.
  const [front, back] = json(whole).split(/(?="model")/);
  const recorded = Buffer.from([
    '\uFEFF: OPENROUTER PROCESSING\r\n\r\n',
    event(A).replaceAll('\n', '\r\n'),
    `data:${json(B)}\r\r`,
    event(chunkOf('\n"\\')),
    `id: 1\ndata: ${front}\ndata: ${back}\n\n`,
    event(chunkOf('🐝')),
    sse(END),
  ].join(''));
  const expected = [A, B, chunkOf('\n"\\'), whole, chunkOf('🐝'), END];

  test('two writes, split at every offset', async () => {
    raw.script = async function* script({ json: { offset } }) {
      yield SSE_HEAD;
      yield recorded.subarray(0, offset);
      // Give the client time to read the first write separately; no event signals that it has.
      await new Promise((resolve) => { setTimeout(resolve, 2); });
      yield recorded.subarray(offset);
      yield FIN;
    };
    const before = raw.requests.length;
    let offset = 0;
    const worker = async () => {
      while (offset < recorded.length) {
        offset += 1;
        const at = offset;
        const { items, error } = await readAll(await openStream(raw, { offset: at }));
        if (error) throw new Error(`cut at ${at}`, { cause: error });
        expect(items).toEqual(expected);
      }
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    expect(raw.requests.length - before).toBe(recorded.length);
  });

  test('one byte per write', async () => {
    raw.script = async function* script() {
      yield SSE_HEAD;
      for (const byte of recorded) {
        yield [byte];
        await new Promise(setImmediate);
      }
      yield FIN;
    };
    expect(await readAll(await openStream(raw))).toEqual({ items: expected, error: null });
  });

  test.each(['gzip', 'br', 'deflate', 'zstd'].flatMap((encoding) => [0, 1, 7].map((split) => [encoding, split])))(
    '%s, in pieces of %i bytes (0: not split)',
    async (encoding, split) => {
      const rawBytes = recorded.toString('base64');
      const stream = await openStream(emulator, { emulator: { encoding, rawBytes, ...(split && { split }) } });
      expect(await readAll(stream)).toEqual({ items: expected, error: null });
    },
  );

  test.each(['gzip', 'br', 'deflate', 'zstd'])('%s: each event is delivered before the next is sent', async (encoding) => {
    const stream = await openStream(emulator, { emulator: { encoding, text: 'a b c', stall: 2 } });
    const reader = stream[Symbol.asyncIterator]();
    const contents = [];
    for (let at = 0; at < 3; at += 1) contents.push((await reader.next()).value.choices[0].delta.content);
    expect(contents).toEqual(['', 'a ', 'b ']);
    await reader.return();
  });
});

describe('the end of a stream', () => {
  test('[DONE] ends the loop while the socket is held open', async () => {
    raw.script = () => [SSE_HEAD, sse(A, END), HOLD];
    const at = raw.connections.length;
    const { items, error } = await readAll(await openStream(raw));
    expect({ items, error }).toEqual({ items: [A, END], error: null });
    expect(raw.connections[at].isClosed).toBe(false);
  });

  test.each(['text', 'finalCompletion', 'toReadableStream'])('[DONE] ends %s() while the socket is held open', async (how) => {
    const stream = await openStream(emulator, { emulator: { hold: true, text: 'so long' } });
    if (how === 'finalCompletion') await stream.finalCompletion();
    else await readAll(stream[how]());
    expect(stream.partial.choices[0].message.content).toBe('so long');
    expect(emulator.requests.at(-1).closedAt).toBeNull();
  });

  test('finish_reason does not end the loop, [DONE] does', async () => {
    const late = gate();
    raw.script = () => [SSE_HEAD, sse(A, END).replace(event('[DONE]'), ''), late, HOLD];
    const stream = await openStream(raw);
    const reader = stream[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(A);
    expect((await reader.next()).value).toEqual(END);
    const pending = reader.next();
    late.open(sse({ ...END, choices: [], usage: { total_tokens: 3 } }));
    expect((await pending).value.usage).toEqual({ total_tokens: 3 });
    expect((await reader.next()).done).toBe(true);
    expect(stream.usage).toEqual({ total_tokens: 3 });
  });
});

describe('usage', () => {
  const cases = ['after', 'before', 'with'].flatMap((usageAt) => [undefined, 'repeat', 'choices-empty', 'choices-null', 'choices-missing'].map((usageShape) => [usageAt, usageShape]));

  test.each(cases)('is read %s finish_reason, in the shape %s', async (usageAt, usageShape) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', usageAt, ...(usageShape && { usageShape }) } });
    const { items, error } = await readAll(stream);
    const sent = items.map((chunk) => chunk.usage).filter(Boolean);
    expect(error).toBeNull();
    expect(sent).toHaveLength(1);
    expect(stream.usage).toEqual(sent[0]);
    expect(stream.usage.completion_tokens).toBeGreaterThan(0);
    expect(stream.finishReason).toBe('stop');
    expect(contentOf(items)).toBe('one two');
  });

  test('is read after [DONE], although the loop has ended', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', usageAt: 'after-done' } });
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(items.some((chunk) => chunk.usage)).toBe(false);
    await until(() => stream.usage !== null, 'the usage has arrived');
    expect(stream.usage.completion_tokens).toBeGreaterThan(0);
  });

  test.each(['null', 'zeros'])('of %s on every chunk does not replace the real usage', async (usageNoise) => {
    for (const usageAt of ['before', 'after']) {
      const stream = await openStream(emulator, { emulator: { text: 'one two', usageNoise, usageAt } });
      const { items } = await readAll(stream);
      const real = items.map((chunk) => chunk.usage).filter((usage) => usage?.total_tokens > 0);
      expect(real).toHaveLength(1);
      expect(stream.usage).toEqual(real[0]);
    }
  });

  test('is null where the answer has none', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', noUsage: true } });
    const { items, error } = await readAll(stream);
    expect([error, stream.usage, stream.cost, stream.totalCost]).toEqual([null, null, null, null]);
    expect(contentsOf(items)).toEqual(['one ', 'two']);
  });
});

describe('the size of an event', () => {
  const PACKET = 1460;

  test('may be 8 MB, in writes of 1,460 bytes', async () => {
    const url = `data:image/png;base64,${Buffer.alloc(6_000_000, 'bee').toString('base64')}`;
    const image = chunkOf('', { delta: { images: [{ type: 'image_url', image_url: { url } }] } });
    const body = Buffer.from(sse(A, image, END));
    expect(body.length).toBeGreaterThan(8_000_000);
    raw.script = async function* script() {
      yield SSE_HEAD;
      for (let at = 0; at < body.length; at += PACKET) yield body.subarray(at, at + PACKET);
      yield FIN;
    };
    const stream = await openStream(raw);
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(items.length).toBe(3);
    expect(items[1].choices[0].delta.images[0].image_url.url === url).toBe(true);
    expect(stream.partial.choices[0].message.images[0].image_url.url === url).toBe(true);
  });

  test('may be maxEventBytes; a larger event rejects with response_too_large', async () => {
    const big = chunkOf('x'.repeat(3000));
    const size = event(big).length;
    expect((await chunksOf(sse(A, big, END), { maxEventBytes: size })).error).toBeNull();

    raw.script = () => [SSE_HEAD, sse(A, B, big, END), HOLD];
    const { items, error } = await readAll(await openStream(raw, {}, { maxEventBytes: size - 200 }));
    expect(items).toEqual([A, B]);
    expect(error.code).toBe('response_too_large');
    expect(error.message).toContain('maxEventBytes');
    expect(error.partial.choices[0].message.content).toBe(contentOf([A, B]));
    expect((await raw.requests.at(-1).closed).by).toBe('client');
  });

  test('is limited for an endless line too: response_too_large, and the connection closes', async () => {
    raw.script = async function* script() {
      yield SSE_HEAD;
      yield event(A);
      for (;;) yield 'x'.repeat(PACKET);
    };
    const { items, error } = await readAll(await openStream(raw, {}, { maxEventBytes: 100_000 }));
    expect([items, error.code]).toEqual([[A], 'response_too_large']);
    expect((await raw.requests.at(-1).closed).by).toBe('client');
  });
});
