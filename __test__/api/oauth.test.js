'use strict';

const { createHash } = require('node:crypto');
const net = require('node:net');

const { OpenRouterClient, authorizationUrl, exchangeCode, login } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf, shownOf } = require('../support/outcomes.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

test('authorizationUrl names the way back and the challenge of a new verifier each time', () => {
  const given = { callbackUrl: 'https://example.com/back?x=1', baseURL: 'https://openrouter.ai/api/v1', limit: 5 };
  const { url, codeVerifier } = authorizationUrl(given);
  const { origin, pathname, searchParams } = new URL(url);
  expect(`${origin}${pathname}`).toBe('https://openrouter.ai/auth');
  expect(Object.fromEntries(searchParams)).toEqual({
    callback_url: 'https://example.com/back?x=1', code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'), code_challenge_method: 'S256', limit: '5',
  });
  expect(codeVerifier).toMatch(/^[\w-]{43}$/);
  expect(authorizationUrl(given).codeVerifier).not.toBe(codeVerifier);
  for (const wrong of [undefined, {}, { callbackUrl: 'no url' }, { ...given, limit: '5' }, { ...given, baseURL: 'x' }]) expect(() => authorizationUrl(wrong)).toThrow('Invalid option');
});

test('exchangeCode sends the code once, and resolves to a key that works', async () => {
  const { key, userId } = await exchangeCode({ code: 'code-1', codeVerifier: 'v'.repeat(43), baseURL: emulator.baseURL });
  expect([key, userId]).toEqual(['sk-or-v1-login-1', 'user_emulator']);
  expect(emulator.requests[0].body).toEqual({ code: 'code-1', code_verifier: 'v'.repeat(43), code_challenge_method: 'S256' });
  expect((await new OpenRouterClient(key, { baseURL: emulator.baseURL }).getKey()).label).toContain('sk-or-');
  const error = await failureOf(exchangeCode({ code: 'stolen', codeVerifier: 'v', baseURL: emulator.baseURL }));
  expect(error).toMatchObject({ code: 'forbidden', status: 403, message: expect.stringContaining('Invalid code') });
  expect(emulator.requests.filter(({ path }) => path.endsWith('/auth/keys'))).toHaveLength(2);
  expect(await failureOf(exchangeCode({ code: 'c' }))).toMatchObject({ code: 'invalid_option' });
  expect(await failureOf(exchangeCode({ code: 'c', codeVerifier: 'v', baseURL: emulator.baseURL, signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
});

describe('login', () => {
  test('awaits the return from the browser on the loopback interface, and resolves to a key', async () => {
    let page;
    const open = async (url) => {
      const back = new URL(new URL(url).searchParams.get('callback_url'));
      expect(back.hostname).toBe('localhost');
      // Neither another path nor a return without a code ends the wait.
      expect((await fetch(`${back.origin}/?code=code-evil`)).status).toBe(404);
      expect((await fetch(back)).status).toBe(404);
      back.searchParams.set('code', 'code-2');
      page = await (await fetch(back)).text();
    };
    const { key } = await login({ open, baseURL: emulator.baseURL });
    expect(key).toBe('sk-or-v1-login-2');
    expect(page).toContain('close this window');
  });

  test('ends its wait after the time limit and by an abort, and closes its port', async () => {
    let port;
    const open = (url) => { ({ port } = new URL(new URL(url).searchParams.get('callback_url'))); };
    const late = await failureOf(login({ open, baseURL: emulator.baseURL, timeout: 10 }));
    expect(late).toMatchObject({ code: 'timeout', message: expect.stringContaining('10 ms') });
    expect(await failureOf(new Promise((resolve, reject) => { net.connect(port, 'localhost').on('connect', resolve).on('error', reject); }))).toMatchObject({ code: 'ECONNREFUSED' });
    const controller = new AbortController();
    const aborted = failureOf(login({ open: () => controller.abort(new Error('no')), baseURL: emulator.baseURL, signal: controller.signal }));
    expect(await aborted).toMatchObject({ code: 'aborted', cause: controller.signal.reason });
    expect(shownOf(await aborted)).not.toContain('verifier');
    expect(emulator.requests).toHaveLength(0);
  });

  test('says that a port is not free, and needs a way to open the browser', async () => {
    const blocker = net.createServer().listen(0, 'localhost');
    await new Promise((resolve) => { blocker.once('listening', resolve); });
    const { port } = blocker.address();
    expect(await failureOf(login({ open: () => {}, port }))).toMatchObject({ code: 'connection_failed', message: expect.stringContaining(`port ${port}`) });
    blocker.close();
    expect(await failureOf(login({}))).toMatchObject({ code: 'invalid_option' });
  });
});
