'use strict';

const http2 = require('node:http2');

const { createFetch } = require('../..');
const { CA_FILE, IDENTITY } = require('../support/certificates.js');
const { runScript } = require('../support/process.js');

/** The result of a process that ended by itself, without an error. */
const ENDED = { code: 0, signal: null, stderr: '' };
/** As many calls as a thread, and an HTTP/2 connection, carries before the next one is used. */
const FULL = 64;

const event = (content) => `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

let server;
let baseURL;

/** A server that ends a stream only when as many are open as its prompt says, so that all of them are open at the same time. */
beforeAll(async () => {
  server = http2.createSecureServer({ key: IDENTITY, cert: IDENTITY, settings: { maxConcurrentStreams: 100 } });
  const sessions = [];
  server.all = new Set();
  let open = [];
  server.on('session', (session) => {
    session.on('error', () => {});
    server.all.add(session);
    sessions.push(session);
  });
  server.on('stream', async (stream) => {
    stream.on('error', () => {});
    const body = await stream.toArray().catch(() => null);
    if (body === null) return;
    const { messages, seed } = JSON.parse(Buffer.concat(body).toString());
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write(event(`${seed} on ${sessions.indexOf(stream.session)}`));
    open.push(stream);
    if (open.length < Number(messages[0].content)) return;
    for (const one of open) one.end(`${event(', whole')}data: [DONE]\n\n`);
    open = [];
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  server.forget = () => {
    sessions.length = 0;
    open = [];
  };
  baseURL = `https://127.0.0.1:${server.address().port}/api/v1`;
});
afterAll(() => {
  for (const session of server.all) session.destroy();
  return new Promise((resolve) => { server.close(resolve); });
});

/**
 * Runs `body` in a process of its own, since the threads are the process's, and returns what its last expression `result` is.
 * `streams(client, count)` reads as many streams at the same time, and returns the numbers of their connections, sorted.
 * `threads()` returns the names of the network threads.
 */
async function inProcess(body) {
  server.forget();
  const { stdout, ...ended } = await runScript(`
    const { createFetch } = require(${JSON.stringify(require.resolve('../..'))});
    const fs = require('node:fs');
    const baseURL = ${JSON.stringify(baseURL)};
    const client = (options) => new OpenRouterClient('sk-or-v1-limit-threads', { baseURL, ...options });
    const on = (text, seed) => {
      const [, own, connection] = /^(\\d+) on (\\d+), whole$/.exec(text);
      if (Number(own) !== seed) throw new Error('The stream ' + seed + ' got ' + text);
      return Number(connection);
    };
    const request = (count, seed) => ({ model: 'a/b', messages: [{ role: 'user', content: String(count) }], seed, stream: true });
    const read = async (one, count, seed) => {
      let text = '';
      for await (const delta of (await one.chatCompletion(request(count, seed))).text()) text += delta;
      return on(text, seed);
    };
    const streams = async (one, count) => (await Promise.all(Array.from({ length: count }, (_, seed) => read(one, count, seed)))).sort();
    const threads = () => {
      const names = fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim());
      return [...new Set(names.filter((name) => name.startsWith('openrouter')))].sort();
    };
    ${body}
    console.log(JSON.stringify(result));`, { env: { NODE_EXTRA_CA_CERTS: CA_FILE } });
  expect(ended).toMatchObject(ENDED);
  return JSON.parse(stdout);
}

test.each([1, 2, 4])('%i network threads deliver 200 streams whole, on as few connections as one thread, and the process ends', async (count) => {
  const connections = await inProcess(`const result = await streams(client({ networkThreads: ${count} }), 200);`);
  expect(connections).toHaveLength(200);
  expect(new Set(connections).size).toBe(Math.ceil(200 / FULL));
});

test(`up to ${FULL} streams share one connection, however many threads are allowed, and so do later streams`, async () => {
  const result = await inProcess(`
    const one = client({ networkThreads: 4 });
    const result = [await streams(one, 1), await streams(one, ${FULL}), await streams(one, 2)].map((all) => [...new Set(all)]);`);
  expect(result).toEqual([[0], [0], [0]]);
});

test('streams that were aborted make room on their thread', async () => {
  const result = await inProcess(`
    const one = client({ networkThreads: 2 });
    const aborted = Array.from({ length: ${FULL} }, async (_, seed) => {
      const stream = await one.chatCompletion(request(${FULL} + 1, seed));
      // Leaving the loop aborts the stream.
      for await (const { choices } of stream) if (choices[0].delta.content) break;
    });
    await Promise.all(aborted);
    // The network thread notices that in a moment.
    let result = [];
    for (let times = 0; times < 1000 && result[0] !== 0; times += 1) result = await streams(one, 1);`);
  expect(result).toEqual([0]);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a thread starts when the others are full, and the largest number that a client or a fetch asks for counts', async () => {
  const result = await inProcess(`
    const result = [];
    const small = client({ networkThreads: 1 });
    await streams(small, 2 * ${FULL});
    result.push(threads());
    client({ networkThreads: 2 });
    createFetch({ networkThreads: 3 });
    client();
    await streams(small, 2);
    result.push(threads());
    await streams(small, 4 * ${FULL});
    result.push(threads());`);
  const all = ['openrouter', 'openrouter-2', 'openrouter-3'];
  expect(result).toEqual([all.slice(0, 1), all.slice(0, 1), all]);
});

test.each([0, 17, 1.5, -1, '2', true])('createFetch refuses networkThreads: %p', (networkThreads) => {
  expect(() => createFetch({ networkThreads })).toThrow(expect.objectContaining({
    code: 'invalid_option',
    message: 'Invalid option networkThreads: expected a whole number from 1 to 16.',
  }));
});
