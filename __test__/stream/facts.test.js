'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');

const messages = [{ role: 'user', content: 'Hi' }];
let emulator;
let client;
beforeAll(async () => { emulator = await startEmulator({ directives: { text: 'one two three', chunks: 3 } }); });
beforeEach(() => {
  emulator.reset();
  client = new OpenRouterClient('sk-or-v1-limit-facts', { baseURL: emulator.baseURL, maxRetries: 0 });
});
afterAll(() => emulator.close());

const ask = (params) => client.chatCompletion({ model: 'openrouter/auto', messages, stream: true, ...params });
const turn = async (model, params) => {
  const stream = await ask({ emulator: { model }, ...params });
  await stream.finalCompletion();
  return stream;
};

describe('what a stream tells about its turn', () => {
  test('model is the one that the router chose, from the first chunk on', async () => {
    const stream = await ask({ emulator: { model: 'openai/gpt-5', stall: 1 } });
    const { value } = await stream[Symbol.asyncIterator]().next();
    expect(value.model).toBe('openai/gpt-5');
    expect([stream.requestedModel, stream.model]).toEqual(['openrouter/auto', 'openai/gpt-5']);
    stream.abort();
  });

  test('modelSwitch tells when another model answers than in the previous turn', async () => {
    const first = await turn('openai/gpt-5');
    const second = await turn('openai/gpt-5');
    const third = await turn('openai/gpt-5-mini');
    expect([first.modelSwitch, second.modelSwitch, third.modelSwitch]).toEqual([null, null, { from: 'openai/gpt-5', to: 'openai/gpt-5-mini' }]);
  });

  test('modelSwitch also follows a turn without stream, and an actualModelUsed that the caller set', async () => {
    await client.chatCompletion({ model: 'openai/gpt-5', messages });
    expect((await turn('openai/gpt-5-mini')).modelSwitch).toEqual({ from: 'openai/gpt-5', to: 'openai/gpt-5-mini' });
    client = new OpenRouterClient('sk-or-v1-limit-facts', { baseURL: emulator.baseURL });
    client.actualModelUsed = 'openai/gpt-4o';
    expect((await turn('openai/gpt-5')).modelSwitch).toEqual({ from: 'openai/gpt-4o', to: 'openai/gpt-5' });
  });


  test('fallback has its reason, and metrics the times and the token rate', async () => {
    const stream = await ask({ model: 'openai/gpt-5-mini', models: ['openai/gpt-5'], emulator: { fail: ['openai/gpt-5-mini'], gap: 5 } });
    await stream.finalCompletion();
    expect(stream.fallback).toMatchObject({ from: 'openai/gpt-5-mini', to: 'openai/gpt-5', reason: expect.any(String) });
    const { headersMs, firstTokenMs, durationMs, tokensPerSecond } = stream.metrics;
    expect(headersMs).toBeLessThanOrEqual(firstTokenMs);
    expect(firstTokenMs).toBeLessThan(durationMs);
    expect(tokensPerSecond).toBeCloseTo(stream.usage.completion_tokens / ((durationMs - firstTokenMs) / 1000), 0);
  });
});
