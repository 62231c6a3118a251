'use strict';

const { once } = require('node:events');

const { startEmulator } = require('../../emulator');
const { startByteServer } = require('../support/servers/byte-server');
const { App, VERSIONS, chatBody, keptLog, newClient } = require('./support/express-app');
const { CLOSE_MS, HELD_BYTES } = require('../support/limits');
const { SSE_HEAD, chunkOf, event } = require('../support/streaming');
const { until } = require('../support/until');

/** Two connections lie between the browser and the API, each with its buffers. */
const FLOOD_BYTES = 4 * HELD_BYTES;
const PIECE = 'x'.repeat(64 * 1024);

let emulator;
let raw;
const trouble = [];
const note = (error) => trouble.push(error);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  [emulator, raw] = [await startEmulator(), await startByteServer()];
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  process.off('unhandledRejection', note);
  await Promise.all([emulator.close(), raw.close()]);
});

/** Fails unless the browser's end ends the request to the API in time. */
async function expectEnded(browser, record) {
  const leftAt = Date.now();
  browser.destroy();
  const { by, at } = await record.closed;
  expect(by).toBe('client');
  expect(at - leftAt).toBeLessThan(CLOSE_MS);
}

describe.each(VERSIONS)('%s: a browser that leaves', (_, express) => {
  let app;
  const log = keptLog();
  beforeAll(async () => { app = await App.start(express, { client: newClient(emulator), logger: log }); });
  afterAll(() => app.close());
  beforeEach(() => { log.lines.length = 0; });
  afterEach(() => expect(trouble).toEqual([]));

  /** The one line that tells of it. */
  const toldOnce = async (path = '/chat/completions', method = 'POST') => {
    await until(() => log.lines.length > 0, 'the log tells');
    expect(log.lines).toEqual([['debug', `[OpenRouter] ${method} ${path}: the browser has left`, { method, path }]]);
  };
  const open = (params) => app.open('POST', '/chat/completions', { body: chatBody(params) });

  test.each([true, false])('before the answer begins ends the upstream request (C4), stream: %s', async (stream) => {
    const browser = open({ stream, emulator: { delay: 60_000 } });
    await expectEnded(browser, await emulator.waitForRequest());
    await toldOnce();
  });

  test('before the first token ends the upstream request (C4)', async () => {
    const browser = open({ stream: true, emulator: { firstDelay: 60_000, comments: 10 } });
    const record = await emulator.waitForRequest();
    await until(() => record.bytesWritten > 100, 'comments have come');
    await expectEnded(browser, record);
    await toldOnce();
  });

  test('in mid-stream ends the upstream request (C4, bug 05b)', async () => {
    const browser = open({ stream: true, emulator: { stall: 3 } });
    const [response] = await once(browser, 'response');
    await once(response, 'data');
    await expectEnded(browser, emulator.requests[0]);
    await toldOnce();
  });

  test('in the middle of a body that is not streamed ends the upstream request (C4)', async () => {
    const browser = open({ emulator: { stall: 20 } });
    const record = await emulator.waitForRequest();
    await until(() => record.bytesWritten > 0, 'the body has begun');
    await expectEnded(browser, record);
    await toldOnce();
  });

  test('while auth is thinking asks the API for nothing', async () => {
    let letIn;
    const isAsked = new Promise((asked) => {
      letIn = { auth: (_req, res, next) => {
        res.once('close', () => setImmediate(next));
        asked();
      } };
    });
    const own = await App.start(express, { client: newClient(emulator), ...letIn, logger: log });
    const browser = own.open('POST', '/chat/completions', { body: chatBody() });
    await isAsked;
    browser.destroy();
    await toldOnce();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test('while its client is looked up asks the API for nothing', async () => {
    const client = newClient(emulator);
    let browser;
    const getClient = async ({ res }) => {
      browser.destroy();
      await once(res, 'close');
      return client;
    };
    const own = await App.start(express, { getClient, logger: log });
    browser = own.open('POST', '/chat/completions', { body: chatBody() });
    await toldOnce();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test('in the middle of its own request asks the API for nothing', async () => {
    let own;
    const browser = await new Promise((resolve, reject) => {
      let opened;
      const auth = (_req, _res, next) => {
        next();
        resolve(opened);
      };
      App.start(express, { client: newClient(emulator), auth, logger: log }).then((app) => {
        own = app;
        opened = own.open('POST', '/chat/completions', { body: '{"model":', end: false, headers: { 'Content-Length': '1000' } });
      }).catch(reject);
    });
    browser.destroy();
    await toldOnce();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test.each(['/credits', '/models'])('of %s gives up waiting', async (path) => {
    const silent = await startByteServer(() => [new Promise(() => {})]);
    const own = await App.start(express, { client: newClient(silent), logger: log });
    const browser = own.open('GET', path);
    const record = await silent.request();
    browser.destroy();
    await toldOnce(path, 'GET');
    await own.close();
    await silent.close();
    expect(record.head).toMatch(/^GET \/api\/v1\/(credits|key|models) /);
  });

  test('does not take the answer from another one who waits for the same figures (D9)', async () => {
    let answer;
    const answered = new Promise((resolve) => { answer = resolve; });
    const slow = await startByteServer(() => [answered]);
    let waiting = 0;
    const auth = (_req, _res, next) => next(void (waiting += 1));
    const own = await App.start(express, { client: newClient(slow), auth, logger: log });
    const first = own.open('GET', '/credits');
    await slow.request();
    const others = [own.get('/credits'), own.get('/credits')];
    await until(() => waiting === 3, 'all three wait');
    first.destroy();
    await toldOnce('/credits', 'GET');
    const body = JSON.stringify({ data: { total_credits: 10, total_usage: 7.5 } });
    answer(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    for (const { status, json } of await Promise.all(others)) expect([status, json.balance]).toEqual([200, 2.5]);
    expect(slow.requests).toHaveLength(1);
    await own.close();
    await slow.close();
  });

  test('one that is slow stops the server of the answer, and then leaves while its socket is full', async () => {
    raw.script = async function* script() {
      yield SSE_HEAD;
      for (let sent = 0; sent < FLOOD_BYTES; sent += PIECE.length) yield event(chunkOf(PIECE));
    };
    const at = raw.requests.length;
    const own = await App.start(express, { client: newClient(raw), logger: log });
    const browser = own.open('POST', '/chat/completions', { body: chatBody({ stream: true }) });
    const [response] = await once(browser, 'response');
    response.pause();
    const record = await raw.request(at);
    let before = -1;
    await until(async () => {
      if (record.bytesWritten === before) return true;
      before = record.bytesWritten;
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      return false;
    }, 'the server is not read any more');
    expect(record.bytesWritten).toBeLessThan(2 * HELD_BYTES);
    await expectEnded(browser, record);
    await toldOnce();
    await own.close();
  });

  test('leaves all others alone', async () => {
    const stay = app.chat({ stream: true, emulator: { chunks: 30, gap: 5 } });
    const browser = open({ stream: true, emulator: { stall: 2 } });
    const [response] = await once(browser, 'response');
    await once(response, 'data');
    await expectEnded(browser, emulator.requests.find(({ body }) => body.emulator.stall));
    expect((await stay).text).toMatch(/data: \[DONE\]\n\n$/);
  });
});
