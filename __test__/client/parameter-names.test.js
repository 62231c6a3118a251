'use strict';

const express = require('express');
const { once } = require('node:events');
const http = require('node:http');

const { OpenRouterClient } = require('../..');
const { openrouterRouter } = require('../../adapters/express');
const { ChatOpenRouter } = require('../../adapters/langchain');
const { createOpenRouterClient } = require('../../adapters/librechat');
const { startEmulator } = require('../../emulator');
const BaseClient = require('../librechat/app/old/app/clients/BaseClient.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { runNode } = require('../support/process.js');
const { until } = require('../support/until.js');

const KEY = 'sk-or-v1-limit-parameter-names';
const CANARY = 'canary-value';
const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let restore;
let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => restore());
afterAll(() => emulator.close());

const LibreChatClient = createOpenRouterClient({ BaseClient });
const clientOf = (options) => new OpenRouterClient(KEY, { baseURL: emulator.baseURL, maxRetries: 0, ...options });

/** Sends a chat through a router, as a browser does. Rejects with the error of the response. */
async function throughExpress(given) {
  const router = openrouterRouter({ client: clientOf(), auth: (_req, _res, next) => next(), express });
  const server = http.createServer(express().use(router)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${server.address().port}/chat/completions`;
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ model: MODEL, messages, ...given }) });
    const { error } = await response.json();
    if (error) throw Object.assign(new Error(error.message), { status: response.status, code: error.metadata.code });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  }
}

/** Everything through which the parameters of a request go. */
const DOORS = {
  chatCompletion: (given) => clientOf().chatCompletion({ model: MODEL, messages, ...given }),
  'chatCompletion as a stream': (given) => clientOf().chatCompletion({ model: MODEL, messages, stream: true, ...given }),
  "chatCompletion of LibreChat's class": (given) => new LibreChatClient(KEY, { baseURL: emulator.baseURL }).chatCompletion({ model: MODEL, messages, ...given }),
  "getCompletion of LibreChat's class": (given) => new LibreChatClient(KEY, { baseURL: emulator.baseURL }).getCompletion(messages, { model: MODEL, ...given }),
  'modelKwargs of ChatOpenRouter': (given) => new ChatOpenRouter({ apiKey: KEY, model: MODEL, baseURL: emulator.baseURL, modelKwargs: given }).invoke('hi'),
  'the body of a browser': throughExpress,
};

/** Options of the client and misspelt privacy settings, and what the message says of them. */
const REFUSED = [
  ['apiKey', 'Give apiKey to the client: new OpenRouterClient(key, { apiKey: … }).'],
  ['api_key', 'Give apiKey to the client: new OpenRouterClient(key, { apiKey: … }).'],
  ['baseURL', 'Give baseURL to the client: new OpenRouterClient(key, { baseURL: … }).'],
  ['baseUrl', 'Give baseURL to the client: new OpenRouterClient(key, { baseURL: … }).'],
  ['rateLimit', 'Give rateLimit to the client: new OpenRouterClient(key, { rateLimit: … }).'],
  ['proxy', 'Give proxy to the client: new OpenRouterClient(key, { proxy: … }).'],
  ['ca', 'Give ca to the client: new OpenRouterClient(key, { ca: … }).'],
  ['cache', 'Give cache to the client: new OpenRouterClient(key, { cache: … }).'],
  ['logger', 'Give logger to the client: new OpenRouterClient(key, { logger: … }).'],
  ['modelOptions', 'Give modelOptions to the client: new OpenRouterClient(key, { modelOptions: … }).'],
  ['timeout', 'Use timeouts: { total: 60_000 }, in milliseconds.'],
  ['defaultHeaders', 'Use headers.'],
  ['httpReferer', 'Give siteUrl to the client: new OpenRouterClient(key, { siteUrl: … }).'],
  ['dangerouslyAllowBrowser', 'This package runs on servers only. For a browser, openrouterRouter of openrouter-native/express keeps the key on the server.'],
  ['max_retries', 'Did you mean maxRetries?'],
  ['zrd', 'Did you mean zdr?'],
  ['dataColection', 'Did you mean dataCollection?'],
];

describe.each(Object.entries(DOORS))('%s', (_, send) => {
  test.each(REFUSED)('refuses %s, and sends nothing', async (name, advice) => {
    const error = await failureOf(() => send({ [name]: CANARY }));
    expect(error).toMatchObject({ code: 'invalid_request', message: `${name} is no parameter of a request, so nothing was sent. ${advice}` });
    expect(shownOf(error).replaceAll(__filename, '')).not.toContain(CANARY);
    expect(emulator.requests).toHaveLength(0);
  });

  test('refuses a stream that is neither true nor false, and a provider.zdr that is neither', async () => {
    if (send !== DOORS['modelKwargs of ChatOpenRouter']) {
      for (const stream of ['true', 1, {}]) expect(await failureOf(() => send({ stream }))).toMatchObject({ code: 'invalid_request', message: 'stream must be true or false.' });
    }
    expect(await failureOf(() => send({ provider: { zrd: true } }))).toMatchObject({ message: 'provider.zrd is no preference of OpenRouter, so nothing was sent. Did you mean provider.zdr?' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('sends parameters that it does not know, also misspelt ones', async () => {
    const given = { temprature: 0.5, maxTokens: 5, 'x-new': { a: 1 } };
    await send(given);
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0].body).toMatchObject(given);
  });
});

test('a browser that sends a setting of the server is answered with a 400 that names the field', async () => {
  for (const name of ['headers', 'timeouts', 'maxRetries', 'signal', 'onProgress', 'apiKey', 'zrd']) {
    expect(await failureOf(() => throughExpress({ [name]: {} }))).toMatchObject({ status: 400, code: 'invalid_request', message: expect.stringMatching(new RegExp(`^${name} `)) });
  }
  expect(emulator.requests).toHaveLength(0);
});

test('options of the client among modelOptions are refused when the client is made', async () => {
  for (const [name, advice] of [['apiKey', 'Write apiKey beside modelOptions.'], ['timeout', 'Write timeouts beside modelOptions.'], ['httpReferer', 'Write siteUrl beside modelOptions.'], ['zrd', 'Did you mean zdr?']]) {
    const error = await failureOf(() => clientOf({ modelOptions: { [name]: CANARY } }));
    expect(error).toMatchObject({ code: 'invalid_option', message: `Invalid option modelOptions.${name}: it is no parameter of a request. ${advice}` });
  }
  expect(await failureOf(() => clientOf({ modelOptions: { signal: {} } }))).toMatchObject({ message: 'Invalid option modelOptions.signal: expected it in a call: client.chatCompletion(params, { signal }).' });
  expect(await failureOf(() => clientOf({ modelOptions: { timeouts: {} } }))).toMatchObject({ message: 'Invalid option modelOptions.timeouts: expected it beside modelOptions.' });
});

describe('a misspelt parameter', () => {
  const recorder = () => {
    const lines = [];
    return { lines, warn: (line) => lines.push(line) };
  };
  const warning = (name, likely) => `[OpenRouter] The parameter ${name} is not known. Did you mean ${likely}? It is sent as it is`;

  test.each([['temperatur', 'temperature'], ['max_token', 'max_tokens'], ['responseFormat', 'response_format'], ['toolChoice', 'tool_choice'], ['topP', 'top_p'], ['autoRuter', 'autoRouter']])(
    '%s leads to one warning in the life of the process, which names %s', async (name, likely) => {
      const logger = recorder();
      // Without a logger nobody has seen the warning, so the first client does not count.
      for (const options of [{ logger: false }, { logger }, { logger }]) await clientOf(options).chatCompletion({ model: MODEL, messages, [name]: 1 });
      await until(() => logger.lines.length > 0);
      clientOf({ logger, modelOptions: { [name]: 1 } });
      await clientOf({ logger }).getModels();
      expect(logger.lines).toEqual([warning(name, likely)]);
    },
  );

  test('among modelOptions leads to a warning when the client is made', async () => {
    const logger = recorder();
    for (let i = 0; i < 3; i += 1) clientOf({ logger, modelOptions: { temperture: 1 } });
    await until(() => logger.lines.length > 0);
    await clientOf({ logger }).getModels();
    expect(logger.lines).toEqual([warning('temperture', 'temperature')]);
  });

  test('is named on stderr with DEBUG', async () => {
    const script = `
      const { OpenRouterClient } = require(${JSON.stringify(require.resolve('../..'))});
      new OpenRouterClient('${KEY}', { baseURL: '${emulator.baseURL}' }).chatCompletion({ model: '${MODEL}', messages: [{ role: 'user', content: 'Hi' }], temprature: 1 });`;
    const { stderr } = await runNode(['-e', script], { env: { ...process.env, DEBUG: 'openrouter:*' } });
    expect(stderr).toContain(warning('temprature', 'temperature'));
  });

  test('is not suspected where OpenAI, LangChain or LibreChat use the name, or nothing resembles it', async () => {
    const logger = recorder();
    const fine = ['store', 'n', 'functions', 'function_call', 'audio', 'safety_identifier', 'prompt_cache_retention', 'modelLabel', 'promptPrefix', 'maxContextTokens', 'spec', 'quux', '', '日本語'];
    await clientOf({ logger }).chatCompletion({ model: MODEL, messages, ...Object.fromEntries(fine.map((name) => [name, 1])) });
    await clientOf({ logger }).getModels();
    expect(logger.lines).toEqual([]);
  });

  test('of thousands in one request costs no time to speak of, and a client option among them is still refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`temprature${i}`, 1]));
    await clientOf().chatCompletion({ model: MODEL, messages, ...many });
    expect(await failureOf(() => clientOf().chatCompletion({ model: MODEL, messages, ...many, apiKey: 'x' }))).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/^apiKey /) });
    expect(emulator.requests).toHaveLength(1);
  });
});
