'use strict';

const { newClient } = require('../support/streaming');
const { failure, startScriptedApi } = require('../support/servers/scripted-api');

const MODELS = {
  data: [
    { id: 'a/cheap', context_length: 1000, top_provider: { max_completion_tokens: 100 }, pricing: { prompt: '0.000001', completion: '0.00001', input_cache_read: '0.0000001' } },
    { id: 'b/dear', context_length: 1000, pricing: { prompt: '0.0001', completion: '0.001', overrides: [{ min_prompt_tokens: 20, prompt: '0.0002' }] } },
    { id: 'openrouter/auto', context_length: 1000, pricing: { prompt: '-1', completion: '-1' } },
  ],
};
const MESSAGES = [{ role: 'user', content: 'x'.repeat(40) }];
/** The bytes of the messages as JSON, of which each may be a token. */
const BYTES = JSON.stringify(MESSAGES[0]).length;
const USUAL = Math.ceil(BYTES / 4) + 4;

let api;
beforeAll(async () => { api = await startScriptedApi({ '/models': MODELS }); });
afterAll(() => api.close());
beforeEach(() => { api.answers['/models'] = MODELS; });

const estimate = (params, options, client = newClient(api)) => client.estimateCost({ model: 'a/cheap', messages: MESSAGES, ...params }, options);

describe('estimateCost', () => {
  test('is the prompt and the answer at the prices of the model, between the cached prompt alone and the longest answer', async () => {
    expect(await estimate({ max_tokens: 50 })).toEqual({
      min: expect.closeTo(USUAL * 1e-7, 9),
      expected: expect.closeTo(USUAL * 1e-6 + 50 * 1e-5, 9),
      max: expect.closeTo(BYTES * 1e-6 + 50 * 1e-5, 9),
      currency: 'USD',
      promptTokens: { expected: USUAL, max: BYTES },
      completionTokens: { expected: 50, max: 50 },
      unpriced: [],
    });
  });

  test('takes the tokens that the caller expects, and the longest answer of the model', async () => {
    const { expected, max, completionTokens } = await estimate({}, { answerTokens: 30 });
    expect(completionTokens).toEqual({ expected: 30, max: 100 });
    expect([expected, max]).toEqual([expect.closeTo(USUAL * 1e-6 + 30 * 1e-5, 9), expect.closeTo(BYTES * 1e-6 + 100 * 1e-5, 9)]);
  });

  test('of several models is that of the first, and at most that of the dearest, at the prices of its tier', async () => {
    const { min, expected, max } = await estimate({ models: ['b/dear'], max_tokens: 10 });
    expect(min).toBeCloseTo(USUAL * 1e-7, 9);
    expect(expected).toBeCloseTo(USUAL * 1e-6 + 10 * 1e-5, 9);
    expect(max).toBeCloseTo(BYTES * 2e-4 + 10 * 1e-3, 9);
  });

  test.each([['openrouter/auto'], ['un/known']])('of %s, whose price is not known, has no amounts', async (model) => {
    expect(await estimate({ model, max_tokens: 10 })).toMatchObject({ min: null, expected: null, max: null, unpriced: [model] });
  });

  test('finds the price of a model with routing suffixes, and counts those of a tier that costs more', async () => {
    const { expected, max } = await estimate({ model: 'a/cheap:nitro', max_tokens: 10 });
    expect(expected).toBeCloseTo(USUAL * 1e-6 + 10 * 1e-5, 9);
    expect(max).toBeCloseTo(2 * (BYTES * 1e-6 + 10 * 1e-5), 9);
  });

  test('reads the list of models once, and rejects if it cannot be read', async () => {
    const client = newClient(api);
    const before = api.count('/models');
    await estimate({}, undefined, client);
    await estimate({}, undefined, client);
    expect(api.count('/models')).toBe(before + 1);
    api.answers['/models'] = failure(400);
    await expect(estimate()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(api.paths.every((path) => /^\/models(\/[\w./-]+\/endpoints)?$/.test(path))).toBe(true);
  });

  test('rejects for parameters that could not be sent, and for an aborted signal', async () => {
    await expect(estimate({ messages: [] })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(estimate({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});
