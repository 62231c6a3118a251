'use strict';

const { startRecordingServer } = require('../support/servers/recording-server');
const { failureOf } = require('../support/outcomes');
const { inChild } = require('../support/streaming');

const { createFetch } = require('../..');

const stock = globalThis.fetch;

let server;
let native;

beforeAll(async () => {
  server = await startRecordingServer();
  native = createFetch();
});

beforeEach(() => {
  server.requests.length = 0;
  server.answer = (_, response) => response.end('ok');
});

afterAll(() => server.close());

/** Makes the server answer each request with this response. */
function answerWith(status, headers, body, reason) {
  server.answer = (_, response) => response.writeHead(status, ...(reason ? [reason] : []), headers).end(body);
}

/** Returns all that is visible of a response before its body is read. */
function headOf({ status, statusText, ok, url, redirected, bodyUsed, headers, body }) {
  const shown = [...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name));
  return { status, statusText, ok, url, redirected, bodyUsed, headers: shown, hasBody: body !== null };
}

/** Fails unless Node's fetch and this package's give the same response. Returns the latter, with its text as `readText`. */
async function expectSame(init) {
  const [theirs, ours] = [await stock(server.url, init), await native(server.url, init)];
  expect(headOf(ours)).toEqual(headOf(theirs));
  const text = await ours.text();
  expect(text).toBe(await theirs.text());
  expect(ours.bodyUsed).toBe(theirs.bodyUsed);
  return Object.assign(ours, { readText: text });
}

describe('the head of a response', () => {
  test.each([200, 201, 202, 206, 299, 400, 401, 402, 403, 404, 408, 413, 422, 429, 451, 500, 502, 503, 504, 529])("with status %i resolves as with Node's fetch", async (status) => {
    answerWith(status, { 'Content-Type': 'application/json' }, '{"error":{"message":"ü"}}');
    const response = await expectSame();
    expect(response.ok).toBe(status < 300);
    expect(server.requests).toHaveLength(2);
  });

  test('has the status text that the server sent', async () => {
    answerWith(200, {}, 'x', 'Very Fine');
    expect((await expectSame()).statusText).toBe('Very Fine');
    answerWith(404, {}, 'x', 'Nothing here');
    expect((await expectSame()).statusText).toBe('Nothing here');
  });

  test('is that of a standard Response, which is not a promise', async () => {
    const response = await native(server.url);
    expect(response).toBeInstanceOf(Response);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
    expect(response.then).toBeUndefined();
    expect(response.headers).toBeInstanceOf(Headers);
  });

  test('has the URL without its fragment', async () => {
    const response = await native(`${server.url}/a/../b?c=d#e`);
    expect(response.url).toBe(`${server.url}/b?c=d`);
    expect(response.redirected).toBe(false);
  });

  test('has all headers, by get, has, forEach and iteration', async () => {
    answerWith(200, { 'X-Request-Id': 'r1', 'Retry-After': '7', 'X-Two': ['a', 'b'], 'X-Empty': '', 'X-Generation-Id': 'gen-1' }, 'x');
    const { headers } = await expectSame();
    expect([headers.get('x-request-id'), headers.get('RETRY-AFTER'), headers.get('x-two'), headers.get('x-empty')]).toEqual(['r1', '7', 'a, b', '']);
    expect([headers.has('x-generation-id'), headers.has('x-none'), headers.get('x-none')]).toEqual([true, false, null]);
    const seen = {};
    headers.forEach((value, name) => { seen[name] = value; });
    expect(seen).toEqual(Object.fromEntries(headers.entries()));
  });

  test('keeps several Set-Cookie headers apart', async () => {
    answerWith(200, { 'Set-Cookie': ['a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT', 'b=2'] }, 'x');
    const { headers } = await expectSame();
    expect(headers.getSetCookie()).toEqual(['a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT', 'b=2']);
  });

  test('has a Latin-1 character for each byte of a header value', async () => {
    answerWith(200, { 'X-Latin': 'caf\xe9', 'X-Utf8': Buffer.from('ü🙂').toString('latin1') }, 'x');
    const { headers } = await expectSame();
    expect(headers.get('x-latin')).toBe('caf\xe9');
    expect(Buffer.from(headers.get('x-utf8'), 'latin1').toString()).toBe('ü🙂');
  });

  test.each([600, 799, 999])('with status %i, with which a Response cannot be constructed, is given as it is', async (status) => {
    server.answer = ({ path }, response) => response.writeHead(path === '/odd' ? status : 200).end('ok');
    const child = await inChild(async ({ createFetch: create }, url) => {
      const fetch = create();
      const odd = fetch(`${url}/odd`).then((response) => response.status, (error) => [error.name, error.cause.code]);
      const good = await (await fetch(`${url}/good`)).text();
      return [good, await odd];
    }, server.url);
    expect(child).toEqual({ result: ['ok', status], trouble: [] });
  });
});

describe('a response without a body', () => {
  test.each([204, 205, 304])('has null as its body with status %i', async (status) => {
    answerWith(status, { 'X-A': '1' });
    const response = await expectSame();
    expect(response.body).toBeNull();
    expect(response.readText).toBe('');
    expect((await (await native(server.url)).arrayBuffer()).byteLength).toBe(0);
  });

  test.each([{}, { 'Content-Length': '500' }])('is the response to HEAD with %j', async (headers) => {
    answerWith(200, headers);
    await expectSame({ method: 'HEAD' });
  });

  test('is the response to HEAD also with a Content-Encoding', async () => {
    answerWith(200, { 'Content-Encoding': 'gzip', 'Content-Length': '30' });
    expect(await (await native(server.url, { method: 'HEAD' })).text()).toBe('');
  });

  test.each([{ 'Content-Length': '0' }, { 'Transfer-Encoding': 'chunked' }, { 'Content-Encoding': 'gzip', 'Content-Length': '0' }, { 'Content-Encoding': 'br', 'Transfer-Encoding': 'chunked' }])('reads as empty with %j', async (headers) => {
    answerWith(200, headers);
    expect(await (await native(server.url)).text()).toBe('');
    const reader = (await native(server.url)).body.getReader();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await reader.closed;
  });

  test('leaves the connection usable for the next request', async () => {
    const fresh = await startRecordingServer();
    try {
      for (const status of [204, 304, 200, 200]) {
        fresh.answer = (_, response) => response.writeHead(status).end(status === 200 ? 'x'.repeat(100_000) : undefined);
        await (await native(fresh.url)).text();
      }
      expect(fresh.connections).toBe(1);
    } finally {
      await fresh.close();
    }
  });
});

describe('the body', () => {
  const text = 'data: {"ü":"🙂"}\n\n'.repeat(50);

  test('is read by text, json, arrayBuffer, blob and formData', async () => {
    answerWith(200, { 'Content-Type': 'text/event-stream; charset=utf-8' }, text);
    expect(await (await native(server.url)).text()).toBe(text);
    expect(Buffer.from(await (await native(server.url)).arrayBuffer()).toString()).toBe(text);
    const blob = await (await native(server.url)).blob();
    expect([blob.type, await blob.text()]).toEqual([(await (await stock(server.url)).blob()).type, text]);
    answerWith(200, { 'Content-Type': 'application/json' }, '\ufeff{"a":["ü"]}');
    expect(await (await native(server.url)).json()).toEqual({ a: ['ü'] });
    answerWith(200, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=1&b=%C3%BC');
    expect([...await (await native(server.url)).formData()]).toEqual([['a', '1'], ['b', 'ü']]);
    answerWith(200, {}, '<html>');
    expect((await failureOf((await native(server.url)).json())).name).toBe('SyntaxError');
  });

  test('can be read once', async () => {
    const response = await native(server.url);
    expect(response.bodyUsed).toBe(false);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    expect((await failureOf(response.text())).name).toBe('TypeError');
    const locked = await native(server.url);
    locked.body.getReader();
    expect(locked.body.locked).toBe(true);
    expect((await failureOf(locked.text())).name).toBe('TypeError');
  });

  test('is the same ReadableStream at each access', async () => {
    const response = await native(server.url);
    const { body } = response;
    expect(body).toBeInstanceOf(ReadableStream);
    expect(response.body).toBe(body);
    await response.text();
    expect(response.body).toBe(body);
  });

  test('gives Uint8Arrays to a reader, and another reader can go on after releaseLock', async () => {
    answerWith(200, {}, text);
    const { body } = await native(server.url);
    const parts = [];
    for (;;) {
      const reader = body.getReader();
      const { done, value } = await reader.read();
      reader.releaseLock();
      if (done) break;
      expect(value).toBeInstanceOf(Uint8Array);
      parts.push(Buffer.from(value));
    }
    expect(Buffer.concat(parts).toString()).toBe(text);
  });

  test('fills the buffers of a BYOB reader, of any size', async () => {
    answerWith(200, {}, text);
    for (const size of [1, 7, 64, 1 << 20]) {
      const reader = (await native(server.url)).body.getReader({ mode: 'byob' });
      const parts = [];
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(size));
        if (done) break;
        expect(value.length).toBeLessThanOrEqual(size);
        parts.push(Buffer.from(value));
      }
      expect(Buffer.concat(parts).toString()).toBe(text);
      await reader.closed;
    }
  });

  test('can be iterated, piped and teed', async () => {
    answerWith(200, {}, text);
    let iterated = '';
    const decoder = new TextDecoder();
    for await (const part of (await native(server.url)).body) iterated += decoder.decode(part, { stream: true });
    let piped = '';
    for await (const part of (await native(server.url)).body.pipeThrough(new TextDecoderStream())) piped += part;
    const [one, two] = (await native(server.url)).body.tee();
    const teed = await Promise.all([new Response(one).text(), new Response(two).text()]);
    expect([iterated, piped, ...teed]).toEqual(Array(4).fill(text));
    const written = [];
    await (await native(server.url)).body.pipeTo(new WritableStream({ write: (part) => { written.push(Buffer.from(part)); } }));
    expect(Buffer.concat(written).toString()).toBe(text);
  });

  test('can be cloned with its head before it is read', async () => {
    answerWith(402, { 'X-A': '1' }, text);
    const response = await native(`${server.url}/path`);
    const clone = response.clone();
    expect(headOf(clone)).toEqual(headOf(response));
    expect(clone.url).toBe(`${server.url}/path`);
    expect(await Promise.all([response.text(), clone.text()])).toEqual([text, text]);
    expect(() => response.clone()).toThrow();
  });

  test('is delivered as it arrives, not when it is complete', async () => {
    let goOn;
    server.answer = async (_, response) => {
      response.writeHead(200).flushHeaders();
      for (const part of ['one', 'two', 'three']) {
        response.write(part);
        await new Promise((resolve) => { goOn = resolve; });
      }
      response.end();
    };
    const reader = (await native(server.url)).body.getReader();
    for (const part of ['one', 'two', 'three']) {
      expect(Buffer.from((await reader.read()).value).toString()).toBe(part);
      goOn();
    }
    expect((await reader.read()).done).toBe(true);
  });
});
