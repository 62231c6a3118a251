'use strict';

const { createFetch } = require('../..');
const { FIN, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { failureOf } = require('../support/outcomes');
const { CHUNKED_HEAD, chunkOf, event, finishChunk, newClient, sse } = require('../support/streaming');

const JSON_HEAD = CHUNKED_HEAD.replace('text/event-stream', 'application/json');
const CHAT = { model: 'a/b', messages: [{ role: 'user', content: 'q' }] };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

let server;
beforeAll(async () => { server = await startByteServer(() => [FIN]); });
beforeEach(() => { server.requests.length = 0; });
afterAll(() => server.close());

async function readStream(timeouts) {
  const stream = await newClient(server).chatCompletion({ ...CHAT, stream: true, timeouts });
  for await (const _ of stream);
  return stream.finalCompletion();
}
const fetchIt = async (timeouts) => (await createFetch({ timeouts })(server.baseURL)).text();

/** What reads a body, the head of the body, and its beginning. */
const EVENTS = [
  ['a stream', CHUNKED_HEAD, event(chunkOf('a')), readStream],
  ['an event stream of createFetch', CHUNKED_HEAD, event(chunkOf('a')), fetchIt],
];
const TEXTS = [
  ['a completion', JSON_HEAD, '{"choices":[', (timeouts) => newClient(server).chatCompletion({ ...CHAT, timeouts })],
  ['a stream that is JSON', JSON_HEAD, '{"choices":[', readStream],
  ['JSON under the label of a stream', CHUNKED_HEAD, '{"choices":[', readStream],
  ['JSON of createFetch', JSON_HEAD, '{"a":', fetchIt],
  ['a list of models', JSON_HEAD, '{"data":[', (timeouts) => newClient(server, { timeouts }).getModels(true)],
];
const doors = (list, fillers) => list.flatMap(([name, ...rest]) => fillers.map((filler) => [name, filler, ...rest]));

describe('timeouts.idle', () => {
  test.each([
    ...doors(EVENTS, [': comment\n\n', '\n', 'id: 1\n', 'event: message\n\n', 'data:\n\n', 'data: \r\n', 'data: : wrapped\n\n', 'retry: 1\n']),
    ...doors(TEXTS, [' ', '\n']),
  ])('ends %s where nothing but %j arrives', async (_door, filler, head, beginning, read) => {
    server.script = async function* drip() {
      yield head + httpChunk(beginning);
      for (;;) {
        yield httpChunk(filler);
        await pause(10);
      }
    };
    const error = await failureOf(read({ idle: 100 }));
    expect(error.cause ?? error).toMatchObject({ phase: 'idle' });
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test.each([
    ...EVENTS,
    ['JSON under the label of a stream', CHUNKED_HEAD, '', readStream],
  ])('does not end %s while one large event is still arriving', async (_door, head, beginning, read) => {
    const isEvent = beginning !== '';
    const text = isEvent ? sse(chunkOf('x'.repeat(150)), finishChunk()) : JSON.stringify({ choices: [{ message: { content: 'x'.repeat(150) }, finish_reason: 'stop' }] });
    server.script = async function* drip() {
      yield head;
      for (let at = 0; at < text.length; at += 20) {
        yield httpChunk(text.slice(at, at + 20));
        await pause(60);
      }
      yield httpChunk();
    };
    const answer = await read({ idle: 600 });
    expect(JSON.stringify(answer)).toContain('x'.repeat(150));
  });
});
