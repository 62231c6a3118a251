'use strict';

const { failureOf } = require('../support/outcomes');
const { essenceOf, startRecordingServer } = require('../support/servers/recording-server');

const { createFetch } = require('../..');

const stock = globalThis.fetch;
/** Node's fetch, if this is Node: the built-in ones of other runtimes are less strict. */
const NODES_FETCH = process.versions.bun || process.versions.deno ? [] : [stock];
const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';

let server;
let native;

beforeAll(async () => {
  server = await startRecordingServer();
  native = createFetch();
});

beforeEach(() => { server.requests.length = 0; });

afterAll(() => server.close());

/** Makes the same call with Node's fetch and with this package's. Returns both requests as they arrived. */
async function bothOf(ask) {
  const arrived = [];
  for (const fetch of [stock, native]) {
    const response = await ask(fetch, `${server.url}/v1/things`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('ok');
    expect(server.requests).toHaveLength(1);
    arrived.push(server.requests.pop());
  }
  return arrived;
}

/** Fails unless both send the same request. Returns that of this package's fetch. */
async function expectSame(ask) {
  const [theirs, ours] = await bothOf(ask);
  expect(essenceOf(ours)).toEqual(essenceOf(theirs));
  return ours;
}

/** Returns a web stream of these texts as bytes, one chunk for each. */
function streamOf(...texts) {
  return new ReadableStream({
    pull(controller) {
      if (texts.length === 0) controller.close();
      else controller.enqueue(new TextEncoder().encode(texts.shift()));
    },
  });
}

async function* piecesOf(...texts) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

function formOf() {
  const form = new FormData();
  form.set('purpose', 'user data é');
  form.append('file', new File(['{"a":1}\n'], 'näme "x".jsonl', { type: 'application/jsonl' }));
  form.append('file', new Blob([Uint8Array.of(0, 255, 13, 10)]));
  return form;
}

describe('the URL', () => {
  test.each([
    ['text', (url) => `${url}?a=1&b=%20`],
    ['text with a fragment, which is not sent', (url) => `${url}#part?x`],
    ['text that needs escapes', (url) => `${url}/ü b|c^d"e'f<g>{h}?q=ü "x" 'y' {z}|^\`&&`],
    ['text with dots and doubled slashes', (url) => `${url}/./a/../b//c/%2e%2E/d`],
    ['a URL', (url) => new URL('/v2?x=1', url)],
    ['an object with toString', (url) => ({ toString: () => `${url}/object` })],
    ['a Request', (url) => new Request(`${url}/request`)],
    ['text with white space around it', (url) => `  ${url}/spaces\n`],
  ])('may be %s', async (_, makeUrl) => {
    await expectSame((fetch, url) => fetch(makeUrl(url)));
  });

  test('may have a host name instead of an address', async () => {
    const ours = await expectSame((fetch, url) => fetch(url.replace('127.0.0.1', 'LOCALHOST')));
    expect(ours.headers.host).toBe(`localhost:${server.port}`);
  });
});

describe('the method', () => {
  test.each(['GET', 'get', 'POST', 'post', 'Put', 'delete', 'OPTIONS', 'PATCH', 'PROPFIND'])('may be %s', async (method) => {
    await expectSame((fetch, url) => fetch(url, { method }));
  });

  test('is GET when it is undefined', async () => {
    await expectSame((fetch, url) => fetch(url, { method: undefined, headers: undefined, body: undefined, signal: undefined, redirect: undefined }));
  });

  test('HEAD gives a response without a body', async () => {
    for (const fetch of [stock, native]) {
      const response = await fetch(server.url, { method: 'head' });
      expect(await response.text()).toBe('');
    }
    expect(server.requests.map((request) => request.method)).toEqual(['HEAD', 'HEAD']);
  });

  test('POST without a body, or with an empty one, has a Content-Length of 0', async () => {
    for (const body of [undefined, null, '', new Uint8Array(0)]) {
      const ours = await expectSame((fetch, url) => fetch(url, { method: 'POST', body }));
      expect(ours.headers['content-length']).toBe('0');
    }
  });
});

describe('headers', () => {
  test.each([
    ['an object', { 'X-A': '1', 'x-b': ' two ', Authorization: 'Bearer sk-or-x' }],
    ['an object with numbers and booleans', { 'x-n': 12, 'x-b': true, 'x-u': undefined, 'x-z': null }],
    ['pairs', [['x-a', '1'], ['X-A', '2'], ['x-b', '']]],
    ['a Map', new Map([['x-a', '1']])],
    ['Headers', new Headers([['x-a', '1'], ['x-a', '2'], ['cookie', 'a=b']])],
    ['a value in Latin-1', { 'x-a': 'naïve café' }],
    ['a value with a tab in it', { 'x-a': 'a\tb' }],
    ['headers that libraries set', { accept: 'application/json', referer: 'https://a.example/b', origin: 'https://a.example', range: 'bytes=0-9', te: 'trailers', 'x-stainless-lang': 'js' }],
    ['an empty object', {}],
  ])('may be %s', async (_, headers) => {
    await expectSame((fetch, url) => fetch(url, { headers }));
  });

  test('of the caller replace the defaults', async () => {
    const headers = { 'User-Agent': 'mine/1', 'Accept-Encoding': 'identity', 'Accept-Language': 'de' };
    const [theirs, ours] = await bothOf((fetch, url) => fetch(url, { headers }));
    for (const name of Object.keys(headers)) {
      expect(ours.pairs.filter(([other]) => other === name.toLowerCase())).toEqual(theirs.pairs.filter(([other]) => other === name.toLowerCase()));
    }
  });

  test('of a Request are kept, and replaced as a whole by those of init', async () => {
    const request = (url) => new Request(url, { headers: { 'x-a': '1', 'x-b': '2' } });
    await expectSame((fetch, url) => fetch(request(url)));
    await expectSame((fetch, url) => fetch(request(url), { headers: { 'x-b': '3' } }));
  });
});

describe('the body', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  test.each([
    ['text', () => '{"text":"ü🙂 \\u0000"}', 'text/plain;charset=UTF-8'],
    ['text with a lone surrogate', () => 'a\ud83db', 'text/plain;charset=UTF-8'],
    ['bytes', () => bytes, undefined],
    ['a Buffer', () => Buffer.from(bytes), undefined],
    ['a part of a buffer', () => bytes.subarray(10, 20), undefined],
    ['an ArrayBuffer', () => bytes.slice().buffer, undefined],
    ['a DataView', () => new DataView(bytes.buffer, 3, 9), undefined],
    ['a Uint16Array', () => new Uint16Array(bytes.buffer, 2, 4), undefined],
    ['URLSearchParams', () => new URLSearchParams([['a', '1 2'], ['ü', '&']]), FORM],
    ['a Blob with a type', () => new Blob(['{}', bytes], { type: 'application/json' }), 'application/json'],
    ['a Blob without a type', () => new Blob([bytes]), undefined],
    ['FormData', formOf, expect.stringMatching(/^multipart\/form-data; boundary=/)],
    ['a number', () => 42, 'text/plain;charset=UTF-8'],
    ['an object', () => ({ a: 1 }), 'text/plain;charset=UTF-8'],
    ['a stream', () => streamOf('{"a":', '"ü"', '}'), undefined],
    ['an async iterable', () => piecesOf('{"a":', '1}'), undefined],
  ])('may be %s', async (_, makeBody, type) => {
    const ours = await expectSame((fetch, url) => fetch(url, { method: 'POST', body: makeBody(), duplex: 'half' }));
    expect(ours.headers['content-type']).toEqual(type);
  });

  test.each([
    ['text', () => '{}'],
    ['bytes', () => bytes],
    ['a Blob', () => new Blob(['{}'], { type: 'text/csv' })],
    ['URLSearchParams', () => new URLSearchParams('a=1')],
  ])('of %s keeps the content type that the caller gave', async (_, makeBody) => {
    const headers = { 'Content-Type': 'application/json' };
    const ours = await expectSame((fetch, url) => fetch(url, { method: 'POST', body: makeBody(), headers }));
    expect(ours.headers['content-type']).toBe('application/json');
  });

  test('of 8 MiB arrives complete', async () => {
    const large = Buffer.alloc(8 << 20, 'abcdefg');
    const ours = await expectSame((fetch, url) => fetch(url, { method: 'POST', body: large }));
    expect(ours.body.equals(large)).toBe(true);
  });

  test('of a Request is sent, and the Request cannot be sent again', async () => {
    const request = new Request(`${server.url}/x`, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    await (await native(request)).text();
    expect(essenceOf(server.requests[0])).toMatchObject({ method: 'POST', path: '/x', body: '{"a":1}' });
    expect(request.bodyUsed).toBe(true);
    expect((await failureOf(native(request))).name).toBe('TypeError');
    expect(server.requests).toHaveLength(1);
  });

  test('of init replaces that of a Request', async () => {
    const request = (url) => new Request(url, { method: 'PUT', body: 'old' });
    await expectSame((fetch, url) => fetch(request(url), { body: 'new', headers: { 'x-a': '1' } }));
    await expectSame((fetch, url) => fetch(request(url).clone(), { method: 'POST' }));
  });

  test('of bytes that are changed right after the call is sent as it was at the call', async () => {
    for (const fetch of [stock, native]) {
      const body = new Uint8Array([1, 2, 3]);
      const response = fetch(server.url, { method: 'POST', body });
      body.fill(9);
      await response;
    }
    expect(server.requests.map(({ body }) => [...body])).toEqual([[1, 2, 3], [1, 2, 3]]);
  });

  test('whose stream gives no bytes rejects the call, and the stream is cancelled', async () => {
    const cancelled = [];
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue('text'),
      cancel: (reason) => { cancelled.push(reason); },
    });
    const failure = await failureOf(native(server.url, { method: 'POST', body, duplex: 'half' }));
    expect(failure).toMatchObject({ name: 'TypeError', message: 'A body stream must give Uint8Arrays.' });
    expect(cancelled).toEqual([failure]);
    expect(server.requests).toHaveLength(0);
  });

  test('whose stream fails rejects the call with its reason', async () => {
    const reason = new Error('out of paper');
    const body = new ReadableStream({ pull: (controller) => controller.error(reason) });
    const failure = await failureOf(native(server.url, { method: 'POST', body, duplex: 'half' }));
    expect([failure, failure.cause]).toContain(reason);
  });
});

describe('init', () => {
  const given = { method: 'PUT', headers: { 'x-a': '1', 'content-type': 'text/csv' } };
  test.each([
    ['a Request', (url) => new Request(url, { ...given, body: 'a,b' })],
    ['a Request without a body', (url) => new Request(url, given)],
    ['an object with inherited members', () => Object.create({ ...given, body: 'a,b' })],
    ['an object with an inherited Blob as its body', () => Object.create({ ...given, body: new Blob(['a,b']) })],
    ['an instance of a class with getters', () => new (class {
      get method() { return 'PUT'; }
      get headers() { return given.headers; }
      get body() { return streamOf('a,', 'b'); }
      get duplex() { return 'half'; }
    })()],
  ])('may be %s', async (_, makeInit) => {
    const ours = await expectSame((fetch, url) => fetch(url, makeInit(url)));
    expect(ours).toMatchObject({ method: 'PUT', headers: { 'x-a': '1', 'content-type': 'text/csv' } });
    await expectSame((fetch, url) => fetch(new Request(`${url}/other`, { method: 'POST', body: 'old' }), makeInit(url)));
  });
});

describe('the call', () => {
  test('ignores keys of init that only other implementations know', async () => {
    const init = { agent: { keepAlive: true }, dispatcher: { dispatch: 1 }, timeout: 5, compress: true, follow: 3, duplex: 'half', keepalive: true, next: {}, cf: {} };
    for (const body of ['{}', new URLSearchParams('a=1')]) {
      const response = await native(server.url, { method: 'POST', body, ...init });
      expect(response.status).toBe(200);
    }
    expect(server.requests.map((request) => request.body.toString())).toEqual(['{}', 'a=1']);
  });

  test('needs no this value, and accepts null for init', async () => {
    const fetch = createFetch();
    expect((await Reflect.apply(fetch, undefined, [server.url])).status).toBe(200);
    expect((await { fetch }.fetch(server.url, null)).status).toBe(200);
  });

  test('works with a fetch that was made with no options, with null, or with options that are null', async () => {
    for (const options of [undefined, null, {}, { timeouts: {}, proxy: null, logger: null, apiKey: undefined }]) {
      expect((await createFetch(options)(server.url)).status).toBe(200);
    }
    expect(await failureOf(() => createFetch({ timeouts: 'soon' }))).toMatchObject({ name: 'OpenRouterError', code: 'invalid_option' });
  });
});

describe("a TypeError, as from Node's fetch, and no request", () => {
  test.each([
    ['no argument', () => []],
    ['text that is no URL', () => ['chat/completions']],
    ['a path without a host', () => ['/v1/chat']],
    ['a scheme that is not HTTP', () => ['ftp://127.0.0.1/x']],
    ['a URL with credentials', () => [`http://user:secret@127.0.0.1:${server.port}/`]],
    ['a GET with a body', (url) => [url, { body: 'x' }]],
    ['a HEAD with a body', (url) => [url, { method: 'head', body: new Blob(['x']) }]],
    ['a GET with an empty text as body', (url) => [url, { body: '' }]],
    ['a method with a space', (url) => [url, { method: 'GET IT' }]],
    ['an empty method', (url) => [url, { method: '' }]],
    ['the method CONNECT', (url) => [url, { method: 'connect' }]],
    ['the method TRACE', (url) => [url, { method: 'TRACE' }]],
    ['a header name with a space', (url) => [url, { headers: { 'x y': '1' } }]],
    ['a header value with a line end', (url) => [url, { headers: { 'x-a': '1\r\nx-b: 2' } }]],
    ['a header value outside Latin-1', (url) => [url, { headers: { 'x-a': '🙂' } }]],
    ['headers that are null', (url) => [url, { headers: null }]],
    ['a header pair of three items', (url) => [url, { headers: [['a', 'b', 'c']] }]],
    ['a redirect mode that does not exist', (url) => [url, { redirect: 'sometimes' }]],
    ['a signal that is no AbortSignal', (url) => [url, { signal: { aborted: false } }]],
  ])('for %s', async (_, argumentsFor) => {
    for (const fetch of [native, ...NODES_FETCH]) {
      const failure = await failureOf(() => fetch(...argumentsFor(server.url)));
      expect(failure.name).toBe('TypeError');
      if (fetch === native) expect(`${failure.message} ${failure.cause?.message}`).not.toMatch(/secret/);
    }
    expect(server.requests).toHaveLength(0);
  });
});
