'use strict';

const diagnostics = require('node:diagnostics_channel');
const { inspect } = require('node:util');

const { OpenRouterClient, createFetch, getStats } = require('../..');
const { shownOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');
const { until } = require('../support/until.js');

const messages = [{ role: 'user', content: 'Hi' }];
const CHANNELS = ['request', 'retry', 'response', 'stream:end', 'error'].map((name) => `openrouter:${name}`);

let server;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const key = { apiKey: 'other-key-123' };
const inUrl = encodeURIComponent('hunter-2/echo');
/** The server that is tried is the proxy of this address. */
const proxied = (userinfo) => (secret, port) => ({ ...key, baseURL: 'http://gateway.example/api/v1', allowInsecureHttp: true, proxy: `http://${userinfo}@127.0.0.1:${port}` });

/** What a request can authenticate with: `[name, secret, options of the client (secret, port of the server), parameters]`. */
const SECRETS = [
  ["OpenRouter's key", 'sk-or-v1-echo-0123456789', (apiKey) => ({ apiKey })],
  ["a gateway's key", 'gateway.echo+key/with=signs', (apiKey) => ({ apiKey })],
  ['a key with a quote and a backslash', 'gateway"echo\\key', (apiKey) => ({ apiKey })],
  ['a key of seven letters', 'echokey', (apiKey) => ({ apiKey })],
  ['the header Authorization', 'header-echo-token', (token) => ({ ...key, headers: { Authorization: `Bearer ${token}` } })],
  ['the header x-api-key', 'gateway-echo-token', (token) => ({ ...key, headers: { 'x-api-key': token } })],
  ['a header of the request', 'request-echo-token', () => key, (token) => ({ headers: { 'X-Auth-Token': token } })],
  ['a cookie', 'cookie-echo-value', (value) => ({ ...key, headers: { Cookie: `a=1; session=${value}` } })],
  ["a proxy's password", 'hunter-2/echo', proxied(`user:${inUrl}`)],
  ["a proxy's password, as the URL writes it", inUrl, proxied(`user:${inUrl}`)],
  ["a proxy's user and password, as they are sent", Buffer.from('user:hunter-2/echo').toString('base64'), proxied(`user:${inUrl}`)],
  ["a proxy's user without a password", 'proxy-token-echo', proxied('proxy-token-echo')],
];

const error = (fields) => JSON.stringify({ error: { code: 502, message: 'Provider returned error', ...fields } });
const events = (...chunks) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const sse = { 'Content-Type': 'text/event-stream' };
const delta = { id: 'g', model: 'a/b', choices: [{ index: 0, delta: { content: 'Hi' } }] };
const end = { id: 'g', model: 'a/b', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { cost: 0.1 } };
const whole = { id: 'g', model: 'a/b', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };

/** Where a server can echo a secret in an answer to a chat. */
const PLACES = [
  ['the message of an error', (secret) => answer(400, error({ message: `Bad ${secret} there` }))],
  ['the reason of a provider', (secret) => answer(502, error({ metadata: { raw: `{"error":{"message":"no ${secret.replaceAll(/["\\]/g, '\\$&')}"}}` } }))],
  ["a provider's name and an error's type", (secret) => answer(502, error({ metadata: { provider_name: secret, error_type: secret } }))],
  ['the headers of an error', (secret) => answer(500, error(), { 'X-Request-Id': secret, 'X-Generation-Id': secret })],
  ['a page', (secret) => answer(502, `<html><title>${secret}</title></html>`, { 'Content-Type': 'text/html' })],
  ['the model, provider and id of a completion', (secret) => answer(200, JSON.stringify({ ...whole, id: secret, model: secret, provider: secret }), { 'X-Generation-Id': secret })],
  ['the router metadata of a completion', (secret) => answer(200, JSON.stringify({ ...whole, model: 'c/d', openrouter_metadata: { attempts: [{ model: secret, provider: secret, status: 502, error: secret }] } }))],
  ['the model, provider and id of chunks', (secret) => answer(200, `${events({ ...delta, id: secret, model: secret, provider: secret }, { ...end, model: secret })}data: [DONE]\n\n`, { ...sse, 'X-Generation-Id': secret })],
  ['an error chunk', (secret) => answer(200, events(delta, { ...delta, error: { code: 502, message: `Bad ${secret}`, metadata: { raw: secret } } }), { ...sse, 'X-Generation-Id': secret })],
  ['an event that is not JSON', (secret) => answer(200, `${events(delta)}data: {${secret}\n\n`, sse)],
  ['the usage', (secret) => answer(200, `${events(delta, { ...end, usage: { cost: 0.1, who: secret } })}data: [DONE]\n\n`, sse)],
];
const isStream = (bytes) => bytes.includes('text/event-stream');

/** Collects all texts that leave the package beside the answer itself: log lines and diagnostics events. */
function collected() {
  const seen = [];
  const record = (...values) => seen.push(inspect(values, { depth: Infinity }));
  for (const name of CHANNELS) diagnostics.subscribe(name, record);
  const stop = () => { for (const name of CHANNELS) diagnostics.unsubscribe(name, record); };
  return { seen, record, logger: { debug: record, info: record, warn: record, error: record }, stop };
}

/** Runs a chat and returns its error, or what the stream says about itself. */
async function outcomeOf(client, params, record) {
  const { stream } = params;
  try {
    const given = await client.chatCompletion({ model: 'a/b', models: ['c/d'], messages, ...params });
    if (!stream) return given._metadata;
    for (const name of ['model', 'fallback', 'usage', 'error']) given.on(name, record);
    for await (const chunk of given) void chunk;
    return [given, given.generationId, given.model, given.usage, given.fallback, given.metrics];
  } catch (failure) {
    return failure;
  }
}

describe.each(SECRETS)('%s', (name, secret, optionsOf, paramsOf = () => ({})) => {
  const isProxys = name.includes('proxy');
  /** Whether `text` shows the secret, also as JSON writes it. */
  const shows = (text) => [secret, JSON.stringify(secret).slice(1, -1), inspect(secret).slice(1, -1)].some((form) => text.includes(form));

  test.each(PLACES)('leaves in no output where a server echoes it in %s', async (__, make) => {
    const bytes = make(secret);
    server = await startAnsweringServer(bytes);
    const { seen, record, logger, stop } = collected();
    try {
      const client = new OpenRouterClient({ baseURL: server.baseURL, ...optionsOf(secret, server.port), maxRetries: 0, logger });
      const outcome = await outcomeOf(client, { ...paramsOf(secret), stream: isStream(bytes) }, record);
      expect(server.requests[0].head).toContain(isProxys ? 'authorization: Basic ' : secret);
      const ended = `openrouter:${outcome instanceof Error ? 'error' : isStream(bytes) ? 'stream:end' : 'response'}`;
      await until(() => seen.some((text) => text.includes(ended)), ended);
      const shown = [outcome ?? null, client, getStats()].map(shownOf).concat(seen).join('\n');
      expect(shows(shown) ? shown : '').toBe('');
    } finally {
      stop();
    }
  });

  // The headers of a chat are not sent with lists.
  const isOfChats = Object.keys(paramsOf(secret)).length > 0;
  if (!isOfChats) test('leaves neither in a list of models nor in the account that a server echoes it in', async () => {
    server = await startAnsweringServer(({ lines }) => answer(200, JSON.stringify({ data: lines[0].includes('models') ? [{ id: secret, name: `x ${secret}` }] : { label: secret, limit: 1, usage: 0, limit_remaining: 1 } })));
    const { seen, logger, stop } = collected();
    try {
      const client = new OpenRouterClient({ baseURL: server.baseURL, ...optionsOf(secret, server.port), logger });
      const shown = [await client.getModels(true), await client.getCredits(true), seen].map((value) => inspect(value, { depth: Infinity, showHidden: true })).join('\n');
      expect(shows(shown) ? shown : '').toBe('');
    } finally {
      stop();
    }
  });

  test('leaves in no hook of createFetch, whose body is passed on byte for byte', async () => {
    for (const [, make] of PLACES.filter(([, one]) => isStream(one(secret)))) {
      const bytes = make(secret);
      const echoing = await startAnsweringServer(bytes);
      const seen = [];
      const record = (...values) => seen.push(...values.map((value) => (value instanceof Error ? shownOf(value) : inspect(value, { depth: Infinity }))));
      const { apiKey, headers, baseURL = echoing.baseURL, proxy } = optionsOf(secret, echoing.port);
      const fetch = createFetch({ onModel: record, onUsage: record, onFallback: record, onError: record, proxy });
      const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers: { Authorization: `Bearer ${apiKey}`, ...headers, ...paramsOf(secret).headers }, body: JSON.stringify({ model: 'a/b', messages, stream: true }) });
      const body = Buffer.from(await response.arrayBuffer());
      expect(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true);
      await until(() => seen.length > 0, 'a hook is called');
      expect(shows(seen.join('\n')) ? seen : []).toEqual([]);
      await echoing.close();
    }
  });
});

test('a key that is a common word changes no other word', async () => {
  server = await startAnsweringServer(answer(400, JSON.stringify({ error: { code: 400, message: 'max_tokens: the key x is above max', metadata: { x: 'max', max: 1 } } })));
  const client = new OpenRouterClient({ apiKey: 'x', baseURL: server.baseURL });
  await expect(client.chatCompletion({ model: 'a/b', messages })).rejects.toMatchObject({
    message: 'max_tokens: the key [REDACTED] is above max',
    metadata: { x: 'max', max: 1 },
  });
});
