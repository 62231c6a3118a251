'use strict';

const { startEmulator } = require('../../emulator');
const { openrouterRouter } = require('../../adapters/express');
const { App, VERSIONS, admitAll, chatBody, newClient } = require('./support/express-app');
const { failureOf } = require('../support/outcomes');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('openrouterRouter() throws for a wrong rule, which would not hold', () => {
  test.each([
    ['allow', { allow: [] }],
    ['allow', { allow: 'openai/*' }],
    ['allow.model', { allow: { model: ['openai/*'] } }],
    ['allow.models', { allow: { models: 'openai/*' } }],
    ['allow.models', { allow: { models: [/openai/] } }],
    ['allow.parameters', { allow: { parameters: [''] } }],
    ['limits', { limits: 5 }],
    ['limits.maxTokens', { limits: { maxTokens: 5 } }],
    ['limits.toString', { limits: { toString: 5 } }],
    ['limits.max_tokens', { limits: { max_tokens: 0 } }],
    ['limits.max_tokens', { limits: { max_tokens: '5' } }],
    ['limits.n', { limits: { n: 1.5 } }],
    ['limits.max_price', { limits: { max_price: 1 } }],
    ['limits.max_price.prompt', { limits: { max_price: { prompt: NaN } } }],
    ['limits.max_price.tokens', { limits: { max_price: { tokens: 1 } } }],
    ['limits.plugins', { limits: { plugins: false } }],
    ['limits.tools', { limits: { tools: 'function' } }],
    ['limts', { limts: { max_tokens: 5 } }],
  ])('%s', async (name, options) => {
    const error = await failureOf(() => openrouterRouter({ client: newClient(emulator), auth: admitAll, ...options }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(`^(Invalid option ${name.replaceAll('.', '\\.')} of openrouterRouter: |Unknown option ${name.replaceAll('.', '\\.')}\\. )`) });
  });
});

describe.each(VERSIONS)('%s: what a browser may ask for', (_, express) => {
  /** Sends chats to an application with these options, one after another; returns the answers. */
  async function answersTo(options, chats, clientOptions) {
    const app = await App.start(express, { client: newClient(emulator, clientOptions), ...options });
    const answers = [];
    for (const params of chats) answers.push(await app.chat(params));
    await app.close();
    return answers;
  }

  /** Expects a 400 that names the field for each chat, and that nothing is sent. */
  async function expectRefused(options, cases) {
    const answers = await answersTo(options, cases.map(([params]) => params));
    expect(answers.map(({ status, json }) => [status, json.error.message])).toEqual(cases.map(([, message]) => [400, message]));
    expect(answers[0].json.error.metadata).toEqual({ code: 'invalid_request' });
    expect(emulator.requests).toHaveLength(0);
  }

  /** Expects that each chat is sent; returns the bodies that the API received. */
  async function expectSent(options, chats, clientOptions) {
    const answers = await answersTo(options, chats, clientOptions);
    expect(answers.map(({ status }) => status)).toEqual(chats.map(() => 200));
    return emulator.requests.map(({ body }) => body);
  }

  describe('allow.models', () => {
    const options = { allow: { models: ['openai/*', 'x-ai/grok-4', 'google/*:free', '@preset/ours'] } };
    const not = (field) => `${field} is not one of the models that are allowed here.`;

    test('refuses other models in every place that names one', () => expectRefused(options, [
      [{ model: 'anthropic/claude-sonnet-4' }, not('model')],
      [{ model: 'x-ai/grok-4-fast' }, not('model')],
      [{ model: 'x-ai/grok-4:online' }, not('model')],
      [{ model: 'openai/gpt-5:online' }, not('model')],
      [{ model: 'openai/gpt-5@preset/theirs' }, not('model')],
      [{ model: '@preset/theirs' }, not('model')],
      [{ model: '~openai/gpt-latest' }, not('model')],
      [{ model: ['openai/gpt-5'] }, not('model')],
      [{ model: '' }, not('model')],
      [{ models: ['openai/gpt-5', 'a/b'] }, not('models[1]')],
      [{ models: 'openai/gpt-5' }, 'models must be a list.'],
      [{ autoRouter: true }, not('autoRouter')],
      [{ model: 'openrouter/auto' }, not('model')],
      [{ preset: 'theirs' }, 'preset is not allowed here.'],
      [{ plugins: [{ id: 'fusion', analysis_models: ['openai/gpt-5', 'a/b'] }] }, not('plugins[0].analysis_models')],
      [{ plugins: [{ id: 'auto-router', pin_model: 'a/b' }] }, not('plugins[0].pin_model')],
      [{ tools: [{ type: 'openrouter:image_generation', parameters: { model: 'a/b' } }] }, not('tools[0].parameters.model')],
      [{ plugins: [JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`)] }, expect.stringContaining('is nested too deeply')],
    ]));

    test('sends those that match, and the default of the client, whatever it is', async () => {
      const models = [{ model: 'openai/gpt-5-mini' }, { model: 'x-ai/grok-4' }, { model: 'google/gemini:free' }, { model: '@preset/ours' }, { model: undefined }, { models: ['openai/gpt-5'] }];
      await answersTo(options, models, { modelOptions: { model: 'anthropic/claude-sonnet-4' } });
      expect(emulator.requests.map(({ body }) => body.model)).toEqual(['openai/gpt-5-mini', 'x-ai/grok-4', 'google/gemini:free', '@preset/ours', 'anthropic/claude-sonnet-4', 'openai/gpt-5-mini']);
    });

    test('does not take a schema of a function tool for a model', () => expectSent(options, [
      { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {}, default: { model: 'a/b' } } } }] },
    ]));
  });

  describe('allow.parameters', () => {
    const options = { allow: { parameters: ['temperature', 'max_tokens'] } };

    test('refuses all others by their name', () => expectRefused(options, [
      [{ top_p: 1 }, 'top_p is not allowed here.'],
      [{ provider: { sort: 'price' } }, 'provider is not allowed here.'],
      [{ autoRouter: true }, 'autoRouter is not allowed here.'],
      [JSON.parse('{"__proto__":{"top_p":1}}'), '__proto__ is not allowed here.'],
      [{ 'a <b>': 1 }, 'A parameter is not allowed here.'],
    ]));

    test('sends them, the parameters of every chat and those that only protect', async () => {
      const [body] = await expectSent(options, [{ temperature: 0.5, stream: false, zdr: true, dataCollection: 'deny' }]);
      expect(body).toEqual({ ...chatBody({ temperature: 0.5 }), stream: false, provider: { zdr: true, data_collection: 'deny' } });
    });
  });

  describe('limits', () => {
    test('max_tokens and n refuse more by the name of the field', () => {
      const range = (field, most) => `${field} must be a whole number from 1 to ${most}.`;
      return expectRefused({ limits: { max_tokens: 100, n: 2 } }, [
        [{ max_tokens: 101 }, range('max_tokens', 100)],
        [{ max_completion_tokens: 101 }, range('max_completion_tokens', 100)],
        [{ max_tokens: '50' }, range('max_tokens', 100)],
        [{ max_tokens: -1 }, range('max_tokens', 100)],
        [{ max_tokens: 1.5 }, range('max_tokens', 100)],
        [{ max_tokens: [50] }, range('max_tokens', 100)],
        [{ n: 3 }, range('n', 2)],
        [{ n: '1' }, range('n', 2)],
      ]);
    });

    test('max_tokens is the value where none is given, unless the client has a lower default', async () => {
      const limits = { max_tokens: 100 };
      const chats = [{}, { max_tokens: null }, { max_tokens: 50 }, { max_completion_tokens: 50 }];
      const bodies = await expectSent({ limits }, chats);
      expect(bodies.map(({ max_tokens, max_completion_tokens }) => [max_tokens, max_completion_tokens])).toEqual([[100, undefined], [100, undefined], [50, undefined], [undefined, 50]]);
      for (const [name, own, sent] of [['max_tokens', 20, 20], ['max_tokens', 500, 100], ['max_completion_tokens', 20, 20], ['max_completion_tokens', 500, 100]]) {
        emulator.reset();
        const [body] = await expectSent({ limits }, [{}], { modelOptions: { [name]: own } });
        expect([name, own, body[name]]).toEqual([name, own, sent]);
      }
    });

    const max_price = { prompt: 1, completion: 2.5 };

    test('max_price refuses more by the name of the field', () => {
      const range = (kind, most) => `provider.max_price.${kind} must be from 0 to ${most}.`;
      return expectRefused({ limits: { max_price } }, [
        [{ provider: { max_price: { prompt: 1.01 } } }, range('prompt', 1)],
        [{ provider: { max_price: { completion: '2.6' } } }, range('completion', 2.5)],
        ...['', 'Infinity', '1e3', ['0.1'], true, -1].map((prompt) => [{ provider: { max_price: { prompt } } }, range('prompt', 1)]),
        [{ provider: 'openai' }, 'provider must be an object.'],
        [{ provider: { max_price: 1 } }, 'provider.max_price must be an object.'],
      ]);
    });

    test('max_price is sent where a lower one is not given, beside the preferences of the browser and of the client', async () => {
      const chats = [{}, { provider: null }, { provider: { sort: 'price', max_price: { prompt: '0.5', image: 3 } } }];
      const bodies = await expectSent({ limits: { max_price } }, chats);
      expect(bodies.map(({ provider }) => provider)).toEqual([{ max_price }, { max_price }, { sort: 'price', max_price: { prompt: '0.5', completion: 2.5, image: 3 } }]);
      emulator.reset();
      const [body] = await expectSent({ limits: { max_price } }, [{}], { modelOptions: { provider: { order: ['openai'], max_price: { prompt: 0.5, completion: 9 } } } });
      expect(body.provider).toEqual({ order: ['openai'], max_price: { prompt: 0.5, completion: 2.5 } });
    });

    test('plugins refuses others, and the other ways to turn the web plugin on', async () => {
      const not = (at) => `plugins[${at}].id is not one of the plugins that are allowed here.`;
      await expectRefused({ limits: { plugins: ['file-parser'] } }, [
        [{ plugins: [{ id: 'file-parser' }, { id: 'web' }] }, not(1)],
        [{ plugins: ['file-parser'] }, not(0)],
        [{ plugins: [null] }, not(0)],
        [{ plugins: { id: 'file-parser' } }, 'plugins must be a list.'],
        [{ web_search_options: {} }, 'web_search_options is not allowed here.'],
        [{ model: 'openai/gpt-5:online' }, 'model must not have the suffix :online.'],
        [{ model: 'openai/gpt-5:nitro:Online' }, 'model must not have the suffix :online.'],
        [{ models: ['openai/gpt-5:online'] }, 'models must not have the suffix :online.'],
        [{ preset: 'theirs' }, 'preset is not allowed here.'],
      ]);
      await expectSent({ limits: { plugins: ['web'] } }, [{ plugins: [{ id: 'web' }], web_search_options: {} }, { model: 'openai/gpt-5-mini:online' }, {}]);
      emulator.reset();
      await expectRefused({ limits: { plugins: [] } }, [[{ plugins: [{ id: 'web' }] }, not(0)]]);
    });

    test('tools refuses other types of tools, wherever they are asked for', async () => {
      const not = (field) => `${field} is not one of the tools that are allowed here.`;
      await expectRefused({ limits: { tools: ['function'] } }, [
        [{ tools: [{ type: 'openrouter:web_search' }] }, not('tools[0].type')],
        [{ tools: [{ function: { name: 'f' } }] }, not('tools[0].type')],
        [{ tools: [null] }, not('tools[0].type')],
        [{ tools: {} }, 'tools must be a list.'],
        [{ tool_choice: { type: 'openrouter:web_search' } }, not('tool_choice.type')],
      ]);
      await expectSent({ limits: { tools: ['function'] } }, [{ tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'auto' }, { tools: null }, { tools: [] }]);
      emulator.reset();
      await expectRefused({ limits: { tools: [] } }, [[{ functions: [{ name: 'f' }] }, not('functions')]]);
    });
  });

  test('is checked before getClient is called, also in a body that the application has parsed', async () => {
    const getClient = jest.fn(() => newClient(emulator));
    const app = await App.start(express, { client: undefined, getClient, limits: { n: 1 } }, { before: (own) => own.use(express.json()) });
    expect((await app.chat({ n: 2 })).status).toBe(400);
    expect(getClient).not.toHaveBeenCalled();
    expect((await app.chat({ n: 1 })).status).toBe(200);
    await app.close();
  });

  test('holds for streams, too', async () => {
    const app = await App.start(express, { client: newClient(emulator), limits: { max_tokens: 100 } });
    expect((await app.chat({ stream: true, max_tokens: 101 })).status).toBe(400);
    expect((await app.chat({ stream: true })).headers['content-type']).toMatch(/^text\/event-stream/);
    expect(emulator.requests.map(({ body }) => body.max_tokens)).toEqual([100]);
    await app.close();
  });

  test('is not limited without rules', async () => {
    const params = { n: 5, max_tokens: 1e6, preset: 'x', plugins: [{ id: 'web' }], tools: [{ type: 'openrouter:web_search' }] };
    const [body] = await expectSent({ allow: null, limits: {} }, [params]);
    expect(body).toEqual(chatBody(params));
  });
});
