'use strict';

const { once } = require('node:events');

const { startEmulator } = require('../../emulator');
const { startByteServer } = require('../support/servers/byte-server');
const { App, VERSIONS, chatBody, newClient, recordingLogger } = require('./support/express-app');
const { CLOSE_MS, HELD_BYTES } = require('../support/limits');
const { SSE_HEAD, chunkOf, event } = require('../support/streaming');
const { until, untilStalled } = require('../support/until');

/** More bytes than the buffers of the two connections between the browser and the API can hold. */
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

/** Closes the connection of the browser, and expects that the request to the API ends in time. */
async function expectEnded(browser, record) {
  const leftAt = Date.now();
  browser.destroy();
  const { by, at } = await record.closed;
  expect(by).toBe('client');
  expect(at - leftAt).toBeLessThan(CLOSE_MS);
}

describe.each(VERSIONS)('%s: a browser that disconnects', (_, express) => {
  let app;
  const log = recordingLogger();
  beforeAll(async () => { app = await App.start(express, { client: newClient(emulator), logger: log }); });
  afterAll(() => app.close());
  beforeEach(() => { log.lines.length = 0; });
  afterEach(() => expect(trouble).toEqual([]));

  /** Expects that the log has one line, which reports the disconnect. */
  const expectOneLogLine = async (path = '/chat/completions', method = 'POST') => {
    await until(() => log.lines.length > 0, 'the disconnect is logged');
    expect(log.lines).toEqual([['debug', `[OpenRouter] ${method} ${path}: the browser has left`, { method, path }]]);
  };
  const open = (params) => app.open('POST', '/chat/completions', { body: chatBody(params) });

  test.each([true, false])('before the answer begins ends the upstream request, stream: %s', async (stream) => {
    const browser = open({ stream, emulator: { delay: 60_000 } });
    await expectEnded(browser, await emulator.waitForRequest());
    await expectOneLogLine();
  });

  test('before the first token ends the upstream request', async () => {
    const browser = open({ stream: true, emulator: { firstDelay: 60_000, comments: 10 } });
    const record = await emulator.waitForRequest();
    await until(() => record.bytesWritten > 100, 'comments have arrived');
    await expectEnded(browser, record);
    await expectOneLogLine();
  });

  test('in mid-stream ends the upstream request', async () => {
    const browser = open({ stream: true, emulator: { stall: 3 } });
    const [response] = await once(browser, 'response');
    await once(response, 'data');
    await expectEnded(browser, emulator.requests[0]);
    await expectOneLogLine();
  });

  test('in the middle of an answer without stream ends the upstream request', async () => {
    const browser = open({ emulator: { stall: 20 } });
    const record = await emulator.waitForRequest();
    await until(() => record.bytesWritten > 0, 'the body has begun');
    await expectEnded(browser, record);
    await expectOneLogLine();
  });

  test('while auth is pending causes no API request', async () => {
    let guard;
    const authCalled = new Promise((called) => {
      guard = { auth: (_req, res, next) => {
        res.once('close', () => setImmediate(next));
        called();
      } };
    });
    const own = await App.start(express, { client: newClient(emulator), ...guard, logger: log });
    const browser = own.open('POST', '/chat/completions', { body: chatBody() });
    await authCalled;
    browser.destroy();
    await expectOneLogLine();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test('while getClient is pending causes no API request', async () => {
    const client = newClient(emulator);
    let browser;
    const getClient = async ({ res }) => {
      browser.destroy();
      await once(res, 'close');
      return client;
    };
    const own = await App.start(express, { getClient, logger: log });
    browser = own.open('POST', '/chat/completions', { body: chatBody() });
    await expectOneLogLine();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test('in the middle of its request body causes no API request', async () => {
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
    await expectOneLogLine();
    await own.close();
    expect(emulator.requests).toHaveLength(0);
  });

  test.each(['/credits', '/models'])('while it waits for %s ends the wait', async (path) => {
    const silent = await startByteServer(() => [new Promise(() => {})]);
    const own = await App.start(express, { client: newClient(silent), logger: log });
    const browser = own.open('GET', path);
    const record = await silent.request();
    browser.destroy();
    await expectOneLogLine(path, 'GET');
    await own.close();
    await silent.close();
    expect(record.head).toMatch(/^GET \/api\/v1\/(credits|key|models) /);
  });

  test('does not cancel a shared API request that other browsers wait for', async () => {
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
    await expectOneLogLine('/credits', 'GET');
    const body = JSON.stringify({ data: { total_credits: 10, total_usage: 7.5 } });
    answer(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    for (const { status, json } of await Promise.all(others)) expect([status, json.balance]).toEqual([200, 2.5]);
    expect(slow.requests).toHaveLength(1);
    await own.close();
    await slow.close();
  });

  test('while its socket is full ends the upstream request, which its slow reading had paused', async () => {
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
    await untilStalled(record);
    expect(record.bytesWritten).toBeLessThan(2 * HELD_BYTES);
    await expectEnded(browser, record);
    await expectOneLogLine();
    await own.close();
  });

  test('does not affect other requests', async () => {
    const stay = app.chat({ stream: true, emulator: { chunks: 30, gap: 5 } });
    const browser = open({ stream: true, emulator: { stall: 2 } });
    const [response] = await once(browser, 'response');
    await once(response, 'data');
    await expectEnded(browser, emulator.requests.find(({ body }) => body.emulator.stall));
    expect((await stay).text).toMatch(/data: \[DONE\]\n\n$/);
  });
});
