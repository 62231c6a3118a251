'use strict';

const { once } = require('node:events');
const https = require('node:https');

const { CA, IDENTITY } = require('../support/certificates');
const { failureOf } = require('../support/outcomes');
const { essenceOf, startRecordingServer } = require('../support/servers/recording-server');

const { createFetch } = require('../..');

const stock = globalThis.fetch;
const KEY = 'Bearer sk-or-v1-redirect';

let server;
let other;
let native;

/** Answers `/to?status=302&location=/end` with that redirect, and a request without `status` with `arrived`. */
function redirects(request, response) {
  const { searchParams } = new URL(request.path, 'http://server');
  if (!searchParams.has('status')) return response.end('arrived');
  const location = searchParams.get('location');
  const headers = location === null ? {} : { Location: location };
  return response.writeHead(Number(searchParams.get('status')), headers).end('moved');
}

beforeAll(async () => {
  server = await startRecordingServer(redirects);
  other = await startRecordingServer(redirects);
  native = createFetch();
});

afterAll(async () => {
  await Promise.all([server.close(), other.close()]);
});

beforeEach(() => {
  server.requests.length = 0;
  other.requests.length = 0;
});

const redirectTo = (status, location) => `${server.url}/to?${new URLSearchParams({ status, ...(location !== undefined && { location }) })}`;

/** Returns the response or the error of a call, and all requests that it made. */
async function outcomeOf(fetch, url, init) {
  const made = [];
  let outcome;
  try {
    const response = await fetch(url, init);
    const { status, url: at, redirected, ok } = response;
    outcome = { status, at, redirected, ok, location: response.headers.get('location'), text: await response.text() };
  } catch (error) {
    outcome = { failed: `${error.name}: ${error.message}` };
  }
  for (const one of [server, other]) made.push(...one.requests.splice(0).map(essenceOf));
  return { outcome, made };
}

/** Fails unless Node's fetch and this package's have the same outcome and requests. Returns those of this package's. */
async function expectSame(url, init = {}) {
  const theirs = await outcomeOf(stock, url, init);
  const ours = await outcomeOf(native, url, init);
  expect(ours).toEqual(theirs);
  return ours;
}

const post = { method: 'POST', body: '{"a":1}', headers: { Authorization: KEY, 'Content-Type': 'application/json', 'X-A': '1' } };

describe('a redirect is followed', () => {
  test.each([301, 302, 303])('by GET without a body after a POST and %i', async (status) => {
    const { made } = await expectSame(redirectTo(status, '/end'), post);
    expect(made.map(({ method, body }) => [method, body])).toEqual([['POST', '{"a":1}'], ['GET', '']]);
  });

  test.each([307, 308])('with the same method and body after %i', async (status) => {
    const { made } = await expectSame(redirectTo(status, '/end'), post);
    expect(made[1]).toMatchObject({ method: 'POST', path: '/end', body: '{"a":1}' });
  });

  test.each([[303, 'PUT'], [301, 'PUT'], [302, 'DELETE'], [303, 'HEAD'], [301, 'HEAD'], [307, 'GET']])('after %i and %s as the fetch standard says', async (status, method) => {
    const { outcome } = await expectSame(redirectTo(status, '/end'), { method, ...(method === 'PUT' && { body: 'x' }) });
    expect(outcome).toMatchObject({ status: 200, redirected: true });
  });

  test.each([
    ['a path', '/end?x=1'],
    ['a relative path', 'sub/end'],
    ['a query', '?status=200'],
    ['a fragment', '/end#part'],
    ['a path with letters outside ASCII, escaped', '/%C3%BC'],
  ])('to %s', async (_, location) => {
    const { outcome } = await expectSame(redirectTo(302, location));
    expect(outcome.redirected).toBe(true);
  });

  test('up to 20 times in a row', async () => {
    let target = '/end';
    for (let left = 0; left < 20; left += 1) target = `/to?${new URLSearchParams({ status: 302, location: target })}`;
    const { outcome, made } = await expectSame(`${server.url}${target}`);
    expect(outcome).toMatchObject({ status: 200, text: 'arrived', at: `${server.url}/end` });
    expect(made).toHaveLength(21);
    const tooFar = await expectSame(redirectTo(302, target));
    expect(tooFar.outcome).toEqual({ failed: 'TypeError: fetch failed' });
  });

  test('with the key to the same origin, and without it to any other', async () => {
    const same = await expectSame(redirectTo(307, `${server.url}/end`), post);
    expect(same.made[1].headers).toContain(`authorization: ${KEY}`);
    const away = await expectSame(redirectTo(307, `${other.url}/end`), { ...post, headers: { ...post.headers, Cookie: 'a=b', 'Proxy-Authorization': 'Basic x' } });
    expect(away.made).toHaveLength(2);
    expect(away.made[1]).toMatchObject({ method: 'POST', body: '{"a":1}' });
    expect(JSON.stringify(away.made[1])).not.toMatch(/sk-or|cookie|Basic/i);
  });

  test('without the key also when another origin redirects back', async () => {
    const back = `${other.url}/to?${new URLSearchParams({ status: 307, location: `${server.url}/end` })}`;
    const { made } = await expectSame(redirectTo(307, back), { headers: post.headers });
    expect(made).toHaveLength(3);
    expect(made.find(({ path }) => path === '/end').headers.join()).not.toMatch(/sk-or/);
  });
});

describe('a redirect discloses less than the fetch standard allows:', () => {
  const calls = () => [...server.requests, ...other.requests].map(({ method, path }) => `${method} ${path}`);

  test('no header whose name says that it contains a secret goes to another origin', async () => {
    const secrets = { 'X-API-Key': 's1', 'api-key': 's2', 'X-Goog-Api-Key': 's3', 'X-Auth-Token': 's4', 'X-A': 'kept' };
    await (await native(redirectTo(307, `${other.url}/end`), { method: 'POST', body: '{}', headers: secrets })).text();
    await (await native(redirectTo(307, '/end'), { headers: secrets })).text();
    const [first, same] = server.requests.map(({ headers }) => headers).filter((_, at) => at !== 1);
    expect([first, same]).toEqual([expect.objectContaining({ 'x-api-key': 's1' }), expect.objectContaining({ 'x-auth-token': 's4' })]);
    expect(JSON.stringify(other.requests[0].headers)).not.toMatch(/"s\d"/);
    expect(other.requests[0].headers).toMatchObject({ 'x-a': 'kept' });
  });

  test('a body is sent at most twice, and never again to the same address', async () => {
    const twice = redirectTo(307, redirectTo(308, '/end').replace(server.url, ''));
    const failure = await failureOf(native(twice, post));
    expect([failure.message, failure.cause.code, calls().length]).toEqual(['fetch failed', 'ERR_FR_TOO_MANY_REDIRECTS', 2]);
    server.requests.length = 0;
    const self = '/to?status=307&location=';
    expect((await failureOf(native(`${server.url}${self}`, post))).cause.message).toMatch(/same address/);
    expect(calls()).toEqual([`POST ${self}`]);
  });

  test('a body to which zdr or dataCollection applies goes to no other origin', async () => {
    for (const options of [{ zdr: true }, { dataCollection: 'deny' }]) {
      server.requests.length = 0;
      const response = await createFetch(options)(redirectTo(307, `${other.url}/end`).replace('/to?', '/responses?'), { ...post, body: '{}' });
      const { error } = await response.json();
      expect([response.status, error.message]).toEqual([400, expect.stringMatching(/another origin.*zdr or dataCollection/)]);
      expect(calls()).toHaveLength(1);
    }
  });

  test('a body does not go from https to http', async () => {
    const secure = https.createServer({ key: IDENTITY, cert: IDENTITY }, (request, response) => {
      response.writeHead(request.url === '/see-other' ? 303 : 307, { Location: `${server.url}/end` }).end();
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    try {
      const url = `https://localhost:${secure.address().port}`;
      const trusting = createFetch({ ca: CA });
      expect((await failureOf(trusting(url, post))).cause.message).toMatch(/from https to http/);
      expect(calls()).toEqual([]);
      expect((await trusting(`${url}/see-other`, post)).status).toBe(200);
      expect(calls()).toEqual(['GET /end']);
      expect(JSON.stringify(server.requests[0].headers)).not.toContain('sk-or-');
    } finally {
      secure.closeAllConnections();
      secure.close();
    }
  });

});

test('a request without a body that becomes a GET has no content-length', async () => {
  await (await native(redirectTo(303, '/end'), { method: 'POST' })).text();
  expect(server.requests.map(({ method, headers }) => [method, headers['content-length']])).toEqual([['POST', '0'], ['GET', undefined]]);
});

describe('a redirect is not followed', () => {
  test.each([301, 303, 307])('in the mode manual: %i is the response', async (status) => {
    const theirs = await stock(redirectTo(status, '/end'), { redirect: 'manual' });
    const ours = await native(redirectTo(status, '/end'), { redirect: 'manual' });
    for (const response of [theirs, ours]) {
      expect(response).toMatchObject({ status, redirected: false, ok: false, url: redirectTo(status, '/end') });
      expect(response.headers.get('location')).toBe('/end');
      expect(await response.text()).toBe('moved');
    }
    expect(server.requests).toHaveLength(2);
  });

  test.each([301, 307])('in the mode error: %i rejects', async (status) => {
    const { outcome, made } = await expectSame(redirectTo(status, '/end'), { redirect: 'error', headers: { Authorization: KEY } });
    expect(outcome).toEqual({ failed: 'TypeError: fetch failed' });
    expect(made).toHaveLength(1);
  });

  test('in the mode of a Request', async () => {
    const request = () => new Request(redirectTo(302, '/end'), { redirect: 'manual' });
    expect((await native(request())).status).toBe(302);
    expect((await native(request(), { redirect: 'follow' })).status).toBe(200);
    expect((await failureOf(native(request(), { redirect: 'error' }))).message).toBe('fetch failed');
  });

  test('without a Location header: it is the response', async () => {
    const { outcome } = await expectSame(redirectTo(302));
    expect(outcome).toMatchObject({ status: 302, text: 'moved', redirected: false });
    await expectSame(redirectTo(302), { redirect: 'error' });
  });

  test.each([304, 300])('by %i, which is not a redirect status, in any mode', async (status) => {
    for (const redirect of ['follow', 'manual', 'error']) {
      const { outcome } = await expectSame(redirectTo(status, '/end'), { redirect });
      expect(outcome.status).toBe(status);
    }
  });

  test.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', 'http://'])('to %s: it rejects', async (location) => {
    const { outcome } = await expectSame(redirectTo(302, location), { headers: { Authorization: KEY } });
    expect(outcome).toEqual({ failed: 'TypeError: fetch failed' });
  });
});
