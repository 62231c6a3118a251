'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient, OpenRouterError, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { CA, CA_FILE } = require('../support/certificates.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { until } = require('../support/until.js');

const KEY = 'sk-or-v1-limit-options';
const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let restoreEnvironment;
let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => restoreEnvironment());
afterAll(() => emulator.close());

/** Returns a logger that records each line as `level message`. */
function recorder() {
  const lines = [];
  const entry = (level) => (message) => lines.push(`${level} ${message}`);
  return { lines, debug: entry('debug'), info: entry('info'), warn: entry('warn'), error: entry('error') };
}

describe('defaults', () => {
  test('apply to a client that gets only a key', () => {
    const client = new OpenRouterClient(KEY);
    expect({ ...client }).toMatchObject({
      baseURL: 'https://openrouter.ai/api/v1',
      modelOptions: {},
      autoRouter: false,
      zdr: false,
      cacheSettings: { creditsTTL: 300_000, modelsTTL: 3_600_000 },
      usage: null,
      actualModelUsed: null,
      inputTokensKey: 'prompt_tokens',
      outputTokensKey: 'completion_tokens',
    });
    expect([client.siteUrl, client.siteName]).toEqual([undefined, undefined]);
    expect(client.apiKey).toBe(KEY);
    expect(client.getActualModelUsed()).toBeNull();
  });

  test('apply to each option that is null or undefined', () => {
    const names = ['baseURL', 'siteUrl', 'siteName', 'siteCategories', 'modelOptions', 'autoRouter', 'zdr', 'dataCollection', 'headers', 'modelsPerRequest',
      'routerMetadata', 'allowInsecureHttp', 'proxy', 'ca', 'timeouts', 'maxRetries', 'cache', 'networkThreads', 'maxEventBytes', 'maxResponseBytes',
      'rateLimit', 'logger', 'openRouterApiKey', 'endpointOption'];
    const plain = { ...new OpenRouterClient(KEY) };
    expect({ ...new OpenRouterClient(KEY, Object.fromEntries(names.map((name) => [name, null]))) }).toEqual(plain);
    expect({ ...new OpenRouterClient(KEY, Object.fromEntries(names.map((name) => [name, undefined]))) }).toEqual(plain);
    expect({ ...new OpenRouterClient(KEY, null) }).toEqual(plain);
  });

  test('both forms of the constructor make the same client', () => {
    const options = { siteName: 'Bees', zdr: true, modelOptions: { model: MODEL }, cache: { creditsTTL: 5, modelsTTL: 0 } };
    const [one, two] = [new OpenRouterClient(KEY, options), new OpenRouterClient({ apiKey: KEY, ...options })];
    expect({ ...one }).toEqual({ ...two });
    expect([one.apiKey, one.buildHeaders()]).toEqual([two.apiKey, two.buildHeaders()]);
    expect(one).toMatchObject({ siteName: 'Bees', zdr: true, modelOptions: { model: MODEL }, cacheSettings: { creditsTTL: 5, modelsTTL: 0 } });
  });
});

describe('the key', () => {
  test('is openRouterApiKey, else the argument, else apiKey, else that of the environment', () => {
    process.env.OPENROUTER_API_KEY = 'sk-or-env';
    const keyOf = (...given) => new OpenRouterClient(...given).apiKey;
    expect(keyOf('sk-or-argument', { openRouterApiKey: 'sk-or-librechat', apiKey: 'sk-or-option' })).toBe('sk-or-librechat');
    expect(keyOf({ openRouterApiKey: 'sk-or-librechat', apiKey: 'sk-or-option' })).toBe('sk-or-librechat');
    expect(keyOf('sk-or-argument', { apiKey: 'sk-or-option' })).toBe('sk-or-argument');
    expect(keyOf(undefined, { apiKey: 'sk-or-option' })).toBe('sk-or-option');
    expect(keyOf()).toBe('sk-or-env');
    expect(keyOf({})).toBe('sk-or-env');
  });

  test('is trimmed, also that of the environment', () => {
    expect(new OpenRouterClient(` ${KEY}\n`).apiKey).toBe(KEY);
    process.env.OPENROUTER_API_KEY = `\t${KEY} `;
    expect(new OpenRouterClient().buildHeaders().Authorization).toBe(`Bearer ${KEY}`);
  });

  test.each([
    ['no argument', []],
    ['an empty key', ['']],
    ['white space', [' \n ']],
    ['null', [null]],
    ["LibreChat's placeholder", ['user_provided']],
    ["LibreChat's placeholder in two options", [{ openRouterApiKey: 'user_provided', apiKey: ' user_provided ' }]],
  ])('%s throws missing_api_key', async (_, given) => {
    const error = await failureOf(() => new OpenRouterClient(...given));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ name: 'OpenRouterError', code: 'missing_api_key', message: expect.stringContaining('OPENROUTER_API_KEY') });
  });

  test("LibreChat's placeholder gives way to a real key", () => {
    expect(new OpenRouterClient('user_provided', { apiKey: KEY }).apiKey).toBe(KEY);
    process.env.OPENROUTER_API_KEY = 'sk-or-env';
    expect(new OpenRouterClient('user_provided').apiKey).toBe('sk-or-env');
  });

  test.each([
    ['a line end', 'sk-or-canary\r\nX-Evil: 1'],
    ['a space', 'sk-or canary'],
    ['a letter outside ASCII', 'sk-or-canary-ä'],
    ['a null byte', 'sk-or-canary\0'],
    ['an object as its value', { canary: 1 }],
  ])('with %s throws invalid_api_key, and is not in the error', async (_, apiKey) => {
    const error = await failureOf(() => new OpenRouterClient({ apiKey }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error.code).toBe('invalid_api_key');
    expect(shownOf(error).replaceAll(__filename, '')).not.toContain('canary');
  });

  test('is readable, not enumerable, and redacted wherever a client is printed', () => {
    const key = 'sk-or-v1-canary-0123456789';
    const client = new OpenRouterClient({ apiKey: key, siteName: 'Bees', headers: { 'X-A': 'b' } });
    expect(client.apiKey).toBe(key);
    expect(Object.keys(client)).not.toContain('apiKey');
    expect(Object.values({ ...client })).not.toContain(key);
    expect(JSON.parse(JSON.stringify(client))).toMatchObject({ apiKey: '[REDACTED]', siteName: 'Bees' });
    expect(inspect(client)).toMatch(/^OpenRouterClient .*apiKey: '\[REDACTED\]'/s);
    expect(shownOf({ deep: [{ client }] })).not.toContain('canary');
    expect(inspect(client, { customInspect: false, showHidden: true, depth: Infinity })).not.toContain('canary');
  });
});

describe('baseURL', () => {
  test.each([
    ['https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1'],
    ['https://eu.openrouter.ai/api/v1', 'https://eu.openrouter.ai/api/v1'],
    [' https://gateway.example:8443/or// ', 'https://gateway.example:8443/or'],
    ['http://127.0.0.1:8787/api/v1', 'http://127.0.0.1:8787/api/v1'],
    ['http://127.8.9.10:1/v1', 'http://127.8.9.10:1/v1'],
    ['http://localhost:8787/api/v1/', 'http://localhost:8787/api/v1'],
    ['http://[::1]:8787/v1', 'http://[::1]:8787/v1'],
  ])('%s is accepted', (baseURL, expected) => {
    expect(new OpenRouterClient(KEY, { baseURL }).baseURL).toBe(expected);
  });

  test.each([
    ['plain http to another machine', 'http://canary.example/api/v1'],
    ['plain http to a name that only looks local', 'http://localhost.canary.example/api/v1'],
    ['plain http to a name that begins with a local address', 'http://127.0.0.1.canary.example/api/v1'],
    ['a user in front of the host', 'https://openrouter.ai@canary.example/api/v1'],
    ['a password', 'http://canary:secret@127.0.0.1/api/v1'],
    ['another protocol', 'ftp://canary.example/'],
    ['a path without a host', '/canary/api/v1'],
    ['text that is no URL', 'canary'],
    ['a query', 'https://openrouter.ai/api/v1?canary=1'],
  ])('%s is refused, and the value is not in the message', async (_, baseURL) => {
    const error = await failureOf(() => new OpenRouterClient(KEY, { baseURL }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('baseURL') });
    expect(error.message).not.toMatch(/canary|secret/);
  });

  test.each([
    ['https://openrouter.ai', 'https://openrouter.ai/api/v1.'],
    ['https://openrouter.ai/v1/', 'https://openrouter.ai/api/v1.'],
    ['https://openrouter.ai/api', 'https://openrouter.ai/api/v1.'],
    ['https://openrouter.ai/chat/completions', 'https://openrouter.ai/api/v1.'],
    ['https://openrouter.ai/api/v1/chat/completions', 'https://openrouter.ai/api/v1.'],
    ['https://openrouter.ai/api/v1/models', 'https://openrouter.ai/api/v1.'],
    ['https://EU.openrouter.ai/', 'https://eu.openrouter.ai/api/v1.'],
    ['https://gateway.example/canary/v1/chat/completions/', 'the URL without /chat/completions at its end, which this client adds.'],
    ['https://gateway.example/v1/responses', 'the URL without /responses at its end, which this client adds.'],
    ['http://127.0.0.1:8787/v1/messages', 'the URL without /messages at its end, which this client adds.'],
  ])('%s is no address of an API, and the message names the right one', async (address, right) => {
    const make = (options) => new OpenRouterClient(KEY, options);
    const error = await failureOf(() => make({ baseURL: address }));
    expect(error).toMatchObject({ code: 'invalid_option', message: `Invalid option baseURL: expected ${right}` });
    process.env.OPENROUTER_BASE_URL = address;
    expect((await failureOf(() => make({}))).message).toBe(error.message);
  });

  test.each(['https://openrouter.ai.example/v1', 'https://gateway.example/openrouter.ai', 'https://gateway.example/messages/v1', 'https://openrouter.ai/api/v2'])(
    '%s is an address of an API', (baseURL) => {
      expect(new OpenRouterClient(KEY, { baseURL }).baseURL).toBe(baseURL);
    },
  );

  test('plain http to another machine is accepted only with allowInsecureHttp: true', async () => {
    const baseURL = 'http://gateway.example/api/v1';
    expect(new OpenRouterClient(KEY, { baseURL, allowInsecureHttp: true }).baseURL).toBe(baseURL);
    expect((await failureOf(() => new OpenRouterClient(KEY, { baseURL, allowInsecureHttp: false }))).code).toBe('invalid_option');
  });

  test('comes from OPENROUTER_BASE_URL, by the same rules, unless the option is set', async () => {
    process.env.OPENROUTER_BASE_URL = 'https://env.example/v1/';
    expect(new OpenRouterClient(KEY).baseURL).toBe('https://env.example/v1');
    expect(new OpenRouterClient(KEY, { baseURL: 'https://option.example' }).baseURL).toBe('https://option.example');
    process.env.OPENROUTER_BASE_URL = 'http://env.example/v1';
    expect((await failureOf(() => new OpenRouterClient(KEY))).code).toBe('invalid_option');
    process.env.OPENROUTER_BASE_URL = '';
    expect(new OpenRouterClient(KEY).baseURL).toBe('https://openrouter.ai/api/v1');
  });
});

describe('the environment', () => {
  test('siteUrl is the option, else OPENROUTER_SITE_URL, else DOMAIN_CLIENT', () => {
    process.env.DOMAIN_CLIENT = 'https://chat.example';
    expect(new OpenRouterClient(KEY).siteUrl).toBe('https://chat.example');
    process.env.OPENROUTER_SITE_URL = 'https://site.example';
    expect(new OpenRouterClient(KEY).siteUrl).toBe('https://site.example');
    expect(new OpenRouterClient(KEY, { siteUrl: 'https://option.example' }).siteUrl).toBe('https://option.example');
  });

  test('siteName is the option, else OPENROUTER_SITE_NAME', () => {
    process.env.OPENROUTER_SITE_NAME = 'Env';
    expect(new OpenRouterClient(KEY).siteName).toBe('Env');
    expect(new OpenRouterClient(KEY, { siteName: 'Option' }).siteName).toBe('Option');
  });

  test('a TTL of the cache is the option, else the variable, else the default', () => {
    Object.assign(process.env, { OPENROUTER_CACHE_TTL_CREDITS: '1000', OPENROUTER_CACHE_TTL_MODELS: '0' });
    expect(new OpenRouterClient(KEY).cacheSettings).toEqual({ creditsTTL: 1000, modelsTTL: 0 });
    expect(new OpenRouterClient(KEY, { cache: { modelsTTL: 7 } }).cacheSettings).toEqual({ creditsTTL: 1000, modelsTTL: 7 });
    expect(new OpenRouterClient(KEY, { cache: { creditsTTL: 0 } }).cacheSettings).toEqual({ creditsTTL: 0, modelsTTL: 0 });
  });

  test.each([['words'], ['12px'], ['-1'], ['NaN'], ['Infinity']])('a variable with the TTL %s gives the default, with a warning', async (value) => {
    Object.assign(process.env, { OPENROUTER_CACHE_TTL_CREDITS: value, OPENROUTER_CACHE_TTL_MODELS: value });
    const logger = recorder();
    const client = new OpenRouterClient(KEY, { logger });
    expect(client.cacheSettings).toEqual({ creditsTTL: 300_000, modelsTTL: 3_600_000 });
    const warnings = await until(() => logger.lines.length >= 3 && logger.lines.filter((line) => line.startsWith('warn ')), 'it has warned');
    expect(warnings).toEqual([
      expect.stringMatching(/^warn \[OpenRouter\] .*OPENROUTER_CACHE_TTL_CREDITS.*300000/),
      expect.stringMatching(/^warn \[OpenRouter\] .*OPENROUTER_CACHE_TTL_MODELS.*3600000/),
    ]);
  });

});

describe('use by LibreChat', () => {
  test('its options, also circular ones, are kept and never sent', async () => {
    const req = { body: { canary: true } };
    req.self = req;
    const res = { req, write() {} };
    const endpointOption = { req, modelOptions: { res }, canary: 1 };
    const options = { req, res, endpointOption, resendFiles: true, promptPrefix: 'canary', apiKey: `${KEY}-kept`, baseURL: emulator.baseURL };
    const client = new OpenRouterClient(options);
    expect(client.options).toBe(options);
    expect(Object.keys(client)).not.toContain('options');
    expect(JSON.stringify(client)).not.toContain('canary');
    await client.chatCompletion({ model: MODEL, messages });
    expect(JSON.parse(emulator.requests[0].rawBody)).toEqual({ model: MODEL, messages });
    expect(JSON.stringify(emulator.requests[0].headers)).not.toContain('canary');
  });

  test('a subclass can change the options and override chatCompletion', async () => {
    class Extended extends OpenRouterClient {
      constructor(key, options) {
        super(key, { ...options, siteName: 'Extended' });
        this.sender = 'Bee';
      }

      async chatCompletion(params) {
        const completion = await super.chatCompletion({ ...params, temperature: 0.5 });
        return { ...completion, sender: this.sender };
      }
    }
    const client = new Extended(`${KEY}-extended`, { baseURL: emulator.baseURL });
    expect(client).toBeInstanceOf(OpenRouterClient);
    const completion = await client.chatCompletion({ model: MODEL, messages });
    expect(completion).toMatchObject({ sender: 'Bee', model: MODEL });
    expect(emulator.requests[0]).toMatchObject({ body: { temperature: 0.5 }, headers: { 'x-title': 'Extended' } });
    expect(client.usage).toEqual(completion.usage);
    expect(inspect(client)).toMatch(/^Extended .*sender: 'Bee'/s);
    expect(inspect(client)).not.toContain(KEY);
    client.usage = null;
    expect(client.usage).toBeNull();
  });
});

describe('the settings of a client', () => {
  const SETTINGS = { apiKey: 'sk-or-v1-other', baseURL: 'https://other.example', siteUrl: 'x', siteName: 'x', modelOptions: {}, autoRouter: true, zdr: true, cacheSettings: {} };

  test.each(Object.entries(SETTINGS))('an assignment to %s throws and changes nothing, because no request would have it', async (name, value) => {
    const client = new OpenRouterClient(KEY, { modelOptions: { model: MODEL } });
    const before = client[name];
    const error = await failureOf(() => { client[name] = value; });
    expect(error).toMatchObject({ name: 'OpenRouterError', code: 'invalid_option', message: expect.stringContaining(`client.${name} is read-only`) });
    expect(client[name]).toBe(before);
    class Subclass extends OpenRouterClient {}
    Object.defineProperty(Subclass.prototype, 'own', { value: 1 });
    expect(() => { new Subclass(KEY)[name] = value; }).toThrow(error.message);
  });

  test('are enumerable, except the key, and cannot be hidden by a field of a subclass', () => {
    const client = new OpenRouterClient(KEY);
    for (const name of Object.keys(SETTINGS)) expect([name, Object.keys(client).includes(name)]).toEqual([name, name !== 'apiKey']);
    class WithField extends OpenRouterClient {
      zdr = true;
    }
    expect(() => new WithField(KEY)).toThrow(TypeError);
  });
});

describe('invalid options', () => {
  const canary = 'canary-value';
  test.each([
    ['baseURL', 424242], ['siteUrl', { canary }], ['siteName', [canary]],
    ['modelOptions', canary], ['modelOptions', [canary]],
    ['autoRouter', canary], ['zdr', canary], ['zdr', 1], ['dataCollection', canary], ['dataCollection', true],
    ['headers', 424242], ['headers', canary], ['headers', [canary]], ['headers.X-A', { 'X-A': { canary } }, 'headers'],
    ['headers', { [canary + ' ']: 'x' }], ['headers.X-A', { 'X-A': `${canary}\r\nX-B: 1` }, 'headers'],
    ['modelsPerRequest', canary], ['modelsPerRequest', -1], ['modelsPerRequest', 1.5],
    ['routerMetadata', canary], ['allowInsecureHttp', canary],
    ['proxy', 424242], ['proxy', `ftp://user:${canary}@proxy.example`], ['proxy', `http://${canary}:port`],
    ['ca', 424242], ['ca', { canary }],
    ['timeouts', canary], ['timeouts.idle', { idle: canary }, 'timeouts'], ['timeouts.connect', { connect: -1 }, 'timeouts'], ['timeouts.nope', { nope: 1 }, 'timeouts'],
    ['maxRetries', canary], ['maxRetries', Infinity], ['maxRetries', -1], ['maxRetries', 0.5],
    ['cache', canary], ['cache.creditsTTL', { creditsTTL: canary }, 'cache'], ['cache.creditsTTL', { creditsTTL: NaN }, 'cache'],
    ['cache.creditsTTL', { creditsTTL: -1 }, 'cache'], ['cache.modelsTTL', { modelsTTL: 1.5 }, 'cache'], ['cache.modelsTTL', { modelsTTL: '300000' }, 'cache'],
    ['cache.modelsTTL', { modelsTTL: Infinity }, 'cache'], ['maxEventBytes', canary], ['maxEventBytes', -1], ['maxEventBytes', 0], ['maxEventBytes', 1.5],
    ['maxEventBytes', '424242'], ['maxResponseBytes', canary], ['maxResponseBytes', 0], ['timeouts.total', { total: '424242' }, 'timeouts'],
    ['networkThreads', canary], ['networkThreads', 0], ['networkThreads', 17], ['networkThreads', 1.5], ['networkThreads', -1],
    ['rateLimit', canary], ['rateLimit', 424242], ['rateLimit.requestsPerMinute', { requestsPerMinute: canary }, 'rateLimit'],
    ['logger', canary], ['logger', 424242],
  ])('%s: %p throws invalid_option, which names the option and hides the value', async (name, value, option = name) => {
    const error = await failureOf(() => new OpenRouterClient(KEY, { [option]: value }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
    expect(shownOf(error)).not.toMatch(/canary-value|424242/);
    expect(error.stack).toContain(__filename);
  });

  test.each([
    ['the path of a file', CA_FILE, "the text of a PEM file, not its path: fs.readFileSync(path, 'utf8')."],
    ['a path in a list', [CA, CA_FILE], "the text of a PEM file, not its path: fs.readFileSync(path, 'utf8')."],
    ['a private key without a certificate', CA.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'PEM certificates (-----BEGIN CERTIFICATE-----).'],
    ['a certificate that was cut', CA.slice(0, 200), 'PEM certificates (-----BEGIN CERTIFICATE-----).'],
    ['a certificate with other bytes in it', '-----BEGIN CERTIFICATE-----\nYmVlcw==\n-----END CERTIFICATE-----\n', 'PEM certificates (-----BEGIN CERTIFICATE-----).'],
  ])('ca: %s is refused when the client is made, each time', async (_, ca, expected) => {
    for (const make of [() => new OpenRouterClient(KEY, { ca }), () => createFetch({ ca }), () => new OpenRouterClient(KEY, { ca: Buffer.from(String(ca)) })].slice(0, Array.isArray(ca) ? 2 : 3)) {
      new OpenRouterClient(KEY, { ca: CA });
      expect(await failureOf(make)).toMatchObject({ code: 'invalid_option', message: `Invalid option ca: expected ${expected}` });
    }
  });

  test('ca: text, bytes and lists of both are accepted, and a blank text counts as absent', () => {
    for (const ca of [CA, Buffer.from(CA), [CA, Buffer.from(CA)], '', [], [' ']]) expect(() => new OpenRouterClient(KEY, { ca })).not.toThrow();
  });

  test.each([[{ timeouts: { idle: 2 ** 40, total: Number.MAX_SAFE_INTEGER } }], [{ maxEventBytes: 1, maxResponseBytes: Number.MAX_SAFE_INTEGER }], [{ cache: { creditsTTL: 0, modelsTTL: Number.MAX_SAFE_INTEGER } }], [{ maxRetries: 2 ** 40 }]])(
    '%j is accepted, and a request works with it', async (options) => {
      const { maxEventBytes, ...others } = options;
      const client = new OpenRouterClient(KEY, { baseURL: emulator.baseURL, ...others });
      new OpenRouterClient(KEY, { maxEventBytes });
      expect((await client.chatCompletion({ model: MODEL, messages })).model).toBe(MODEL);
    },
  );

  // JSON drops functions, symbols and bigints, and writes NaN as null, which would count as absent.
  const UNSENDABLE = [['a function', () => {}], ['a symbol', Symbol('x')], ['a bigint', 10n], ['NaN', NaN], ['Infinity', Infinity]];
  test.each(UNSENDABLE)('%s as the value of an option or a header is refused by its name', async (_, value) => {
    for (const name of ['baseURL', 'siteUrl', 'siteName', 'autoRouter', 'zdr', 'dataCollection', 'proxy', 'maxRetries', 'headers', 'ca']) {
      expect([name, await failureOf(() => new OpenRouterClient(KEY, { [name]: value }))]).toEqual([name, expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(name) })]);
    }
    const client = new OpenRouterClient(KEY, { baseURL: emulator.baseURL });
    for (const headers of [{ 'X-A': value }, [['X-A', value]], Object.assign(Object.create(null), { 'X-A': value })]) {
      for (const work of [() => new OpenRouterClient(KEY, { headers }), () => client.chatCompletion({ model: MODEL, messages, headers })]) {
        expect(await failureOf(work)).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('headers.X-A') });
      }
    }
    expect(emulator.requests).toHaveLength(0);
  });

  test('undefined within an option gives the default instead', async () => {
    for (const options of [{ timeouts: { total: undefined } }, { cache: { creditsTTL: undefined } }, { headers: { 'X-Team': undefined } }, { rateLimit: { requestsPerMinute: undefined } }]) {
      expect(new OpenRouterClient(KEY, options).cacheSettings).toEqual({ creditsTTL: 300_000, modelsTTL: 3_600_000 });
      if (options.timeouts) expect(typeof createFetch(options)).toBe('function');
    }
  });

  test('modelOptions that JSON cannot represent throw invalid_option', async () => {
    const circular = {};
    circular.self = circular;
    for (const modelOptions of [circular, { seed: 10n }]) {
      expect(await failureOf(() => new OpenRouterClient(KEY, { modelOptions }))).toMatchObject({ name: 'OpenRouterError', code: 'invalid_option' });
    }
  });
});
