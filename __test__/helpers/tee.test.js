'use strict';

const { HOLD, RST, FIN, startByteServer } = require('../support/servers/byte-server');
const { CHUNKED_HEAD, SSE_HEAD, chunkOf, contentOf, event, finishChunk, openStream, readAll, sse } = require('../support/streaming');

let server;
beforeAll(async () => { server = await startByteServer(); });
afterAll(() => server.close());

const words = (count) => Array.from({ length: count }, (_, index) => `${index} `);
const answer = (count, ...end) => [SSE_HEAD, ...(end.length > 0 ? [words(count).map((word) => event(chunkOf(word))).join(''), ...end] : [sse(...words(count).map((word) => chunkOf(word)), finishChunk()), FIN])];

describe('tee', () => {
  test.each([1, 2, 5])('gives each of %i readers all chunks in order', async (count) => {
    server.script = () => answer(100);
    const stream = await openStream(server);
    const readers = stream.tee(count);
    expect(readers).toHaveLength(count);
    const all = await Promise.all(readers.map(readAll));
    for (const { items, error } of all) {
      expect(error).toBeNull();
      expect(contentOf(items)).toBe(words(100).join(''));
    }
    expect((await stream.finalCompletion()).choices[0].message.content).toBe(words(100).join(''));
  });

  test('gives a reader that begins later what the other has read, within the limit', async () => {
    server.script = () => answer(500);
    const [first, second] = (await openStream(server)).tee();
    expect((await readAll(first)).items).toHaveLength(501);
    expect((await readAll(second)).items).toHaveLength(501);
  });

  test('the fastest reader waits for one that has begun, so that memory is bounded', async () => {
    server.script = () => answer(3000);
    const [fast, slow] = (await openStream(server)).tee();
    await slow.next();
    let read = 0;
    const reading = (async () => { for await (const _ of fast) read += 1; })();
    // It has waited when the slow reader gets something that it could not have kept otherwise.
    for (let turn = 0; turn < 1000 && read < 1025; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBe(1025);
    expect((await readAll(slow)).items).toHaveLength(3000);
    await reading;
    expect(read).toBe(3001);
  });

  test('a reader fails instead of waiting for one that never begins', async () => {
    server.script = () => answer(3000);
    const [fast, idle] = (await openStream(server)).tee();
    const { items, error } = await readAll(fast);
    expect(items).toHaveLength(1024);
    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/has not begun/) });
    await idle.return();
  });

  test('a reader that leaves does not hold up the others; the last one closes the request', async () => {
    server.script = () => [CHUNKED_HEAD, ...answer(0, HOLD).slice(2), HOLD];
    server.script = () => answer(2000, HOLD);
    const record = server.request(server.requests.length);
    const [first, second] = (await openStream(server)).tee();
    await first.next();
    await first.return();
    expect(await first.next()).toEqual({ value: undefined, done: true });
    for (let count = 0; count < 2000; count += 1) expect((await second.next()).done).toBe(false);
    const pending = second.next();
    await second.return();
    expect(await pending).toEqual({ value: undefined, done: true });
    expect(await (await record).closed).toMatchObject({ by: 'client' });
  });

  test('each reader gets the failure once, behind what came before', async () => {
    server.script = () => answer(10, RST);
    const readers = (await openStream(server)).tee(3);
    for (const { items, error } of await Promise.all(readers.map(readAll))) {
      expect(items).toHaveLength(10);
      expect(error.code).toBe('connection_reset');
    }
    expect(await readers[0].next()).toEqual({ value: undefined, done: true });
  });

  test('answers several next() of one reader in their order', async () => {
    server.script = () => answer(3);
    const [reader] = (await openStream(server)).tee();
    const results = await Promise.all([reader.next(), reader.next(), reader.next(), reader.next(), reader.next()]);
    expect(results.map(({ value }) => value?.choices[0].delta.content)).toEqual(['0 ', '1 ', '2 ', '', undefined]);
  });

  test('is the one reader of the stream', async () => {
    server.script = () => answer(1);
    const stream = await openStream(server);
    stream.tee();
    expect(() => stream.text()).toThrow(/has its reader already/);
    expect(() => stream.tee()).toThrow(/has its reader already/);
  });

  test.each([0, 1.5, 101, '2'])('of %p readers is refused', async (count) => {
    server.script = () => answer(1);
    const stream = await openStream(server);
    expect(() => stream.tee(count)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect((await readAll(stream)).items).toHaveLength(2);
  });
});
