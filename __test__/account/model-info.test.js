'use strict';

const { OpenRouterClient, modelInfo } = require('../..');
const { startEmulator } = require('../../emulator');
const { catalog } = require('../../emulator/catalog');
const { ModelList } = require('../../emulator/models');

const findModel = (id) => new ModelList().find(id);
const UNKNOWN = { contextLength: null, maxOutput: null, promptPrice: null, completionPrice: null, free: false, capabilities: [] };
const priced = (pricing) => modelInfo({ id: 'a/b', pricing });

/** Converts a price per million tokens to one per token. A price that varies with the answer, undefined here, is null. */
const perToken = (perMillion) => (perMillion === undefined ? null : expect.closeTo(perMillion / 1e6, 15));

test.each(catalog.map((row) => [row.id, row]))('modelInfo of %s has its limits, prices and capabilities', (id, row) => {
  const can = {
    vision: row.input.includes('image'),
    audio: row.input.includes('audio'),
    files: row.input.includes('file'),
    tools: row.params.includes('tools'),
    reasoning: row.params.includes('reasoning'),
    structured_outputs: row.params.includes('structured_outputs'),
    image_output: row.makes?.includes('image') ?? false,
  };
  expect(modelInfo(findModel(id))).toEqual({
    contextLength: row.context,
    maxOutput: row.output,
    promptPrice: perToken(row.price.prompt),
    completionPrice: perToken(row.price.completion),
    free: typeof row.price === 'object' && Object.values(row.price).every((price) => price === 0),
    capabilities: Object.keys(can).filter((name) => can[name]),
  });
});

test('modelInfo of a model that has everything has exactly these fields', () => {
  expect(modelInfo(findModel('google/gemini-2.5-flash'))).toEqual({
    contextLength: 1048576,
    maxOutput: 65535,
    promptPrice: 0.0000003,
    completionPrice: 0.0000025,
    free: false,
    capabilities: ['vision', 'audio', 'files', 'tools', 'reasoning', 'structured_outputs'],
  });
});

test('modelInfo accepts the frozen models of getModels', async () => {
  const emulator = await startEmulator();
  try {
    const models = await new OpenRouterClient('sk-or-v1-limit-model-info', { baseURL: emulator.baseURL }).getModels();
    expect(models.map(modelInfo)).toEqual(models.map(({ id }) => modelInfo(findModel(id))));
  } finally {
    await emulator.close();
  }
});

test('the prices per million tokens and context lengths by which LibreChat charges are the same in modelInfo and in the list', () => {
  const fixed = catalog.map(({ id }) => findModel(id)).filter(({ pricing }) => Number(pricing.prompt) >= 0);
  expect(fixed.length).toBeGreaterThan(10);
  for (const model of fixed) {
    const { promptPrice, completionPrice, contextLength } = modelInfo(model);
    const { pricing, context_length: context } = model;
    // Exactly equal, not only close: LibreChat must charge the same to the last digit.
    expect([promptPrice * 1e6, completionPrice * 1e6, contextLength]).toEqual([parseFloat(pricing.prompt) * 1e6, parseFloat(pricing.completion) * 1e6, context]);
    expect([typeof pricing.prompt, typeof pricing.completion]).toEqual(['string', 'string']);
  }
});

describe('prices', () => {
  test.each([
    ['-1', null], [-1, null], ['-0.000001', null], ['abc', null], ['', null], [' ', null], ['NaN', null], ['Infinity', null],
    [null, null], [undefined, null], [[], null], [{}, null], [true, null],
    ['0', 0], [0, 0], ['0.0', 0], ['0.000003', 0.000003], [0.000003, 0.000003], ['3e-6', 0.000003], ['1e-12', 1e-12],
  ])('a price of %p is read as %p USD per token', (given, expected) => {
    const { promptPrice, completionPrice } = priced({ prompt: given, completion: given });
    expect([promptPrice, completionPrice]).toEqual([expected, expected]);
  });

  test('the prompt price and the completion price are read independently', () => {
    expect(priced({ prompt: '-1', completion: '0.00001' })).toMatchObject({ promptPrice: null, completionPrice: 0.00001, free: false });
  });

  test('a price of 0 stays 0, and a model with no other prices is free', () => {
    expect(priced({ prompt: '0', completion: '0' })).toMatchObject({ promptPrice: 0, completionPrice: 0, free: true });
    expect(priced({ prompt: '0', completion: '0', request: '0', image: '0', discount: 0 })).toMatchObject({ free: true });
  });

  test('a model with a price that varies, that is missing, or that is for something other than tokens is not free', () => {
    expect(priced({ prompt: '-1', completion: '-1' }).free).toBe(false);
    expect(priced({ prompt: '0' }).free).toBe(false);
    expect(priced({}).free).toBe(false);
    expect(priced({ prompt: '0', completion: '0', request: '0.005' }).free).toBe(false);
    expect(priced({ prompt: '0', completion: '0', image_output: '0.000015' }).free).toBe(false);
  });
});

describe('missing fields are null, not guessed', () => {
  test.each([[undefined], [null], [{}], [{ id: 'a/b' }], [{ architecture: null, pricing: null, top_provider: null, supported_parameters: null, context_length: null }]])('of the model %p', (model) => {
    expect(modelInfo(model)).toEqual(UNKNOWN);
  });

  test('contextLength is that of the top provider where the model has none', () => {
    expect(modelInfo({ context_length: null, top_provider: { context_length: 32768, max_completion_tokens: null } })).toMatchObject({ contextLength: 32768, maxOutput: null });
  });

  test('maxOutput is the limit of the top provider, not the context length', () => {
    expect(modelInfo({ context_length: 200000, top_provider: { max_completion_tokens: 8192 } })).toMatchObject({ contextLength: 200000, maxOutput: 8192 });
  });

  test('capabilities are empty where the lists of the model are not lists', () => {
    expect(modelInfo({ architecture: { input_modalities: 'image', output_modalities: { image: true } }, supported_parameters: 'tools' }).capabilities).toEqual([]);
  });
});
