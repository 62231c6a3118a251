'use strict';

const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { FIN, RST, startByteServer } = require('../support/servers/byte-server.js');

const KEY = 'sk-or-v1-limit-fetch-explanation';

let emulator;
let bytes;
beforeAll(async () => {
  emulator = await startEmulator();
  bytes = await startByteServer(() => [FIN]);
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([emulator.close(), bytes.close()]));

/** Sends a chat, and returns the response with what `errorMessage` was told. */
async function ask(directives, { baseURL = emulator.baseURL, text = ({ message }) => `told: ${message}`, signal, ...options } = {}) {
  const told = [];
  const fetch = createFetch({ errorMessage: (error) => { told.push(error); return text(error); }, ...options });
  const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: directives });
  const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body, signal });
  return { response, told };
}

describe('errorMessage replaces the message of a response with an error status', () => {
  test.each([
    [402, 'credits'], [403, 'moderation'], [429, 'headers'], [502, 'provider'],
  ])('%d %s: status, headers and the other fields stay', async (status, kind) => {
    const plain = await createFetch()(`${emulator.baseURL}/chat/completions`, {
      method: 'POST', headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { status, kind, reset: 5000 } }),
    });
    const { response, told } = await ask({ status, kind, reset: 5000 });
    const [given, changed] = [await plain.json(), await response.json()];
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ status, code: expect.any(String) });
    expect(response).toMatchObject({ status, ok: false, statusText: plain.statusText, url: plain.url });
    expect(changed.error.message).toBe(`told: ${told[0].message}`);
    expect({ ...changed.error, message: 0, metadata: { ...changed.error.metadata, headers: 0 } }).toEqual({ ...given.error, message: 0, metadata: { ...given.error.metadata, headers: 0 } });
    expect(response.headers.has('x-ratelimit-reset')).toBe(plain.headers.has('x-ratelimit-reset'));
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test.each(['html', 'empty', 'truncated', 'text', 'string-error'])('a body that is %s becomes one in the form of the API', async (kind) => {
    const { response, told } = await ask({ status: 502, kind });
    const body = await response.json();
    expect(body).toEqual({ error: { message: `told: ${told[0].message}` } });
    expect(response.headers.get('content-length')).toBeNull();
  });

  test('a body that breaks off', async () => {
    bytes.script = () => ['HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"error":{"mess', RST];
    const { response } = await ask({}, { baseURL: bytes.baseURL });
    expect(response.status).toBe(500);
    expect((await response.json()).error.message).toMatch(/^told: /);
  });

  test('a request that is refused without being sent', async () => {
    const fetch = createFetch({ zdr: true, errorMessage: ({ code }) => `told: ${code}` });
    const response = await fetch(`${emulator.baseURL}/images`, { method: 'POST', body: '{"prompt":"bees"}' });
    expect(response.status).toBe(400);
    expect((await response.json()).error).toMatchObject({ message: 'told: privacy_not_possible', metadata: { error_type: 'privacy_not_possible' } });
    expect(emulator.requests).toHaveLength(0);
  });
});

describe('errorMessage changes nothing', () => {
  test('of a good answer, of a stream that fails in the middle, and of an error that it has no text for', async () => {
    const { response, told } = await ask({ text: 'Hello' });
    expect(await response.text()).toContain('Hello');
    expect(emulator.requests[0].headers).not.toHaveProperty('x-openrouter-metadata');
    expect(await (await ask({ errorAt: 2 })).response.text()).toContain('Provider returned error');
    expect(told).toEqual([]);
    for (const text of [() => undefined, () => '', () => { throw new Error('of the function'); }]) {
      expect((await (await ask({ status: 402 }, { text })).response.json()).error.message).toMatch(/^Insufficient credits/);
    }
  });

  test('about an abort, which rejects with its reason while the body of an error is read', async () => {
    const abort = new AbortController();
    bytes.script = async function* script() {
      yield 'HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{';
      setImmediate(() => abort.abort(new Error('by the user')));
      await new Promise(() => {});
    };
    await expect(ask({}, { baseURL: bytes.baseURL, signal: abort.signal })).rejects.toThrow('by the user');
  });
});
