'use strict';

const diagnostics = require('node:diagnostics_channel');

const { OpenRouterClient, clearCache, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { runNode } = require('../support/process.js');
const { until } = require('../support/until.js');
const { dueTTL, timed } = require('../account/support/due-ttl.js');
const { inChild } = require('../support/streaming.js');

const MODEL = 'openai/gpt-5-mini';
const PROMPT = 'canary prompt';
const messages = [{ role: 'user', content: PROMPT }];
/** Shorter than Jest's timeout, so that a failure names the line or event that is missing. */
const DEADLINE_MS = 4000;
const CHANNELS = ['request', 'retry', 'response', 'stream:end', 'error'];

let restoreEnvironment;
let emulator;
let keys = 0;
const subscribed = [];
beforeAll(async () => { emulator = await startEmulator({ directives: { text: 'one two three', chunks: 3 } }); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => {
  restoreEnvironment();
  for (const unsubscribe of subscribed.splice(0)) unsubscribe();
});
afterAll(() => emulator.close());

function recorder() {
  const entries = [];
  const entry = (level) => (...given) => entries.push([level, ...given]);
  const lines = () => entries.map(([level, message]) => `${level} ${message}`);
  return { entries, lines, debug: entry('debug'), info: entry('info'), warn: entry('warn'), error: entry('error') };
}
function clientWith(options, kind = 'limit') {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-${kind}-canary-log-${keys}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
}
const ask = (client, params) => client.chatCompletion({ model: MODEL, messages, ...params });
/** Waits for a line that matches, and returns it. */
const line = (logger, pattern) => until(() => logger.lines().find((one) => pattern.test(one)), `a line matches ${pattern}`, DEADLINE_MS);
/** Subscribes to the channels, and returns the list of events from now on: `[name, data]`. */
function listen(names = CHANNELS) {
  const events = [];
  for (const name of names) {
    const take = (data) => events.push([name, data]);
    diagnostics.subscribe(`openrouter:${name}`, take);
    subscribed.push(() => diagnostics.unsubscribe(`openrouter:${name}`, take));
  }
  return events;
}
const published = (events, name, count = 1) => until(() => events.filter(([one]) => one === name)[count - 1]?.[1], `${name} was published`, DEADLINE_MS);

describe('log lines', () => {
  test('name the base URL when a client is made', async () => {
    const logger = recorder();
    clientWith({ logger });
    await line(logger, /initialized/);
    expect(logger.lines()).toEqual([`info [OpenRouter] Client initialized with base URL: ${emulator.baseURL}`]);
    expect(logger.entries[0][2]).toEqual(expect.any(Object));
  });

  test('tell a request for models from a cache hit', async () => {
    const logger = recorder();
    const client = clientWith({ logger });
    await client.getModels(true);
    await line(logger, /\[OpenRouter\] Fetching models from API$/);
    expect(logger.lines().join()).not.toContain('from cache');
    await client.getModels();
    await line(logger, /\[OpenRouter\] Models retrieved from cache$/);
  });

  test('tell a request for credits from a cache hit', async () => {
    const logger = recorder();
    const client = clientWith({ logger });
    await client.getCredits();
    await line(logger, /\[OpenRouter\] Fetching credits from API$/);
    await client.getCredits();
    await line(logger, /\[OpenRouter\] Credits retrieved from cache$/);
    expect(logger.lines().filter((one) => one.includes('Fetching'))).toHaveLength(1);
  });

  test('name the status when a request for credits or models fails', async () => {
    const logger = recorder();
    const client = clientWith({ logger, headers: { 'X-Emulator': 'status=401' } });
    await failureOf(client.getCredits());
    expect(await line(logger, /Error fetching credits/)).toBe('error [OpenRouter] Error fetching credits: 401 Unauthorized');
    await failureOf(client.getModels());
    expect(await line(logger, /Error fetching models/)).toBe('error [OpenRouter] Error fetching models: 401 Unauthorized');
  });

  test.each([[false], [true]])('name the model that the auto router chose (stream: %p)', async (stream) => {
    const logger = recorder();
    const client = clientWith({ logger, autoRouter: true });
    const answer = await ask(client, { stream, emulator: { model: 'openai/gpt-5' } });
    if (stream) await answer.finalCompletion();
    expect(await line(logger, /openai\/gpt-5$/)).toMatch(/^(debug|info) \[OpenRouter\] /);
  });

  test.each([[false], [true]])('name both models of a fallback (stream: %p)', async (stream) => {
    const logger = recorder();
    const answer = await ask(clientWith({ logger }), { stream, models: ['openai/gpt-5'], emulator: { fail: [MODEL] } });
    if (stream) await answer.finalCompletion();
    const fallback = await line(logger, /f[ae]ll(s|ing)? ?back/i);
    expect(fallback).toContain(MODEL);
    expect(fallback).toContain('openai/gpt-5');
  });

  test('report a background refresh', async () => {
    const logger = recorder();
    const client = clientWith({ cache: { creditsTTL: 60_000 } });
    const age = await timed(() => client.getCredits());
    const later = new OpenRouterClient(client.apiKey, { baseURL: emulator.baseURL, logger, cache: { creditsTTL: await dueTTL(age) } });
    await later.getCredits();
    await line(logger, /refresh/i);
    clearCache(client.apiKey);
  });

  test('report a failed completion as an error, with its status', async () => {
    const logger = recorder();
    await failureOf(ask(clientWith({ logger }), { emulator: { status: 502, kind: 'echo-key' } }));
    expect(await line(logger, /^error /)).toMatch(/^error \[OpenRouter\] .*502/);
  });

  test('have no key or prompt in them', async () => {
    const logger = recorder();
    const client = clientWith({ logger });
    await ask(client);
    await (await ask(client, { stream: true })).finalCompletion();
    for (const directives of [{ status: 401, kind: 'echo-key' }, { status: 403, kind: 'moderation' }, { errorIn200: 'top' }, { drop: 'fin' }]) {
      await failureOf(ask(client, { emulator: directives }));
    }
    const stream = await ask(client, { stream: true, emulator: { errorAt: 1, errorCode: 403, kind: 'moderation' } });
    await failureOf(stream.finalCompletion());
    await until(() => logger.lines().filter((one) => one.startsWith('error ')).length >= 5, 'all errors are logged');
    expect(JSON.stringify(logger.entries)).not.toContain('canary');
    for (const one of logger.lines()) expect(one).toMatch(/^(debug|info|warn|error) \[OpenRouter\] \S/);
  });
});

describe('a logger', () => {
  test.each([
    ['throws', () => { throw new Error('the disk is full'); }],
    ['rejects', async () => { throw new Error('the disk is full'); }],
  ])('that %s does not affect calls', async (_how, failing) => {
    const messages = [];
    const rejections = [];
    const rejected = (reason) => rejections.push(reason);
    process.on('unhandledRejection', rejected);
    const fail = (message) => {
      messages.push(message);
      return failing();
    };
    const client = clientWith({ logger: { debug: fail, info: fail, warn: fail, error: fail } });
    expect((await ask(client)).choices[0].message.content).toBe('one two three');
    const stream = await ask(client, { stream: true });
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('one two three');
    expect((await failureOf(ask(client, { emulator: { status: 500 } }))).code).toBe('server_error');
    expect(await client.getModels()).not.toHaveLength(0);
    expect(messages.length).toBeGreaterThan(4);
    await new Promise(setImmediate);
    process.off('unhandledRejection', rejected);
    expect(rejections).toEqual([]);
  });

  test('may have only some of the methods, and its methods keep their this', async () => {
    const logger = { messages: [], warn(message) { this.messages.push(message); } };
    const client = clientWith({ logger });
    await ask(client, { models: Array.from({ length: 12 }, (_, at) => `a/${at}`) }).catch(() => {});
    await until(() => logger.messages.length > 0, 'it has warned');
    expect(logger.messages).toEqual([expect.stringMatching(/^\[OpenRouter\] models/)]);
    await ask(clientWith({ logger: {} }));
  });

  test('stays in use as long as its client, also when client.options is replaced', async () => {
    const { result } = await inChild(async ({ OpenRouterClient: Client }, baseURL) => {
      const lines = [];
      const client = (() => new Client('sk-or-v1-limit-canary-kept', { baseURL, logger: { debug: (one) => lines.push(one) } }))();
      client.options = {};
      for (let round = 0; round < 3; round += 1) {
        await new Promise((resolve) => { setImmediate(resolve); });
        global.gc();
      }
      lines.length = 0;
      await client.getModels();
      await new Promise((resolve) => { setImmediate(resolve); });
      return lines.length;
    }, emulator.baseURL);
    expect(result).toBeGreaterThan(0);
  });

  test('gets the lines of its own client only', async () => {
    const [one, two] = [recorder(), recorder()];
    clientWith({ logger: one });
    await ask(clientWith({ logger: two, siteName: 'Two' }));
    await line(two, /Model used|gpt-5-mini/);
    expect(one.lines().filter((text) => !text.includes('initialized'))).toEqual([]);
  });
});

describe('the environment', () => {
  const script = (body) => `
    const { OpenRouterClient } = require('.');
    const client = new OpenRouterClient('sk-or-v1-limit-canary', { baseURL: '${emulator.baseURL}', maxRetries: 0 });
    ${body}`;
  const CHAT = `client.chatCompletion({ model: '${MODEL}', messages: ${JSON.stringify(messages)} }).then(() => client.getModels())`;

  test.each([[{}], [{ DEBUG: 'express:*,other' }], [{ DEBUG: 'myopenrouter:x' }], [{ LOG_LEVEL: 'info' }], [{ DEBUG: '', LOG_LEVEL: '' }]])('%j prints nothing', async (env) => {
    expect(await runNode(['-e', script(CHAT)], { env })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(emulator.requests).toHaveLength(2);
  });

  test.each([[{ DEBUG: 'openrouter:*' }], [{ DEBUG: 'librechat:*' }], [{ DEBUG: 'express:*, openrouter:client' }], [{ LOG_LEVEL: 'debug' }]])('%j prints to stderr', async (env) => {
    const { code, stdout, stderr } = await runNode(['-e', script(CHAT)], { env });
    expect([code, stdout]).toEqual([0, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toContain(`[OpenRouter] Client initialized with base URL: ${emulator.baseURL}`);
    expect(lines).toContain('[OpenRouter] Fetching models from API');
    for (const one of lines) expect(one).toMatch(/^\[OpenRouter\] \S/);
    expect(stderr).not.toContain('canary');
  });

  test('the last line is printed before the process exits: without any request', async () => {
    expect(await runNode(['-e', script('')], { env: { DEBUG: 'openrouter:*' } })).toMatchObject({
      code: 0, stdout: '', stderr: `[OpenRouter] Client initialized with base URL: ${emulator.baseURL}\n`,
    });
  });

  test('the last line is printed before the process exits: after a failure', async () => {
    const { stderr } = await runNode(['-e', script("client.chatCompletion({ model: 'x', messages: [{ role: 'user' }], emulator: { status: 500 } }).catch(() => {})")], { env: { LOG_LEVEL: 'debug' } });
    expect(stderr).toMatch(/\[OpenRouter\] .*500.*\n$/);
  });

  test('a logger replaces the output to stderr', async () => {
    const quiet = `new OpenRouterClient('sk-or-v1-limit-x', { baseURL: '${emulator.baseURL}', logger: { info() {} } }).getModels()`;
    expect((await runNode(['-e', `const { OpenRouterClient } = require('.'); ${quiet}`], { env: { DEBUG: 'openrouter:*' } })).stderr).toBe('');
  });
});

describe('diagnostics channels', () => {
  test('report the request and the response of a completion', async () => {
    const events = listen();
    await ask(clientWith({}));
    expect(await published(events, 'response')).toMatchObject({ status: 200, generationId: emulator.requests[0].generationId });
    expect(events.map(([name]) => name)).toEqual(['request', 'response']);
    expect(events[0][1]).toMatchObject({ method: 'POST', url: `${emulator.baseURL}/chat/completions`, model: MODEL, stream: false });
  });

  test('report whether a chat of createFetch requests a stream', async () => {
    const events = listen();
    for (const stream of [true, false]) {
      const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], stream });
      await (await createFetch()(`${emulator.baseURL}/chat/completions`, { method: 'POST', body })).text();
    }
    // Also the last event, which would else reach the next test.
    await published(events, 'stream:end', 2);
    const requests = events.filter(([name]) => name === 'request');
    expect(requests.map(([, { stream }]) => stream)).toEqual([true, false]);
  });

  test('report the request, the response and the end of a stream', async () => {
    const events = listen();
    const stream = await ask(clientWith({}), { stream: true });
    await stream.finalCompletion();
    const end = await published(events, 'stream:end');
    expect(events.map(([name]) => name)).toEqual(['request', 'response', 'stream:end']);
    expect(JSON.stringify(end)).toContain(emulator.requests[0].generationId);
    expect(JSON.stringify(end)).toContain(String(stream.usage.cost));
  });

  test.each([
    ['an HTTP error', { status: 503 }, ['request', 'error'], { code: 'service_unavailable', status: 503 }],
    ['a lost connection', { drop: 'fin' }, ['request', 'error'], { code: 'connection_reset' }],
    ['an error in a 200', { errorIn200: 'top' }, ['request', 'response', 'error'], { code: 'provider_error', status: 502 }],
  ])('report %s', async (_, directives, names, data) => {
    const events = listen();
    const error = await failureOf(ask(clientWith({}), { emulator: directives }));
    expect(await published(events, 'error')).toMatchObject({ ...data, message: error.message });
    // A response event for an error status is optional.
    expect(events.map(([name]) => name).filter((name) => names.includes(name))).toEqual(names);
  });

  test('report each retry before its wait, with the reason', async () => {
    const events = listen();
    await ask(clientWith({ maxRetries: 2 }), { emulator: { status: 503, times: 2, id: 'retry', kind: 'echo-key' } });
    await published(events, 'response');
    expect(events.map(([name]) => name)).toEqual(['request', 'retry', 'request', 'retry', 'request', 'response']);
    const retries = events.filter(([name]) => name === 'retry').map(([, data]) => data);
    expect(retries[0]).toMatchObject({
      code: 'service_unavailable', status: 503, retry: 1, maxRetries: 2, delayMs: expect.any(Number),
      attributes: { 'error.type': 'service_unavailable', 'http.response.status_code': 503, 'http.request.resend_count': 1 },
    });
    expect(retries[1].retry).toBe(2);
    expect(JSON.stringify(retries)).not.toContain('canary');
  });

  test('report each fallback of the client, with the model that is asked instead', async () => {
    const events = listen();
    await ask(clientWith({ modelsPerRequest: 1 }), { models: ['anthropic/claude-sonnet-4.5', 'x-ai/grok-4'], emulator: { status: 429, times: 1, id: 'next', kind: 'bare' } });
    await published(events, 'response');
    const [, retry] = events.find(([name]) => name === 'retry');
    expect(retry).toMatchObject({ code: 'rate_limited', status: 429, delayMs: 0, model: 'x-ai/grok-4' });
    expect(retry).not.toHaveProperty('retry');
  });

  test('report an error in mid-stream once, and the end of the stream', async () => {
    const events = listen();
    const stream = await ask(clientWith({}), { stream: true, emulator: { errorAt: 1 } });
    await failureOf(stream.finalCompletion());
    await published(events, 'stream:end');
    expect(events.map(([name]) => name).sort()).toEqual(['error', 'request', 'response', 'stream:end']);
  });

  test('report requests for models and credits, and their failures', async () => {
    const client = clientWith({});
    const events = listen();
    await client.getModels(true);
    expect(await published(events, 'request')).toMatchObject({ method: 'GET', url: `${emulator.baseURL}/models` });
    expect(await published(events, 'response')).toMatchObject({ status: 200 });
    await failureOf(clientWith({ headers: { 'X-Emulator': 'status=401' } }).getCredits());
    expect(await published(events, 'error')).toMatchObject({ code: 'invalid_api_key', status: 401 });
  });

  test('have no key, prompt or answer in their events', async () => {
    const events = listen();
    const client = clientWith({ siteName: 'Bees' });
    await ask(client);
    await (await ask(client, { stream: true })).finalCompletion();
    await failureOf(ask(client, { emulator: { status: 400, kind: 'echo-key' } }));
    await failureOf(ask(client, { emulator: { status: 403, kind: 'moderation' } }));
    await published(events, 'error', 2);
    await published(events, 'stream:end');
    expect(JSON.stringify(events)).not.toMatch(/canary|one two/);
  });

  test('need no logger, and report a client that was made before the subscription', async () => {
    const client = clientWith({});
    const events = listen(['request']);
    await ask(client);
    await published(events, 'request');
    expect(events).toHaveLength(1);
  });

  test('a subscriber that throws does not affect the request', async () => {
    const { stdout, code } = await runNode(['-e', `
      process.on('uncaughtException', ({ message }) => console.log(message));
      require('node:diagnostics_channel').subscribe('openrouter:request', () => { throw new Error('bad hook'); });
      const { OpenRouterClient } = require('.');
      const client = new OpenRouterClient('sk-or-v1-limit-hook', { baseURL: '${emulator.baseURL}' });
      client.chatCompletion({ model: '${MODEL}', messages: [{ role: 'user', content: 'Hi' }] }).then(({ choices }) => console.log(choices[0].message.content));
    `]);
    expect([code, stdout]).toEqual([0, 'bad hook\none two three\n']);
  });
});
