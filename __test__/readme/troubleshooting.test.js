'use strict';

// Each message that docs/troubleshooting.md quotes is one that the package gives: a failure is made for each row.
const net = require('node:net');

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port.js');
const { textOf } = require('../support/markdown.js');

const KEY = 'sk-or-v1-troubleshooting';
const messages = [{ role: 'user', content: 'Hi' }];
let emulator;
let plain;
let silent;
let closed;
beforeAll(async () => {
  emulator = await startEmulator();
  // Answers a TLS handshake with bytes that are none.
  plain = net.createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => { plain.once('listening', resolve); });
  // Accepts connections and never answers.
  silent = net.createServer((socket) => socket.on('error', () => {}).unref()).listen(0, '127.0.0.1');
  await new Promise((resolve) => { silent.once('listening', resolve); });
  closed = await closedPort();
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  plain.close();
  silent.close();
  await emulator.close();
});

const client = (options) => new OpenRouterClient(KEY, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const chat = (directives, params, options) => client(options).chatCompletion({ model: 'openai/gpt-5-mini', messages, emulator: directives, ...params });
const read = async (directives, params, options) => (await chat(directives, { stream: true, ...params }, options)).finalCompletion();

/** The failure of each row, by the beginning of its message as the page has it. */
const FAILURES = {
  'No OpenRouter API key.': () => new OpenRouterClient('user_provided'),
  'Invalid OpenRouter API key.': () => chat({ status: 401 }),
  'Insufficient credits.': () => chat({ status: 402, kind: 'weight' }),
  'Key limit exceeded': () => chat({ status: 403, kind: 'key-limit' }),
  'Rate limit exceeded.': () => chat({ status: 429, kind: 'daily' }),
  'No model specified': () => client().chatCompletion({ messages }),
  'Messages array is required': () => client().chatCompletion({ model: 'openai/gpt-5-mini' }),
  '… is not a valid model ID': () => chat({}, { model: 'gpt-5-mini' }),
  'No endpoints found matching': () => chat({ status: 404, kind: 'data-policy' }, { zdr: true }),
  'No endpoints found that support tool use.': () => chat({ status: 404, kind: 'tools' }),
  "This endpoint's maximum context length": () => chat({ status: 400, kind: 'context' }),
  '… requires moderation': () => chat({ status: 403, kind: 'moderation' }),
  'Provider returned error': () => read({ 'error-at': 3 }),
  'OpenRouter service temporarily unavailable.': () => chat({ status: 503 }),
  'The name … could not be looked up.': () => chat({}, {}, { baseURL: 'https://nobody.invalid/api/v1' }),
  'No connection within': () => chat({}, {}, { baseURL: `https://127.0.0.1:${silent.address().port}/api/v1`, timeouts: { connect: 20 } }),
  '… refused the connection': () => chat({}, {}, { baseURL: `http://127.0.0.1:${closed}/api/v1` }),
  'The proxy did not connect': () => chat({}, {}, { baseURL: 'https://openrouter.ai/api/v1', proxy: `http://127.0.0.1:${closed}` }),
  'No secure connection': () => chat({}, {}, { baseURL: `https://127.0.0.1:${plain.address().port}/api/v1` }),
  'No response headers within': () => chat({ delay: 60_000 }, { timeouts: { headers: 20 } }),
  'No data for': () => read({ stall: 2 }, { timeouts: { idle: 20 } }),
  'The request did not finish within': () => read({ stall: 2 }, { timeouts: { total: 50 } }),
  'The request did not get its turn': async () => {
    const limited = client({ rateLimit: { requestsPerMinute: 1 } });
    await limited.chatCompletion({ model: 'openai/gpt-5-mini', messages });
    return limited.chatCompletion({ model: 'openai/gpt-5-mini', messages, timeouts: { total: 20 } });
  },
  'OpenRouter answered HTTP 200': () => chat({ raw: '<html>A web page</html>' }),
  'Invalid option baseURL': () => new OpenRouterClient(KEY, { baseURL: 'http://example.com/api/v1' }),
  'The answer was cut off': () => read({ cut: 3, 'cut-how': 'clean' }),
  'The connection was lost': () => read({ cut: 3, 'cut-how': 'reset' }),
  'Event … of the stream': () => read({ garbage: 2 }),
  'This stream has its reader already': async () => {
    const stream = await chat({}, { stream: true });
    await stream[Symbol.asyncIterator]().next();
    try {
      for await (const text of stream.text()) throw new Error(text);
    } finally {
      stream.abort();
    }
  },
  'The response is larger': () => read({ text: 'x'.repeat(1000) }, {}, { maxEventBytes: 500 }),
  'Request aborted': () => chat({}, { signal: AbortSignal.abort() }),
  'await is missing': () => chat({}).choices,
  'client.… does not exist.': () => client().chat.completions,
  'POST … cannot keep zdr': async () => {
    const answer = await createFetch({ zdr: true, baseURL: emulator.baseURL })(`${emulator.baseURL}/images`, { method: 'POST', body: '{}' });
    throw new Error((await answer.json()).error.message);
  },
  'provider.only names no provider.': () => chat({}, { provider: { only: [] } }),
};

const rows = textOf('docs/troubleshooting.md').split('\n').filter((line) => /^\| `/.test(line)).map((line) => /^\| `([^`]+)`/.exec(line)[1]);

test('the page has a row for each failure of this list, and no other', () => {
  const beginnings = Object.keys(FAILURES);
  expect(rows.filter((row) => !beginnings.some((beginning) => row.startsWith(beginning)))).toEqual([]);
  expect(rows).toHaveLength(beginnings.length);
});

test.each(rows)('%s', async (row) => {
  const [, fail] = Object.entries(FAILURES).find(([beginning]) => row.startsWith(beginning));
  const { message } = await Promise.resolve().then(fail).then(() => ({ message: 'no error' }), (error) => error);
  const pattern = row.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*');
  expect(message).toMatch(new RegExp(`^${pattern}$`));
});
