'use strict';

const { createOpenRouterClient } = require('openrouter-native/librechat');
const { OpenRouterClient } = require('../..');
const { newModel } = require('../langchain/support/langchain-models');
const { failureOf, shownOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');

const KEY = 'sk-or-v1-echo-0123456789';
const sse = { 'Content-Type': 'text/event-stream' };
const delta = { id: 'g', model: 'a/b', choices: [{ index: 0, delta: { content: 'Hi' } }] };
const chunks = (...all) => all.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const error = (fields) => JSON.stringify({ error: { code: 400, message: 'No', ...fields } });

/** Failures in which a server echoes the key. The last two happen in mid-stream. */
const FAILURES = [
  ['the message of an error', answer(400, error({ message: `Bad ${KEY}` }))],
  ['the metadata of an error', answer(400, error({ metadata: { provider_name: KEY, raw: `{"error":"${KEY}"}` } }))],
  ['the headers of an error', answer(400, error(), { 'X-Request-Id': KEY, 'X-Generation-Id': KEY })],
  ['a page', answer(404, `<html><title>${KEY}</title></html>`, { 'Content-Type': 'text/html' })],
  ['an error chunk', answer(200, chunks(delta, { error: { code: 502, message: KEY, metadata: { raw: KEY } } }), sse)],
  ['an event that is not JSON', answer(200, `${chunks(delta)}data: {${KEY}\n\n`, sse)],
];

class BaseClient {}
const LibreChatClient = createOpenRouterClient({ BaseClient, completionShape: 'object' });
const messages = [{ role: 'user', content: 'hi' }];
const drained = async (stream) => {
  for await (const chunk of await stream) void chunk;
};

/** The ways in which a program meets a failure, beside those of the client and of createFetch. */
const DOORS = [
  ['ChatOpenRouter', (server) => newModel(server, { apiKey: KEY }).invoke('hi')],
  ['a stream of ChatOpenRouter', (server) => drained(newModel(server, { apiKey: KEY }).stream('hi'))],
  ["LibreChat's class", ({ baseURL }) => new LibreChatClient(KEY, { baseURL, modelOptions: { model: 'a/b' }, maxRetries: 0 }).sendCompletion(messages, { onProgress() {} })],
  ['getGeneration', ({ baseURL }) => new OpenRouterClient(KEY, { baseURL, maxRetries: 0 }).getGeneration('gen-1')],
];

describe.each(DOORS)('%s', (_, ask) => {
  test.each(FAILURES)('shows no key that a server echoes in %s', async (__, bytes) => {
    const server = await startAnsweringServer(bytes);
    try {
      const failure = await failureOf(() => ask(server));
      expect(failure).toBeInstanceOf(Error);
      expect(server.requests[0].head).toContain(KEY);
      expect(shownOf(failure)).not.toContain(KEY);
    } finally {
      await server.close();
    }
  });
});
