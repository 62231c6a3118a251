'use strict';

// `extraBody`: the one door for parameters that the types do not know, of each entry that has parameters.
const express = require('express');

const { OpenRouterClient } = require('../..');
const { openrouterRouter } = require('../../adapters/express');
const { ChatOpenRouter } = require('../../adapters/langchain');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const settings = () => ({ apiKey: 'sk-or-v1-extra', baseURL: emulator.baseURL, maxRetries: 0 });
const client = (options) => new OpenRouterClient({ ...settings(), ...options });
const model = (fields) => new ChatOpenRouter({ ...settings(), model: MODEL, ...fields });
/** The body of the only request. */
function sent() {
  expect(emulator.requests).toHaveLength(1);
  return emulator.requests[0].body;
}

/** Sends a chat with an `extraBody` through each entry that takes one, once in its defaults and once in a call. */
const DOORS = [
  ['chatCompletion', (extraBody, more) => client().chatCompletion({ model: MODEL, messages, extraBody, ...more })],
  ['a stream', async (extraBody, more) => (await client().chatCompletion({ model: MODEL, messages, stream: true, extraBody, ...more })).finalCompletion()],
  ['modelOptions', async (extraBody, more) => client({ modelOptions: { extraBody, ...more } }).chatCompletion({ model: MODEL, messages })],
  ['ChatOpenRouter', async (extraBody, { provider, ...modelKwargs } = {}) => model({ extraBody, provider, modelKwargs }).invoke('Hi')],
  ['a call of ChatOpenRouter', (extraBody, { provider, ...modelKwargs } = {}) => model({ provider, modelKwargs }).invoke('Hi', { extraBody })],
  ['withConfig of ChatOpenRouter', (extraBody, { provider, ...modelKwargs } = {}) => model({ provider, modelKwargs }).withConfig({ extraBody }).invoke('Hi')],
];

describe.each(DOORS)('extraBody of %s', (_, send) => {
  test('is sent beside the other parameters, and not itself', async () => {
    await send({ a_new_parameter: { deep: [1, null] }, another: 'x' });
    expect(sent()).toMatchObject({ model: MODEL, a_new_parameter: { deep: [1, null] }, another: 'x' });
    expect(sent()).not.toHaveProperty('extraBody');
  });

  test('does not replace a parameter that is given beside it', async () => {
    await send({ seed: 1, another: 1 }, { seed: 2 });
    expect(sent()).toMatchObject({ seed: 2, another: 1 });
  });

  test('keeps its privacy settings, whatever stands beside it', async () => {
    await send({ provider: { zdr: true, data_collection: 'deny', order: ['openai'] } }, { provider: { zdr: false } });
    expect(sent().provider).toEqual({ zdr: true, data_collection: 'deny', order: ['openai'] });
  });

  test.each([
    ['an option of a call', { zdr: true }, /extraBody\.zdr(: it)? is no parameter of the API\. Write zdr beside extraBody\.$/],
    ['the key', { apiKey: 'sk-or-v1-canary' }, /extraBody\.apiKey(: it)? is no parameter of the API\. (Give apiKey to the client|Write apiKey beside modelOptions)/],
    ['an option of the client in another spelling', { base_url: 'x' }, /extraBody\.base_url(: it)? is no parameter of the API\. .*baseURL/],
    ['what another SDK calls an option', { defaultHeaders: {} }, /extraBody\.defaultHeaders(: it)? is no parameter of the API\. .*headers/],
    ['a misspelt privacy setting', { zrd: true }, /extraBody\.zrd(: it)? is no parameter of the API\. Did you mean zdr\?$/],
  ])('is refused before anything is sent if it has %s', async (_what, extraBody, message) => {
    const error = await failureOf(send(extraBody));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('canary');
    expect(emulator.requests).toHaveLength(0);
  });
});

test('a client that demands zero data retention demands it for extraBody', async () => {
  await client({ zdr: true }).chatCompletion({ model: MODEL, messages, extraBody: { provider: { zdr: false, order: ['openai'] } } });
  expect(sent().provider).toEqual({ zdr: true, order: ['openai'] });
});

test('a call of ChatOpenRouter cannot take away the privacy settings in the extraBody of the model', async () => {
  await model({ extraBody: { provider: { zdr: true } } }).invoke('Hi', { extraBody: { provider: { order: ['openai'] }, x: 1 } });
  expect(sent()).toMatchObject({ x: 1, provider: { zdr: true, order: ['openai'] } });
});

test('client.modelOptions has the parameters of extraBody among the others', () => {
  expect(client({ modelOptions: { seed: 1, extraBody: { x: 1 } } }).modelOptions).toEqual({ seed: 1, x: 1 });
});

test('a browser cannot use extraBody to get around the rules of the Express router', async () => {
  const app = express();
  app.use(openrouterRouter({ client: client(), auth: (req, res, next) => next(), allow: { models: [MODEL], parameters: ['seed'] } }));
  const server = await new Promise((resolve) => { const listening = app.listen(0, '127.0.0.1', () => resolve(listening)); });
  try {
    const body = JSON.stringify({ model: MODEL, messages, extraBody: { models: ['openai/gpt-5'], n: 100 } });
    const url = `http://127.0.0.1:${server.address().port}/chat/completions`;
    await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    for (const request of emulator.requests) expect(Object.keys(request.body).sort()).toEqual(['messages', 'model']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
