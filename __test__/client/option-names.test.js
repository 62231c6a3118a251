'use strict';

const express = require('express');

const { OpenRouterClient, OpenRouterError, createFetch, explainPrivacy } = require('../..');
const { openrouterRouter } = require('../../adapters/express');
const { ChatOpenRouter } = require('../../adapters/langchain');
const { configureAgents, createOpenRouterClient, createOpenRouterService } = require('../../adapters/librechat');
const { LIBRECHAT_OPTIONS } = require('../../lib/librechat-names.js');
const BaseClient = require('../librechat/app/old/app/clients/BaseClient.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');

const KEY = 'sk-or-v1-limit-option-names';
const CANARY = 'canary-value';

let restore;
beforeEach(() => { restore = cleanEnvironment(); });
afterEach(() => restore());

/** Everything that takes options, each with the others that it needs. */
const DOORS = {
  'new OpenRouterClient(key, options)': (options) => new OpenRouterClient(KEY, options),
  'new OpenRouterClient(options)': (options) => new OpenRouterClient({ apiKey: KEY, ...options }),
  createFetch: (options) => createFetch(options),
  ChatOpenRouter: (options) => new ChatOpenRouter({ apiKey: KEY, model: 'a/b', ...options }),
  'ChatOpenRouter with a model as its first argument': (options) => new ChatOpenRouter('a/b', { apiKey: KEY, ...options }),
  openrouterRouter: (options) => openrouterRouter({ client: new OpenRouterClient(KEY), auth: (_req, _res, next) => next(), express, ...options }),
  configureAgents: (options) => configureAgents({ llmConfig: {}, configOptions: {} }, options),
  'createOpenRouterClient of LibreChat': (options) => createOpenRouterClient({ BaseClient, ...options }),
  createOpenRouterService: (options) => createOpenRouterService(options),
  explainPrivacy: (options) => explainPrivacy(options),
};
const withoutModel = Object.keys(DOORS).filter((name) => !name.startsWith('ChatOpenRouter'));

/** Doors, a misspelt option, and the sentence of the message after the name. */
const MISSPELT = [
  ['new OpenRouterClient(key, options)', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
  ['new OpenRouterClient(options)', { baseUrl: 'https://gateway.example/v1' }, 'Unknown option baseUrl. Did you mean baseURL?'],
  ['new OpenRouterClient(options)', { base_url: 'https://gateway.example/v1' }, 'Unknown option base_url. Did you mean baseURL?'],
  ['new OpenRouterClient(key, options)', { api_key: KEY }, 'Unknown option api_key. Did you mean apiKey?'],
  ['new OpenRouterClient(key, options)', { maxRetires: 1 }, 'Unknown option maxRetires. Did you mean maxRetries?'],
  ['createFetch', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
  ['createFetch', { onusage() {} }, 'Unknown option onusage. Did you mean onUsage?'],
  ['ChatOpenRouter', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
  ['ChatOpenRouter', { baseUrl: 'https://gateway.example/v1' }, 'Unknown option baseUrl. Did you mean baseURL?'],
  ['ChatOpenRouter with a model as its first argument', { dataColection: 'deny' }, 'Unknown option dataColection. Did you mean dataCollection?'],
  ['ChatOpenRouter', { configuration: { baseUrl: 'https://gateway.example/v1' } }, 'Unknown option configuration.baseUrl. Did you mean configuration.baseURL?'],
  ['openrouterRouter', { limts: {} }, 'Unknown option limts. Did you mean limits?'],
  ['configureAgents', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
  ['createOpenRouterClient of LibreChat', { spendToken() {} }, 'Unknown option spendToken. Did you mean spendTokens?'],
  ['createOpenRouterService', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
  ['explainPrivacy', { zrd: true }, 'Unknown option zrd. Did you mean zdr?'],
];

/** Names of other SDKs, and what to use here. */
const FOREIGN = [
  ['new OpenRouterClient(key, options)', { timeout: 5 }, 'Use timeouts: { total: 60_000 }, in milliseconds.'],
  ['new OpenRouterClient(key, options)', { serverURL: 'https://gateway.example' }, 'Use baseURL.'],
  ['new OpenRouterClient(key, options)', { defaultHeaders: {} }, 'Use headers.'],
  ['new OpenRouterClient(key, options)', { httpReferer: 'https://a.example' }, 'Use siteUrl.'],
  ['new OpenRouterClient(key, options)', { appName: 'A' }, 'Use siteName.'],
  ['new OpenRouterClient(key, options)', { xTitle: 'A' }, 'Use siteName.'],
  ['new OpenRouterClient(key, options)', { fetch() {} }, 'HTTP is done by this package. For another SDK there is createFetch(), for a proxy the option proxy.'],
  ['new OpenRouterClient(key, options)', { dangerouslyAllowBrowser: true }, /^This package runs on servers only/],
  ['new OpenRouterClient(key, options)', { organization: 'org' }, 'Leave it out: the key decides which account pays.'],
  ['new OpenRouterClient(key, options)', { model: 'a/b' }, 'It is a parameter of requests. As their default, write modelOptions: { model: … }.'],
  ['new OpenRouterClient(key, options)', { provider: { zdr: true } }, 'It is a parameter of requests. As their default, write modelOptions: { provider: … }.'],
  ['new OpenRouterClient(key, options)', { signal: AbortSignal.abort() }, 'Use it in a call: client.chatCompletion(params, { signal, onProgress }).'],
  ['createFetch', { timeout: 5 }, 'Use timeouts: { total: 60_000 }, in milliseconds.'],
  ['createFetch', { siteName: 'A' }, 'It is an option of OpenRouterClient, which createFetch does not have.'],
  ['createFetch', { apiKey: KEY }, 'It is an option of OpenRouterClient, which createFetch does not have.'],
  ['ChatOpenRouter', { defaultHeaders: {} }, 'Use headers.'],
  ['ChatOpenRouter', { modelOptions: {} }, 'It is an option of OpenRouterClient, which ChatOpenRouter does not have.'],
  ['openrouterRouter', { apiKey: KEY }, 'It is an option of OpenRouterClient, which openrouterRouter does not have.'],
  ['configureAgents', { timeout: 5 }, 'Use timeouts: { total: 60_000 }, in milliseconds.'],
];

describe('an unknown option is refused', () => {
  test.each(MISSPELT)('by %s: %p, with the name that was most likely meant', async (door, options, message) => {
    const error = await failureOf(() => DOORS[door](options));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code: 'invalid_option', message });
    expect(error.stack).toContain(__filename);
  });

  test.each(FOREIGN)('by %s: %p, with what to use instead', async (door, options, advice) => {
    const error = await failureOf(() => DOORS[door](options));
    const [name] = Object.keys(options);
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(`Unknown option ${name}. `) });
    expect(error.message.replace(`Unknown option ${name}. `, '')).toEqual(typeof advice === 'string' ? advice : expect.stringMatching(advice));
  });

  test.each(withoutModel)('by %s also if it resembles no other, with the list of options', async (door) => {
    const error = await failureOf(() => DOORS[door]({ quuxification: CANARY }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(/^Unknown option quuxification\. \w+ has the options \w+(, \w+)+\.$/) });
    for (const name of LIBRECHAT_OPTIONS) expect(error.message).not.toMatch(new RegExp(`\\b${name}\\b`));
    expect(shownOf(error).replaceAll(__filename, '')).not.toContain(CANARY);
  });

  test.each(Object.keys(DOORS))('by %s only if it has a value: null and undefined mean absent', (door) => {
    expect(() => DOORS[door]({ zrd: null, baseUrl: undefined })).not.toThrow();
  });

  test.each([
    [{ timeouts: { header: 5 } }, 'Unknown option timeouts.header. Did you mean timeouts.headers?'],
    [{ timeouts: { read: 5 } }, 'Unknown option timeouts.read. timeouts has the fields connect, headers, idle, total.'],
    [{ cache: { ttl: 5 } }, 'Unknown option cache.ttl. cache has the fields creditsTTL, modelsTTL.'],
    [{ cache: { modelTTL: 5 } }, 'Unknown option cache.modelTTL. Did you mean cache.modelsTTL?'],
    [{ rateLimit: { rpm: 5 } }, 'Unknown option rateLimit.rpm. rateLimit has the fields requestsPerMinute.'],
  ])('within an option: %j', async (options, message) => {
    expect(await failureOf(() => new OpenRouterClient(KEY, options))).toMatchObject({ code: 'invalid_option', message });
  });

  test('within the rules of a router', async () => {
    const make = (rules) => () => DOORS.openrouterRouter(rules);
    expect((await failureOf(make({ allow: { model: ['a/b'] } }))).message).toBe('Unknown option allow.model. Did you mean allow.models?');
    expect((await failureOf(make({ limits: { maxTokens: 5 } }))).message).toBe('Unknown option limits.maxTokens. Did you mean limits.max_tokens?');
    expect((await failureOf(make({ limits: { max_price: { promt: 5 } } }))).message).toBe('Unknown option limits.max_price.promt. Did you mean limits.max_price.prompt?');
  });

  test('and its name is not repeated if it may be a key or a sentence', async () => {
    for (const name of ['sk-or-v1-canary-0123456789', `${CANARY} of a prompt`, CANARY.repeat(20)]) {
      const error = await failureOf(() => new OpenRouterClient(KEY, { [name]: 1 }));
      expect(error.code).toBe('invalid_option');
      expect(error.message).not.toContain('canary');
    }
  });

  test('with options that are no object, or that are given twice', async () => {
    for (const given of ['text', 5, true, ['zdr'], () => {}]) {
      expect(await failureOf(() => new OpenRouterClient(KEY, given))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('options') });
      expect(await failureOf(() => createFetch(given))).toMatchObject({ code: 'invalid_option' });
    }
    const twice = await failureOf(() => new OpenRouterClient({ apiKey: KEY }, { zdr: true }));
    expect(twice).toMatchObject({ code: 'invalid_option', message: 'Invalid option options: expected one object, with apiKey in it.' });
  });
});

describe('the names of LibreChat', () => {
  test('are known to the client, which keeps them and does not read them', () => {
    const options = Object.fromEntries(LIBRECHAT_OPTIONS.map((name) => [name, name === 'endpointOption' ? {} : 'x']));
    const client = new OpenRouterClient(KEY, { ...options, openRouterApiKey: KEY });
    expect(client.options).toMatchObject(options);
    expect({ ...client }).toEqual({ ...new OpenRouterClient(KEY) });
  });

  test('are suggested by no message', async () => {
    // It resembles `endpointType` and `titleModel`.
    for (const name of ['endpointTyp', 'titleModels']) expect((await failureOf(() => new OpenRouterClient(KEY, { [name]: 1 }))).message).not.toContain('Did you mean');
  });

  describe("in LibreChat's own class", () => {
    const lines = [];
    const logger = { warn: (line) => lines.push(line) };
    const Client = createOpenRouterClient({ BaseClient, logger });
    beforeEach(() => { lines.length = 0; });

    test('are accepted without a word', () => {
      const options = Object.fromEntries(LIBRECHAT_OPTIONS.map((name) => [name, name === 'endpointOption' ? {} : undefined]));
      new Client(KEY, { ...options, provider: { zdr: true }, key: 'x', titleModel: 'a/b', req: {}, res: {} });
      expect(lines).toEqual([]);
    });

    test('an unknown option leads to one warning in the life of the process', () => {
      for (let i = 0; i < 3; i += 1) new Client(KEY, { baseUrl: 'https://gateway.example/v1', quuxification: CANARY }).setOptions({ quuxification: CANARY });
      expect(lines).toEqual([
        '[OpenRouterClient] Unknown option baseUrl. Did you mean baseURL? It has no effect.',
        expect.stringMatching(/^\[OpenRouterClient\] Unknown option quuxification\. .* It has no effect\.$/),
      ]);
    });

    test.each([['zrd', true], ['ZDR', true], ['dataColection', 'deny'], ['data_collection', 'deny'], ['zeroDataRetention', true]])(
      '%s is refused each time, because it is most likely a privacy setting', async (name, value) => {
        for (let i = 0; i < 2; i += 1) {
          expect(await failureOf(() => new Client(KEY, { [name]: value }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(`Unknown option ${name}.`) });
          expect(await failureOf(() => new Client(KEY).setOptions({ [name]: value }))).toMatchObject({ code: 'invalid_option' });
        }
        expect(lines).toEqual([]);
      },
    );
  });
});

describe('ChatOpenRouter', () => {
  test('passes unknown fields on to ChatOpenAI if they resemble none of this package', () => {
    expect(() => DOORS.ChatOpenRouter({ quuxification: 1, thinking: {}, promptCache: true, topK: 5, configuration: { quux: 1 } })).not.toThrow();
  });

  test('knows every field that ChatOpenAI declares', () => {
    const ts = require('typescript');
    const { CHAT_OPENAI } = require('../../adapters/langchain/names.js');
    const source = "import type { ChatOpenAIFields } from '@langchain/openai'; export declare const fields: Required<ChatOpenAIFields>;";
    const file = `${__dirname}/fields.ts`;
    const options = { strict: true, skipLibCheck: true, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, noEmit: true };
    const host = ts.createCompilerHost(options);
    const own = (name) => name.replaceAll('\\', '/') === file.replaceAll('\\', '/');
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (name) => own(name) || fileExists(name);
    host.readFile = (name) => (own(name) ? source : readFile(name));
    host.getSourceFile = (name, ...rest) => (own(name) ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest));
    const program = ts.createProgram([file], options, host);
    const checker = program.getTypeChecker();
    const [symbol] = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
    const declared = checker.getTypeOfSymbol(symbol).getProperties().map(({ name }) => name);
    expect(declared.length).toBeGreaterThan(30);
    expect(declared.filter((name) => !CHAT_OPENAI.includes(name))).toEqual([]);
  });

  test.each(['zrd', 'dataColection'])('refuses %s as an option of a call', async (name) => {
    const model = DOORS.ChatOpenRouter({ baseURL: 'http://127.0.0.1:9/v1' });
    for (const ask of [() => model.invoke('hi', { [name]: true }), () => model.withConfig({ [name]: true }).invoke('hi'), () => model.bindTools([], { [name]: true }).invoke('hi')]) {
      expect(await failureOf(ask)).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(/^Unknown option \w+\. Did you mean (zdr|dataCollection)\?$/) });
    }
  });
});
