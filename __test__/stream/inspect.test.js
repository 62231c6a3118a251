'use strict';

const { inspect } = require('node:util');

const { startEmulator } = require('../../emulator');
const { FIN, HOLD, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, event, finishChunk, gate, openStream, readAll } = require('../support/streaming');

let emulator;
let raw;
beforeAll(async () => {
  emulator = await startEmulator();
  raw = await startByteServer();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([emulator.close(), raw.close()]));

const TEXT = 'canary answer';
const MODEL = 'openai/gpt-5-mini';
/** Opens a stream whose server sends these events and then plays these steps. */
function open(events, ...steps) {
  raw.script = () => [SSE_HEAD, ...events.map(event), ...steps];
  return openStream(raw);
}

test('console.log of a stream shows its state and facts, and nothing of its content', async () => {
  const stream = await openStream(emulator, { emulator: { text: TEXT, cost: 0.25 } });
  await stream.finalCompletion();
  const { usage, generationId } = stream;
  expect(inspect(stream)).toBe(`ChatCompletionStream ${inspect({
    state: 'finished',
    model: MODEL,
    provider: stream.provider,
    finishReason: 'stop',
    usage: { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens, total_tokens: usage.total_tokens },
    cost: 0.25,
    generationId,
  })}`);
  expect(inspect(stream, { showHidden: true, depth: Infinity })).not.toContain('canary');
  expect(inspect([[[stream]]], { depth: 2 })).toBe('[ [ [ [ChatCompletionStream] ] ] ]');
});

const stateOf = (stream) => /state: '(\w+)'/.exec(inspect(stream))[1];

describe('the state is', () => {
  test('waiting until somebody reads, then streaming', async () => {
    const more = gate();
    const stream = await open([chunkOf('a')], more, event(finishChunk()), event('[DONE]'), FIN);
    expect(stateOf(stream)).toBe('waiting');
    const texts = stream.text();
    expect((await texts.next()).value).toBe('a');
    expect(stateOf(stream)).toBe('streaming');
    more.open();
    await texts.next();
    expect(stateOf(stream)).toBe('finished');
  });

  test('stopped after the reader left', async () => {
    const stream = await open([chunkOf('a')], HOLD);
    for await (const _chunk of stream) break;
    expect(stateOf(stream)).toBe('stopped');
  });

  test('aborted after an abort, with the code of the error once it was delivered', async () => {
    const stream = await open([chunkOf('a')], HOLD);
    stream.abort();
    expect(stateOf(stream)).toBe('aborted');
    await readAll(stream);
    expect(inspect(stream)).toMatch(/^ChatCompletionStream \{\n {2}state: 'aborted',[^]*error: 'aborted'\n\}$/);
  });

  test('failed after an error, with its code', async () => {
    const stream = await open([chunkOf(TEXT)], FIN);
    await readAll(stream);
    expect(inspect(stream)).toMatch(/^ChatCompletionStream \{\n {2}state: 'failed',[^]*error: 'stream_truncated'\n\}$/);
    expect(inspect(stream)).not.toContain('canary');
  });
});
