'use strict';

// LibreChat's `modelResponseBodyTimeoutMs` and `modelResponseHeadersTimeoutMs` arrive as options of a dispatcher of undici in
// `configOptions.fetchOptions` (`packages/api/src/endpoints/openai/config.ts`, v0.8.8).
const { runInThisContext } = require('node:vm');

const { configureAgents } = require('openrouter-native/librechat');
const { CHUNKED_HEAD, chunkOf } = require('../support/streaming');
const { HOLD, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { closedPort } = require('../support/closed-port');
const { failureOf } = require('../support/outcomes.js');

let server;
let Agent;
beforeAll(async () => {
  server = await startByteServer(() => []);
  // The first request creates the dispatcher of Node's own undici, whose class is not exported.
  await failureOf(fetch(`http://127.0.0.1:${await closedPort()}`));
  Agent = runInThisContext('globalThis')[Symbol.for('undici.globalDispatcher.1')].constructor;
});
afterAll(() => server.close());

/** A dispatcher as LibreChat makes it: alone, and behind those of proxies, which keep theirs by these symbols. */
const WRAPPED = {
  'an agent': (agent) => agent,
  'the agent of a proxy': (agent) => ({ [Symbol('proxy agent')]: {}, [Symbol('agent')]: agent }),
  'the agents of the proxies of the environment': (agent) => ({ [Symbol('no proxy agent')]: { [Symbol('agent')]: agent } }),
};
const fetchWith = (dispatcher, options) => {
  const configOptions = { baseURL: server.baseURL, fetchOptions: { dispatcher } };
  expect(configureAgents({ llmConfig: { model: 'a/b' }, configOptions }, options)).toBe(true);
  return configOptions.fetch;
};
const ask = (send) => send(`${server.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], stream: true }) });

test.each(Object.keys(WRAPPED))('%s gives its limits', async (name) => {
  const send = fetchWith(WRAPPED[name](new Agent({ headersTimeout: 150, bodyTimeout: 170 })));
  server.script = () => [HOLD];
  const late = await failureOf(ask(send));
  expect([late.cause.code, late.cause.message]).toEqual(['UND_ERR_HEADERS_TIMEOUT', expect.stringContaining('150 ms')]);
  server.script = () => [CHUNKED_HEAD, httpChunk(`data: ${JSON.stringify(chunkOf('one'))}\n\n`), HOLD];
  const idle = await failureOf((await ask(send)).text());
  expect([idle.cause.code, idle.cause.message]).toEqual(['UND_ERR_BODY_TIMEOUT', expect.stringContaining('170 ms')]);
});

test('the option transportTimeouts gives them too, and timeouts are preferred', async () => {
  server.script = () => [HOLD];
  const given = await failureOf(ask(fetchWith(undefined, { transportTimeouts: { headersTimeout: 130 } })));
  expect(given.cause.message).toContain('130 ms');
  const own = await failureOf(ask(fetchWith(new Agent({ headersTimeout: 60_000 }), { timeouts: { headers: 140 } })));
  expect(own.cause.message).toContain('140 ms');
});
