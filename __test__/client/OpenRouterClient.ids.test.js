'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server.js');
const { failureOf } = require('../support/outcomes.js');

let emulator;
let raw;
let keys = 0;
beforeAll(async () => { [emulator, raw] = [await startEmulator(), await startByteServer()]; });
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([emulator.close(), raw.close()]));

function ask(server, params) {
  keys += 1;
  const client = new OpenRouterClient(`sk-or-v1-limit-ids-${keys}`, { baseURL: server.baseURL, maxRetries: 0 });
  return client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], ...params });
}
const sent = () => emulator.requests.at(-1).generationId;
const opened = (directives, params) => ask(emulator, { stream: true, emulator: { text: 'one two three', ...directives }, ...params });
const ended = async (directives) => failureOf((await opened(directives)).finalCompletion());

describe('the generation id of the API', () => {
  test('is the id of a completion', async () => {
    const { id } = await ask(emulator);
    expect([id, id]).toEqual([sent(), expect.stringMatching(/^gen-/)]);
  });

  test('is known from the start of a stream to its end', async () => {
    const stream = await opened();
    expect(stream.generationId).toBe(sent());
    await stream.finalCompletion();
    expect([stream.generationId, stream.id]).toEqual([sent(), sent()]);
  });

  test.each([
    ['an error in a 200', () => failureOf(ask(emulator, { emulator: { errorIn200: 'top' } }))],
    ['a body with nothing but padding', () => failureOf(ask(emulator, { emulator: { padonly: true, pad: 2 } }))],
    ['an error in the first event', () => failureOf(opened({ errorAt: 0 }))],
    ['an error in mid-stream', () => ended({ errorAt: 2 })],
    ['a stream that ends early', () => ended({ cut: 2, cutHow: 'clean' })],
    ['a reset connection', () => ended({ cut: 2, cutHow: 'reset' })],
    ['an event that is not JSON', () => ended({ garbage: 2 })],
    ['an idle timeout', async () => failureOf((await opened({ stall: 2 }, { timeouts: { idle: 100 } })).finalCompletion())],
    ['an abort in mid-stream', async () => {
      const controller = new AbortController();
      const stream = await opened({ stall: 2 }, { signal: controller.signal });
      const failure = failureOf(stream.finalCompletion());
      controller.abort();
      expect(stream.generationId).toBe(sent());
      return failure;
    }],
  ])('is on the error of %s', async (_what, fail) => {
    const error = await fail();
    expect(error.generationId).toBe(sent());
    expect(error.toJSON().generationId).toBe(error.generationId);
  });

  test.each([[false], [true]])('is read from the headers of an HTTP error without a body (stream: %p)', async (stream) => {
    raw.script = () => ['HTTP/1.1 502 X\r\nContent-Length: 0\r\nX-Generation-Id: gen-failed\r\nConnection: close\r\n\r\n', FIN];
    expect(await failureOf(ask(raw, { stream }))).toMatchObject({ status: 502, generationId: 'gen-failed' });
  });

  test('is undefined where the API sent none, and the request id is there without it', async () => {
    raw.script = () => ['HTTP/1.1 500 X\r\nContent-Length: 0\r\nX-Request-Id: req-7\r\nConnection: close\r\n\r\n', FIN];
    const error = await failureOf(ask(raw));
    expect([error.generationId, error.requestId]).toEqual([undefined, 'req-7']);
  });
});
