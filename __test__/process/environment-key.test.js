'use strict';

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment } = require('../support/outcomes.js');

let restoreEnvironment;
let emulator;
beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
  process.env.OPENROUTER_API_KEY = 'sk-or-v1-limit-environment';
});
afterEach(() => restoreEnvironment());
afterAll(() => emulator.close());

const sentKeys = () => emulator.requests.map(({ headers }) => headers.authorization);

describe('a key in the environment', () => {
  test('is used by a client without a key of its own, and by no other', async () => {
    await new OpenRouterClient({ baseURL: emulator.baseURL }).getModels(true);
    await new OpenRouterClient('sk-or-v1-limit-own', { baseURL: emulator.baseURL }).getModels(true);
    expect(sentKeys()).toEqual(['Bearer sk-or-v1-limit-environment', 'Bearer sk-or-v1-limit-own']);
  });

  test('is never sent by createFetch', async () => {
    await createFetch({ zdr: true })(`${emulator.baseURL}/models`);
    await createFetch({ zdr: true })(`${emulator.baseURL}/models`, { headers: { authorization: 'Bearer sk-or-v1-limit-other' } });
    expect(sentKeys()).toEqual([undefined, 'Bearer sk-or-v1-limit-other']);
  });

  test('that the API refuses gives an error that names the variable', async () => {
    process.env.OPENROUTER_API_KEY = 'not-a-key';
    const asked = new OpenRouterClient({ baseURL: emulator.baseURL }).getCredits(true);
    await expect(asked).rejects.toMatchObject({ code: 'invalid_api_key', message: expect.stringContaining('OPENROUTER_API_KEY') });
  });
});
