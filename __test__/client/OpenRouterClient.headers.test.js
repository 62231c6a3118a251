'use strict';

const { OpenRouterClient, OpenRouterError } = require('../..');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');

const KEY = 'sk-or-v1-limit-headers';
const params = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };
const COMPLETION = answer(200, '{"id":"gen-1","model":"openai/gpt-5-mini","choices":[]}');

let restoreEnvironment;
let server;
beforeAll(async () => { server = await startAnsweringServer(() => COMPLETION); });
beforeEach(() => {
  restoreEnvironment = cleanEnvironment();
  server.requests.length = 0;
});
afterEach(() => restoreEnvironment());
afterAll(() => server.close());

const clientWith = (options) => new OpenRouterClient(KEY, { baseURL: server.baseURL, maxRetries: 0, ...options });

/** Sends a chat and returns the headers of its request: for each name, in lower case, the list of its values. */
async function wireHeaders(options, call = {}) {
  await clientWith(options).chatCompletion({ ...params, ...call });
  const [, ...lines] = server.requests.at(-1).lines;
  const headers = {};
  for (const line of lines) {
    const [, name, value] = /^([^:]+): ?(.*)$/s.exec(line);
    (headers[name.toLowerCase()] ??= []).push(value);
  }
  return headers;
}

describe('buildHeaders', () => {
  test('returns the key and the content type, and nothing else', () => {
    expect(clientWith({}).buildHeaders()).toStrictEqual({ Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' });
  });

  test('returns the site, ZDR and the headers of the options where set, in this order', () => {
    const options = { siteUrl: 'https://bees.example', siteName: 'Bees', zdr: true, headers: { 'X-One': '1' } };
    expect(JSON.stringify(clientWith(options).buildHeaders())).toBe(
      `{"Authorization":"Bearer ${KEY}","Content-Type":"application/json","HTTP-Referer":"https://bees.example",` +
        '"X-Title":"Bees","X-OpenRouter-ZDR":"true","X-One":"1"}',
    );
  });

  test('takes the site from the environment', () => {
    Object.assign(process.env, { DOMAIN_CLIENT: 'https://chat.example', OPENROUTER_SITE_NAME: 'Chat' });
    expect(clientWith({}).buildHeaders()).toMatchObject({ 'HTTP-Referer': 'https://chat.example', 'X-Title': 'Chat' });
  });

  test('returns a new object each time', () => {
    const client = clientWith({});
    client.buildHeaders().Authorization = 'gone';
    expect(client.buildHeaders().Authorization).toBe(`Bearer ${KEY}`);
  });

  test("headers of the options replace the client's own in any case, null removes one, numbers and booleans become text", () => {
    const headers = { authorization: 'Bearer gateway', 'content-TYPE': null, 'X-Number': 7, 'X-Flag': false };
    expect(clientWith({ headers }).buildHeaders()).toStrictEqual({ authorization: 'Bearer gateway', 'X-Number': '7', 'X-Flag': 'false' });
  });

  test.each([
    ['upper case last', { 'x-a': '1', 'X-A': '2' }, { 'X-A': '2' }],
    ['lower case last', { 'X-A': '1', 'x-a': '2' }, { 'x-a': '2' }],
    ['null last', { 'x-a': '1', 'X-A': null }, {}],
  ])('the last of two names that differ only in case wins: %s', (_, headers, expected) => {
    const { Authorization, 'Content-Type': type, ...rest } = clientWith({ headers }).buildHeaders();
    expect([Authorization, type, rest]).toEqual([`Bearer ${KEY}`, 'application/json', expected]);
  });

  test('accepts Headers, a Map and entries as well as an object', () => {
    const expected = clientWith({ headers: { 'x-a': '1', 'x-b': '2' } }).buildHeaders();
    const entries = [['x-a', '1'], ['x-b', '2']];
    for (const headers of [new Headers(entries), new Map(entries), entries]) {
      expect(clientWith({ headers }).buildHeaders()).toEqual(expected);
    }
  });
});

describe('the headers of a request', () => {
  test('a chat has those of buildHeaders, each once, and requests the routing metadata', async () => {
    const site = { siteUrl: 'https://bees.example', siteName: 'Bees', siteCategories: ['cli-agent', 'chat'] };
    const headers = await wireHeaders({ ...site, zdr: true, headers: { 'X-One': '1' } });
    expect(headers).toEqual({
      authorization: [`Bearer ${KEY}`],
      'content-type': ['application/json'],
      'http-referer': ['https://bees.example'],
      'x-title': ['Bees'],
      'x-openrouter-title': ['Bees'],
      'x-openrouter-categories': ['cli-agent,chat'],
      'x-openrouter-zdr': ['true'],
      'x-one': ['1'],
      'x-openrouter-metadata': ['enabled'],
      'user-agent': [expect.stringMatching(/^openrouter-native\/\d+\.\d+\.\d+$/)],
      'content-length': [String(Buffer.byteLength(server.requests[0].text))],
      host: [`127.0.0.1:${server.port}`],
      accept: ['*/*'],
      'accept-encoding': [expect.any(String)],
    });
  });

  test('a chat with routerMetadata: false does not request the routing metadata', async () => {
    expect(await wireHeaders({ routerMetadata: false })).not.toHaveProperty('x-openrouter-metadata');
  });

  test.each([['Bienenstöcke'], ['日本語 🐝'], ['Ünïcödé "quoted" \\ slash']])('the value %s is sent as UTF-8', async (siteName) => {
    const headers = await wireHeaders({ siteName, headers: { 'X-Own': siteName } }, { headers: { 'X-Call': siteName } });
    expect([headers['x-title'], headers['x-own'], headers['x-call']]).toEqual([[siteName], [siteName], [siteName]]);
  });

  test("headers of a call replace those of the options in any case, and null removes one", async () => {
    const options = { siteName: 'Bees', headers: { 'X-A': 'option', 'X-B': 'option', 'X-C': 'option' } };
    const headers = await wireHeaders(options, { headers: { 'x-a': 'call', 'X-B': null, 'x-TITLE': null, 'X-D': 1 } });
    expect([headers['x-a'], headers['x-b'], headers['x-c'], headers['x-d'], headers['x-title']]).toEqual([['call'], undefined, ['option'], ['1'], undefined]);
    expect(server.requests[0].text).toBe(JSON.stringify({ ...params }));
  });

  test("headers of a call may be a Headers object, and do not change the client", async () => {
    const client = clientWith({ headers: { 'X-A': 'option' } });
    await client.chatCompletion({ ...params, headers: new Headers({ 'X-A': 'call' }) });
    await client.chatCompletion(params);
    expect(server.requests.map(({ head }) => /^x-a: (.*)$/im.exec(head)[1])).toEqual(['call', 'option']);
  });

  test('requests for credits and models have the headers of the options too', async () => {
    const client = clientWith({ siteName: 'Bees', headers: { 'X-A': 'option' }, cache: { creditsTTL: 0, modelsTTL: 0 } });
    await Promise.allSettled([client.getModels(true), client.getCredits(true)]);
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
    for (const { head } of server.requests) {
      expect(head).toMatch(/^GET /);
      expect(head).toMatch(new RegExp(`^authorization: Bearer ${KEY}$`, 'im'));
      expect(head).toMatch(/^x-a: option$/im);
      expect(head).toMatch(/^x-title: Bees$/im);
      expect(head).not.toMatch(/^x-openrouter-metadata/im);
    }
  });
});

describe('refused headers', () => {
  const INJECTIONS = [
    ['CR LF', 'canary\r\nX-Evil: 1'], ['LF', 'canary\nX-Evil: 1'], ['CR', 'canary\rX-Evil: 1'], ['a null byte', 'canary\0'],
  ];

  test.each(INJECTIONS)('%s in a header value of the options is refused', async (_, value) => {
    const error = await failureOf(() => clientWith({ headers: { 'X-A': value } }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('headers.X-A') });
    expect(error.message).not.toContain('canary');
  });

  test.each(INJECTIONS)('%s in a header value of a call is refused without a request', async (_, value) => {
    const error = await failureOf(clientWith({}).chatCompletion({ ...params, headers: { 'X-A': value } }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('headers.X-A') });
    expect(error.message).not.toContain('canary');
    expect(server.requests).toEqual([]);
  });

  test.each([['chat', 'chat'], [[' chat ', '', 'cli-agent'], 'chat,cli-agent'], [[], undefined], ['', undefined]])(
    'the categories %j are sent as %s',
    (siteCategories, sent) => {
      expect(clientWith({ siteCategories }).buildHeaders()['X-OpenRouter-Categories']).toBe(sent);
    },
  );

  test.each(['siteName', 'siteUrl', 'siteCategories'])('a line end in %s is refused with an error that names the option', async (option) => {
    const error = await failureOf(() => clientWith({ [option]: 'canary\r\nX-Evil: 1' }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(option) });
    expect(error.message).not.toContain('canary');
  });

  test.each([['a space', 'X A'], ['a colon', 'X:A'], ['a line end', 'X-A\r\nX-Evil'], ['no characters', ''], ['an umlaut', 'X-Ä']])('a header name with %s is refused', async (_, name) => {
    expect(await failureOf(() => clientWith({ headers: { [name]: '1' } }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('headers') });
    expect((await failureOf(clientWith({}).chatCompletion({ ...params, headers: { [name]: '1' } }))).code).toBe('invalid_option');
    expect(server.requests).toEqual([]);
  });

  test.each(['Connection', 'content-length', 'Host', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer', 'Transfer-Encoding', 'upgrade'])(
    '%s is refused because it belongs to the connection',
    async (name) => {
      for (const value of ['close', null]) {
        expect(await failureOf(() => clientWith({ headers: { [name]: value } }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
        const error = await failureOf(clientWith({}).chatCompletion({ ...params, headers: { [name]: value } }));
        expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
      }
      expect(server.requests).toEqual([]);
    },
  );

  test.each([['text', 'X-A: 1'], ['a number', 5], ['a list of names', ['X-A']]])('headers of a call that are %s are refused', async (_, headers) => {
    const error = await failureOf(clientWith({}).chatCompletion({ ...params, headers }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('headers') });
    expect(server.requests).toEqual([]);
  });
});
