'use strict';

const { startEmulator } = require('../../emulator');
const { configureAgents, createOpenRouterClient } = require('openrouter-native/librechat');
const BaseClient = require('./app/old/app/clients/BaseClient.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const KEY = 'sk-or-v1-limit-librechat-settings';
const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me about bees' }];
const OpenRouterClient = createOpenRouterClient({ BaseClient });

let restore;
let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => restore());
afterAll(() => emulator.close());

const clientOf = (options) => new OpenRouterClient(KEY, { baseURL: emulator.baseURL, ...options, modelOptions: { model: MODEL, ...options?.modelOptions } });
const last = () => emulator.requests.at(-1);

/** The places in which LibreChat keeps a user's settings, as the options of a client. */
const PLACES = {
  'the options': (setting) => setting,
  modelOptions: (setting) => ({ modelOptions: setting }),
  endpointOption: (setting) => ({ endpointOption: setting }),
  'endpointOption.modelOptions': (setting) => ({ endpointOption: { modelOptions: setting } }),
  'endpointOption.model_parameters': (setting) => ({ endpointOption: { model_parameters: setting } }),
};

/** The ways to set a privacy floor, and the `provider` of a request for which it holds. */
const FLOORS = [
  ['zdr', { zdr: true }, { zdr: true }],
  ['dataCollection', { dataCollection: 'deny' }, { data_collection: 'deny' }],
  ['provider.zdr', { provider: { zdr: true } }, { zdr: true }],
  ['provider.data_collection', { provider: { data_collection: 'deny' } }, { data_collection: 'deny' }],
  ['providerPreferences.zdr', { providerPreferences: { zdr: true } }, { zdr: true }],
  ['providerPreferences.data_collection', { providerPreferences: { data_collection: 'deny' } }, { data_collection: 'deny' }],
];
const everyFloor = Object.keys(PLACES).flatMap((place) => FLOORS.map(([name, setting, provider]) => [name, place, setting, provider]));

describe('a privacy floor holds for chats and titles, and nothing takes it away', () => {
  async function expectFloor(client, provider) {
    const chats = {
      sendCompletion: () => client.sendCompletion(messages),
      'a streamed sendCompletion': () => client.sendCompletion(messages, { onProgress: () => {} }),
      getCompletion: () => client.getCompletion(messages),
      chatCompletion: () => client.chatCompletion({ messages }),
      'a call that asks for less': () => client.chatCompletion({ messages, zdr: false, provider: { zdr: false, data_collection: 'allow' } }),
      titleConvo: () => client.titleConvo({ text: 'Tell me about bees', responseText: 'Bees.' }),
    };
    for (const [name, chat] of Object.entries(chats)) {
      emulator.reset();
      await chat();
      expect([name, emulator.requests.length, last().body.provider]).toEqual([name, 1, expect.objectContaining(provider)]);
    }
  }

  test.each(everyFloor)('%s in %s, from the start', async (_, place, setting, provider) => {
    await expectFloor(clientOf(PLACES[place](setting)), provider);
  });

  test.each(everyFloor)('%s in %s, by setOptions, and then kept by later options and by replaceOptions', async (_, place, setting, provider) => {
    const client = clientOf();
    client.setOptions(PLACES[place](setting));
    const less = { zdr: false, dataCollection: 'allow', provider: { zdr: false, data_collection: 'allow' }, providerPreferences: { zdr: false } };
    for (const to of Object.values(PLACES)) client.setOptions(to(less));
    client.setOptions({ replaceOptions: true, ...less, modelOptions: { model: MODEL, ...less } });
    await expectFloor(client, provider);
  });

  test('if the property zdr or the model options of a client are set', async () => {
    const byProperty = clientOf();
    byProperty.zdr = true;
    await expectFloor(byProperty, { zdr: true });
    const byModelOptions = clientOf();
    byModelOptions.modelOptions.dataCollection = 'deny';
    await expectFloor(byModelOptions, { data_collection: 'deny' });
  });
});

describe('a switch that is not a boolean is refused by its name, because it must not count as "off"', () => {
  const WRONG = [['zdr', 'true'], ['zdr', 1], ['zdr', {}], ['autoRouter', 'false'], ['autoRouter', 0]];
  const cases = Object.keys(PLACES).flatMap((place) => WRONG.map(([name, value]) => [name, value, place]));

  test.each(cases)('%s: %j in %s', async (name, value, place) => {
    const refused = { code: 'invalid_option', message: `Invalid option ${name}: expected true or false.` };
    expect(await failureOf(() => clientOf(PLACES[place]({ [name]: value })))).toMatchObject(refused);
    expect(await failureOf(() => clientOf().setOptions(PLACES[place]({ [name]: value })))).toMatchObject(refused);
  });

  test.each(WRONG)('%s: %j in configureAgents()', async (name, value) => {
    const refused = { code: 'invalid_option', message: `Invalid option ${name}: expected true or false.` };
    const target = () => ({ llmConfig: { model: MODEL, apiKey: KEY }, configOptions: { baseURL: emulator.baseURL } });
    expect(await failureOf(() => configureAgents(target(), { [name]: value }))).toMatchObject(refused);
    const given = target();
    given.llmConfig[name] = value;
    expect(await failureOf(() => configureAgents(given))).toMatchObject(refused);
    expect(given.configOptions).not.toHaveProperty('fetch');
  });

  test('also dataCollection', async () => {
    for (const to of Object.values(PLACES)) {
      expect(await failureOf(() => clientOf(to({ dataCollection: 'denied' })))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('dataCollection') });
    }
  });

  test('in a call, where nothing is sent', async () => {
    for (const call of [{ zdr: 'true' }, { autoRouter: 'false' }]) {
      expect(await failureOf(clientOf().chatCompletion({ messages, ...call }))).toMatchObject({ name: 'OpenRouterError' });
    }
    expect(emulator.requests).toHaveLength(0);
  });
});

describe('setOptions()', () => {
  test('without a setting leaves the current properties as they are', () => {
    const client = clientOf();
    client.autoRouter = true;
    client.zdr = true;
    client.siteName = 'Mine';
    client.setOptions({});
    expect(client).toMatchObject({ autoRouter: true, zdr: true, siteName: 'Mine', baseURL: emulator.baseURL });
  });

  test.each([
    ['baseURL', 'https://gateway.example/api/v1/', { baseURL: 'https://gateway.example/api/v1' }],
    ['siteUrl', 'https://site.example', { siteUrl: 'https://site.example' }],
    ['siteName', 'Renamed', { siteName: 'Renamed' }],
    ['cache', { creditsTTL: 5 }, { cacheSettings: { creditsTTL: 5, modelsTTL: 3_600_000 } }],
  ])('changes %s for later requests', (name, value, properties) => {
    const client = clientOf();
    client.setOptions({ [name]: value });
    expect(client).toMatchObject(properties);
    if (name.startsWith('site')) expect(Object.values(client.buildHeaders())).toContain(value);
  });

  test('refuses a wrong setting by its name', async () => {
    for (const [name, value] of [['baseURL', 'not a url'], ['siteUrl', 5], ['cache', 5]]) {
      expect(await failureOf(() => clientOf().setOptions({ [name]: value }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
    }
  });
});

describe('the headers of the options', () => {
  test.each([
    ['an object', { 'X-Team': 'bees' }],
    ['a Headers', new Headers({ 'X-Team': 'bees' })],
    ['entries', [['X-Team', 'bees']]],
  ])('are sent if they are %s', async (_, headers) => {
    await clientOf({ headers }).sendCompletion(messages);
    expect(last().headers['x-team']).toBe('bees');
  });

  test('are sent with their current values', async () => {
    const client = clientOf({ headers: { 'X-Team': 'bees' } });
    await client.sendCompletion(messages);
    client.options.headers['X-Team'] = 'wasps';
    await client.sendCompletion(messages);
    expect(last().headers['x-team']).toBe('wasps');
  });
});

describe("LibreChat's placeholder for a key", () => {
  test.each(['user_provided', ' user_provided ', '', ' '])('%j does not replace a key', (placeholder) => {
    expect(new OpenRouterClient(KEY, { openRouterApiKey: placeholder }).apiKey).toBe(KEY);
    const client = new OpenRouterClient(KEY);
    client.setOptions({ openRouterApiKey: placeholder });
    expect(client.apiKey).toBe(KEY);
    process.env.OPENROUTER_API_KEY = 'sk-or-v1-env';
    expect(new OpenRouterClient(placeholder).apiKey).toBe('sk-or-v1-env');
  });
});
