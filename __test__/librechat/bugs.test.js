'use strict';

// Bugs of the LibreChat client that this class replaces, as listed in docs/librechat.md. Those in what arrives from the API
// are in bugs.stream.test.js.

const { startEmulator } = require('../../emulator');
const { createOpenRouterClient, createOpenRouterService } = require('openrouter-native/librechat');
const { MODEL, startApp } = require('./app/app.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { startScriptedApi } = require('../support/servers/scripted-api.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');

const messages = [{ role: 'user', content: 'Tell me about bees' }];

let restore;
let emulator;
let app;
let user;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
  app = startApp('old', emulator);
  app.reset();
  user = app.newUser();
});
afterEach(() => restore());
afterAll(() => emulator.close());

const clientOf = (modelOptions, endpointOption) => app.clientFor(user, modelOptions, endpointOption);
const lastBody = () => emulator.requests.at(-1).body;
const send = (client, payload = messages) => client.sendCompletion(payload, { onProgress: () => {} });
const paths = () => emulator.requests.map(({ path }) => path.replace('/api/v1', ''));

describe('credits and models', () => {
  test('are requested once per key, however many clients and callers there are', async () => {
    user = app.newUser('management');
    const each = await Promise.all(Array.from({ length: 5 }, () => clientOf().getCredits()));
    await Promise.all(Array.from({ length: 5 }, () => clientOf().getModels()));
    const one = clientOf();
    await Promise.all(Array.from({ length: 5 }, () => one.getCredits()));
    expect(new Set(each.map(({ balance }) => balance)).size).toBe(1);
    expect(paths()).toEqual(['/credits', '/models']);
  });

  test.each(['abc', '', '-1'])('are cached for the default time when the environment variables are %p', (text) => {
    process.env.OPENROUTER_CACHE_TTL_CREDITS = text;
    process.env.OPENROUTER_CACHE_TTL_MODELS = text;
    expect(clientOf().cacheSettings).toEqual({ creditsTTL: 300_000, modelsTTL: 3_600_000 });
  });

  test.each([401, 402, 429])('reject with the status of the API, %i, so that a route can forward it', async (status) => {
    const api = await startScriptedApi({ '/models': { status, text: '{"error":{"message":"no"}}' } });
    const client = startApp('old', api).clientFor(user);
    client.options.maxRetries = 0;
    expect(await failureOf(client.getModels(true))).toMatchObject({ status });
    await api.close();
  });
});

describe('the request body', () => {
  test('has the model options, without options that only LibreChat uses', async () => {
    const options = { temperature: 0.3, max_tokens: 50, stop: ['\n\n'], top_p: 0.9, models: ['x-ai/grok-4'], route: 'fallback', provider: { order: ['openai'] } };
    await send(clientOf({ ...options, resendFiles: true, imageDetail: 'auto', maxContextTokens: 4000, modelLabel: 'Me', iconURL: null, promptPrefix: 'x', tools: ['calculator'] }));
    expect(lastBody()).toEqual({ model: MODEL, messages, stream: true, ...options });
  });

  test('has fallbackModels and providerPreferences translated to the fields of the API', async () => {
    await send(clientOf({ fallbackModels: ['x-ai/grok-4'], providerPreferences: 'cheapest' }));
    expect(lastBody()).toEqual({ model: MODEL, messages, stream: true, models: ['x-ai/grok-4'], provider: { sort: 'price' } });
    await send(clientOf({ providerPreferences: 'balanced' }));
    expect(lastBody()).not.toHaveProperty('provider');
    await send(clientOf({ providerPreferences: ['openai', 'azure'], provider: { allow_fallbacks: false } }));
    expect(lastBody().provider).toEqual({ order: ['openai', 'azure'], allow_fallbacks: false });
  });

  test('has the parameters of the payload, which override those of the conversation', async () => {
    await send(clientOf({ temperature: 0.3 }), { prompt: messages, model: 'x-ai/grok-4', temperature: 0.9, seed: 1 });
    expect(lastBody()).toEqual({ model: MODEL, messages, stream: true, temperature: 0.9, seed: 1 });
    await clientOf({ temperature: 0.3, resendFiles: true }).getCompletion({ prompt: messages, top_p: 0.5 }, { seed: 2 });
    expect(lastBody()).toEqual({ model: MODEL, messages, temperature: 0.3, top_p: 0.5, seed: 2 });
  });

  test('has transforms only if the user set them', async () => {
    await send(clientOf());
    expect(lastBody()).not.toHaveProperty('transforms');
    await send(clientOf({ transforms: [] }));
    expect(lastBody().transforms).toEqual([]);
  });

  test.each([
    ['an option', (client) => client.setOptions({ zdr: true })],
    ['a model option', (client) => client.setOptions({ modelOptions: { zdr: true } })],
    ["LibreChat's endpoint option", (client) => client.setOptions({ endpointOption: { modelOptions: { zdr: true } } })],
    ['a property', (client) => { client.zdr = true; }],
  ])('has zero data retention as provider.zdr, when set by %s', async (_, enable) => {
    const client = clientOf({ provider: { order: ['openai'] } });
    enable(client);
    await send(client);
    expect(lastBody().provider).toEqual({ order: ['openai'], zdr: true });
    expect(lastBody()).not.toHaveProperty('zdr');
    await client.chatCompletion({ messages, zdr: false, provider: { zdr: false } });
    expect(lastBody().provider).toEqual({ zdr: true });
    expect(emulator.requests.at(-1).headers).not.toHaveProperty('x-data-collection');
  });

  test('has dataCollection: deny, which the model options cannot loosen', async () => {
    const client = clientOf({ provider: { data_collection: 'allow' } });
    client.setOptions({ dataCollection: 'deny' });
    await send(client);
    expect(lastBody().provider).toEqual({ data_collection: 'deny' });
  });

  test('has the messages with their tool calls, results, names and images', async () => {
    const calls = [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
    const { prompt } = await clientOf().buildMessages([
      { messageId: '1', isCreatedByUser: true, text: 'Look', image_urls: [image], name: 'ada' },
      { role: 'assistant', content: null, tool_calls: calls, reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] },
      { role: 'tool', tool_call_id: 'call_1', name: 'f', content: '5' },
      { messageId: '2', isCreatedByUser: false, content: [{ type: 'think', think: 'hm' }, { type: 'text', text: { value: 'Five' } }, { type: 'tool_call', tool_call: { id: 'call_2', name: 'g', args: { a: 1 }, output: '6' } }, { type: 'text', text: 'and six' }] },
      { messageId: '3', isCreatedByUser: false, text: '' },
      { messageId: '4', sender: 'User', text: 'Thanks' },
      { messageId: '5', isCreatedByUser: true, text: 'Read', fileContext: 'A file' },
      null,
    ]);
    expect(prompt).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Look' }, image], name: 'ada' },
      { role: 'assistant', content: null, tool_calls: calls, reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] },
      { role: 'tool', tool_call_id: 'call_1', name: 'f', content: '5' },
      { role: 'assistant', content: 'Five', tool_calls: [{ id: 'call_2', type: 'function', function: { name: 'g', arguments: '{"a":1}' } }] },
      { role: 'tool', tool_call_id: 'call_2', content: '6' },
      { role: 'assistant', content: 'and six' },
      { role: 'user', content: 'Thanks' },
      { role: 'user', content: 'A file\nRead' },
    ]);
  });
});

describe('a title', () => {
  const titleOf = (client, more) => client.titleConvo({ text: 'Tell me about bees', responseText: 'Bees are insects', conversationId: 'c', ...more });

  test('comes from the title model although the auto router is on, with the privacy settings of the chat', async () => {
    process.env.OPENROUTER_TITLE_MODEL = 'openai/gpt-4o-mini';
    const client = clientOf({ autoRouter: true, temperature: 0.9, models: ['x-ai/grok-4'], tools: [{ type: 'function', function: { name: 'f' } }] });
    client.setOptions({ zdr: true });
    await send(client);
    const { usage, lastCompletion } = client;
    const model = client.getActualModelUsed();
    expect(await titleOf(client)).not.toBe('New Chat');
    expect(lastBody()).toEqual({ model: 'openai/gpt-4o-mini', temperature: 0.2, max_tokens: 16, stream: false, provider: { zdr: true }, messages: [{ role: 'user', content: expect.stringContaining('a concise title for the conversation') }] });
    expect(client.usage).toBe(usage);
    expect(client.lastCompletion).toBe(lastCompletion);
    expect(client.getActualModelUsed()).toBe(model);
    expect(client.options.openRouterActualModel).toBe(model);
  });

  test('comes from the model of the options, else of the environment, else from a cheap default', async () => {
    process.env.OPENROUTER_TITLE_MODEL = 'openai/gpt-4o-mini';
    const client = clientOf();
    client.setOptions({ titleModel: 'openai/gpt-5-nano' });
    await titleOf(client);
    expect(lastBody().model).toBe('openai/gpt-5-nano');
    client.setOptions({ titleModel: 'current_model' });
    await titleOf(client);
    expect(lastBody().model).toBe(MODEL);
    delete process.env.OPENROUTER_TITLE_MODEL;
    await titleOf(clientOf());
    expect(lastBody().model).toBe('openai/gpt-3.5-turbo');
  });

  test.each([
    ['  "Bees"  ', 'Bees'],
    ["'Bees'", 'Bees'],
    ['"  Bees "', 'Bees'],
    ['x'.repeat(101), `${'x'.repeat(97)}...`],
    [`${'x'.repeat(96)}🐝${'x'.repeat(9)}`, `${'x'.repeat(96)}...`],
    ['   ', 'New Chat'],
  ])('is cleaned up: %j becomes %j', async (written, title) => {
    const api = await startScriptedApi({ '/chat/completions': { choices: [{ message: { content: written } }] } });
    expect(await titleOf(startApp('old', api).clientFor(user))).toBe(title);
    await api.close();
  });

  test('lowers the cached credits by its cost', async () => {
    const client = clientOf();
    client.setOptions({ titleModel: 'openai/gpt-5-nano' });
    const { balance } = await client.getCredits(true);
    expect(await titleOf(client)).not.toBe('New Chat');
    expect((await client.getCredits()).balance).toBeLessThan(balance);
  });

  test('is "New Chat" after any failure, also when the client was disposed of', async () => {
    const client = clientOf({}, { titleModel: 'no/such-model' });
    expect(await titleOf(client)).toBe('New Chat');
    expect(await client.titleConvo()).toBe('New Chat');
    expect(await titleOf(client, { abortController: { signal: AbortSignal.abort() } })).toBe('New Chat');
    app.disposeClient(client);
    expect(await titleOf(client)).toBe('New Chat');
  });
});

describe('the transport', () => {
  test('uses the proxy of the options', async () => {
    const proxy = await startAnsweringServer(answer(200, '{"data":[{"id":"a/b"}]}'));
    const client = clientOf();
    client.setOptions({ proxy: `http://127.0.0.1:${proxy.port}`, allowInsecureHttp: true });
    client.baseURL = 'http://gateway.example/api/v1';
    expect(await client.getModels(true)).toEqual([{ id: 'a/b' }]);
    expect(proxy.requests.map(({ lines }) => lines[0])).toEqual(['GET http://gateway.example/api/v1/models HTTP/1.1']);
    await proxy.close();
  });

  test('has timeouts', async () => {
    const client = clientOf({ emulator: { delay: 30_000 } });
    client.setOptions({ timeouts: { headers: 30 }, maxRetries: 0 });
    expect(await failureOf(send(client))).toMatchObject({ code: 'timeout', phase: 'headers' });
  });

  test('sends the site headers from the options or the environment', async () => {
    process.env.DOMAIN_CLIENT = 'https://chat.example';
    process.env.OPENROUTER_SITE_NAME = 'Chat of the environment';
    await send(clientOf());
    expect(emulator.requests.at(-1).headers).toMatchObject({ 'http-referer': 'https://chat.example', 'x-title': 'Chat of the environment' });
    const client = new app.OpenRouterClient(user.key, { baseURL: emulator.baseURL, siteUrl: 'https://my.example', siteName: 'Mine', siteCategories: ['cli-agent', 'chat'], modelOptions: { model: MODEL } });
    expect(client.buildHeaders()).toEqual({
      Authorization: `Bearer ${user.key}`,
      'Content-Type': 'application/json',
      'HTTP-Referer': 'https://my.example',
      'X-Title': 'Mine',
      'X-OpenRouter-Title': 'Mine',
      'X-OpenRouter-Categories': 'cli-agent,chat',
    });
  });
});

describe('createOpenRouterService()', () => {
  test('shares one request among concurrent callers, and its statistics show no key', async () => {
    const service = createOpenRouterService({ baseURL: emulator.baseURL });
    const { key } = app.newUser('management');
    const before = service.getCacheStats();
    await Promise.all([service.getCredits(key), service.getCredits(key), service.getCredits(key)]);
    expect(paths()).toEqual(['/credits']);
    const stats = service.getCacheStats();
    expect(stats.credits.misses).toBe(before.credits.misses + 1);
    expect(stats.credits.coalesced).toBe(before.credits.coalesced + 2);
    expect(JSON.stringify(stats)).not.toContain(key);
    await service.getModels(key);
    service.clearCache(key);
    await service.getModels(key);
    expect(paths()).toEqual(['/credits', '/models', '/models']);
    const completion = await service.chatCompletion(app.newUser().key, { model: MODEL, messages });
    expect(completion.choices[0].message.content.length).toBeGreaterThan(0);
    expect(service.getClient(key).baseURL).toBe(emulator.baseURL);
  });

  test('neither retries a refused key nor returns cached values for it', async () => {
    const refusal = { status: 401, text: '{"error":{"message":"User not found."}}' };
    const api = await startScriptedApi({ '/models': { data: [] } });
    const service = createOpenRouterService({ baseURL: api.baseURL });
    await service.getModels(user.key);
    api.answers['/models'] = refusal;
    expect(await failureOf(service.getModels(user.key, true))).toMatchObject({ status: 401 });
    expect(api.count('/models')).toBe(2);
    await api.close();
  });
});

test('logs have neither the key nor the question nor the answer', async () => {
  const client = clientOf({ emulator: { text: 'a very private answer' } });
  await send(client, [{ role: 'user', content: 'a very private question' }]);
  client.modelOptions.emulator = { status: 401, kind: 'echo-key' };
  await failureOf(send(client, [{ role: 'user', content: 'a very private question' }]));
  const logged = app.logs.map(shownOf).join('\n');
  expect(logged).toContain('401');
  expect(logged).not.toContain(user.key);
  expect(logged).not.toContain('very private');
});

describe('options', () => {
  test('can switch the auto router off', async () => {
    const client = clientOf({ autoRouter: true });
    expect(client.autoRouter).toBe(true);
    client.setOptions({ temperature: 0.3 });
    expect(client.autoRouter).toBe(true);
    client.setOptions({ autoRouter: false });
    expect(client).toMatchObject({ autoRouter: false, options: { autoRouter: false, modelOptions: { autoRouter: false } }, modelOptions: { autoRouter: false } });
    await send(client);
    expect(lastBody().model).toBe(MODEL);
  });

  test('are replaced by replaceOptions, except req and res', () => {
    const client = clientOf({ temperature: 0.3 });
    const { req, res } = client.options;
    client.setOptions({ replaceOptions: true, modelOptions: { model: 'x-ai/grok-4' } });
    expect(client.options).toMatchObject({ req, res, modelOptions: { model: 'x-ai/grok-4' } });
    expect(client.options).not.toHaveProperty('endpoint');
    expect(client.modelOptions).toEqual({ model: 'x-ai/grok-4', autoRouter: false });
    client.setOptions({ replaceOptions: true, user: 'me' });
    expect(client.modelOptions.model).toBe('x-ai/grok-4');
  });

  test('are saved with the conversation as the user set them', () => {
    const client = clientOf({ temperature: 0.3 }, {});
    client.setOptions({ modelLabel: 'My bees', promptPrefix: 'Be brief.', iconURL: 'https://x.example/i.png' });
    expect(client.getSaveOptions()).toEqual({ endpoint: 'openrouter', modelLabel: 'My bees', promptPrefix: 'Be brief.', iconURL: 'https://x.example/i.png', model: MODEL, temperature: 0.3, autoRouter: false, models: undefined, route: undefined });
    expect(clientOf().getSaveOptions().modelLabel).toBeUndefined();
  });

  test('have a sender even if LibreChat does not know the endpoint', () => {
    expect(clientOf().sender).toBe('OpenRouter');
    const client = clientOf();
    client.setOptions({ modelLabel: 'My bees' });
    expect(client.sender).toBe('My bees');
    client.setOptions({ sender: 'Me' });
    expect(client.sender).toBe('Me');
  });
});

describe('files of the conversation', () => {
  const files = [{ file_id: 'f1', type: 'image/png', data: 'data:image/png;base64,AA==' }];
  const part = { type: 'image_url', image_url: { url: files[0].data, detail: 'auto' } };
  const sendMessage = (client, text, more) => client.sendMessage(text, { user: user.id, progressCallback: () => () => {}, ...more });

  test('are sent again with resendFiles', async () => {
    app.db.putFiles(files);
    const first = await sendMessage(clientOf(), 'Look');
    await first.databasePromise;
    await app.db.saveMessage({ messageId: first.parentMessageId, files: [{ file_id: 'f1' }] });
    const client = clientOf();
    client.setOptions({ resendFiles: true });
    await sendMessage(client, 'And now?', { conversationId: first.conversationId, parentMessageId: first.messageId });
    expect(lastBody().messages[0]).toEqual({ role: 'user', content: [{ type: 'text', text: 'Look' }, part] });
    expect(client.isVisionModel).toBe(true);
  });

  test('are sent with the message that they are attached to', async () => {
    const client = clientOf();
    client.setOptions({ attachments: Promise.resolve(files) });
    await sendMessage(client, 'Look');
    expect(lastBody().messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Look' }, part] }]);
    expect(client.options.attachments).toEqual([{ file_id: 'f1', type: 'image/png' }]);
  });

  test('are encoded for the endpoint, which each version of LibreChat passes in its own form', async () => {
    const calls = [];
    const encodeAndFormat = async (_req, given, where, mode) => {
      calls.push([where, mode]);
      return { files: given, image_urls: [part] };
    };
    for (const version of ['old', 'new']) {
      const BaseClient = require(`./app/${version}/app/clients/BaseClient.js`);
      const Client = createOpenRouterClient({ BaseClient, encodeAndFormat });
      const message = {};
      await new Client(user.key, { endpoint: 'openrouter' }).addImageURLs(message, files, 'agents');
      expect(message.image_urls).toEqual([part]);
    }
    expect(calls).toEqual([['openrouter', 'agents'], [{ endpoint: 'openrouter', provider: 'openrouter' }, 'agents']]);
  });
});
