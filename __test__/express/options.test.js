'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const { OpenRouterError } = require('../..');
const adapter = require('../../adapters/express');
const { startEmulator } = require('../../emulator');
const { ROOT, runNode } = require('../support/process');
const { App, VERSIONS, admitAll, chatBody, newClient } = require('./support/express-app');
const { failureOf } = require('../support/outcomes');

const { openrouterRouter } = adapter;
let emulator;
let client;
beforeAll(async () => {
  emulator = await startEmulator();
  client = newClient(emulator);
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('openrouterRouter() throws', () => {
  test.each([
    ['absent', undefined],
    ['null', null],
    ['false', false],
    ['true', true],
    ['a string', 'sk-or-v1-canary'],
    ['an empty list', []],
    ['a list with undefined in it', [admitAll, undefined]],
    ['an error handler, which Express would never call', (_error, _req, _res, next) => next()],
  ])('when auth is %s', async (_what, auth) => {
    const error = await failureOf(() => openrouterRouter({ client, auth }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect([error.code, error.message]).toEqual([
      'invalid_option',
      'Invalid option auth of openrouterRouter: expected a middleware (req, res, next), or several, that lets only those through who may spend your credits.',
    ]);
  });

  test.each([
    ['client', {}],
    ['client', { client: null }],
    ['client', { client: 'sk-or-v1-canary' }],
    ['client', { client: { chatCompletion: admitAll } }],
    ['client', () => ({ client, getClient: () => client })],
    ['getClient', { getClient: 'sk-or-v1-canary' }],
    ['limit', () => ({ client, limit: 0 })],
    ['limit', () => ({ client, limit: '10mb' })],
    ['limit', () => ({ client, limit: NaN })],
    ['limit', () => ({ client, limit: Infinity })],
    ['logger', () => ({ client, logger: 'console' })],
    ['express', () => ({ client, express: {} })],
    ['express', () => ({ client, express: 'express' })],
  ])('when %s is invalid, and the message does not show the value', async (name, options) => {
    const given = typeof options === 'function' ? options() : options;
    const error = await failureOf(() => openrouterRouter({ auth: admitAll, ...given }));
    expect(error.code).toBe('invalid_option');
    expect(error.message).toMatch(new RegExp(`^Invalid option ${name} of openrouterRouter: expected .*\\.$`));
    expect(error.message).not.toMatch(/canary/);
  });

  test('without any options', async () => {
    for (const none of [undefined, null, {}]) expect((await failureOf(() => openrouterRouter(none))).code).toBe('invalid_option');
  });

  test('where Express is not installed, and the message says how to install it', async () => {
    const script = `
      const Module = require('node:module');
      const load = Module._load;
      Module._load = (name, ...rest) => {
        if (name === 'express') throw Object.assign(new Error("Cannot find module 'express'"), { code: 'MODULE_NOT_FOUND' });
        return load(name, ...rest);
      };
      const { openrouterRouter } = require(${JSON.stringify(path.join(ROOT, 'adapters', 'express'))});
      const { OpenRouterClient } = require(${JSON.stringify(ROOT)});
      try { openrouterRouter({ client: new OpenRouterClient('sk-or-v1-x'), auth() {} }); } catch (error) { console.log(error.code, error.message); }`;
    const { code, stdout, stderr } = await runNode(['-e', script]);
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'invalid_option openrouterRouter needs Express: npm install express, or pass yours as the option express.\n',
    });
  });
});

test('a router uses the installed Express by default', () => {
  const Router = jest.spyOn(require('express'), 'Router');
  openrouterRouter({ client, auth: admitAll });
  expect(Router).toHaveBeenCalledTimes(1);
  Router.mockRestore();
});

test('options that are null count as absent', () => {
  openrouterRouter({ client, getClient: null, auth: admitAll, limit: null, logger: null, express: null });
});

describe.each(VERSIONS)('%s', (_, express) => {
  /** Runs `work` with an application that has these router options, and closes it afterwards. */
  async function withApp(options, work, more) {
    const app = await App.start(express, { client, ...options }, more);
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  }

  describe('auth', () => {
    const refuse = (_req, res) => res.status(401).json({ error: { code: 401, message: 'Who are you?' } });
    const all = [['GET', '/credits'], ['GET', '/models'], ['GET', '/models?force=true'], ['POST', '/chat/completions'], ['HEAD', '/credits'], ['PUT', '/models'], ['GET', '/chat/completions']];

    test('guards every route before the body is read or the API is called', () => withApp({ auth: refuse }, async (app) => {
      for (const [method, route] of all) {
        const body = method === 'POST' ? '{broken' : undefined;
        expect([route, (await app.ask(method, route, { body })).status]).toEqual([route, 401]);
      }
      expect(emulator.requests).toHaveLength(0);
    }));

    test('may be several, async and nested middlewares; none runs after one that refuses', async () => {
      const guardsRun = [];
      const guard = (name) => async (_req, _res, next) => { guardsRun.push(name); await null; next(); };
      await withApp({ auth: [guard('a'), [guard('b')]] }, async (app) => expect((await app.get('/models')).status).toBe(200));
      await withApp({ auth: [guard('c'), refuse, guard('d')] }, async (app) => expect((await app.get('/models')).status).toBe(401));
      expect(guardsRun).toEqual(['a', 'b', 'c']);
    });

    test.each(['route', 'router'])('that calls next(%p) admits no request', (where) => withApp({ auth: (_req, _res, next) => next(where) }, async (app) => {
      expect((await app.get('/credits')).status).toBe(404);
      expect(emulator.requests).toHaveLength(0);
    }));

    test('can set req.user for getClient', () => {
      const auth = (req, _res, next) => next(void (req.user = { client }));
      return withApp({ auth, client: undefined, getClient: ({ user }) => user.client }, async (app) => {
        expect((await app.get('/credits')).status).toBe(200);
      });
    });

    test('does not guard other routes of the application', () => withApp({ auth: refuse }, async (app) => {
      const { status, text } = await app.get('/other');
      expect([status, text]).toEqual([200, 'mine']);
      expect((await app.get('/credits')).status).toBe(401);
    }, { mount: '/', after: (app) => app.get('/other', (_req, res) => res.send('mine')) }));
  });

  test('getClient can choose by the model in req.body', () => {
    const seen = [];
    const getClient = (req) => { seen.push(req.body?.model); return client; };
    return withApp({ client: undefined, getClient }, async (app) => {
      await app.chat();
      await app.get('/models');
      expect(seen).toEqual(['openai/gpt-5-mini', undefined]);
    });
  });

  describe('methods', () => {
    test.each([
      ['/chat/completions', 'GET', 'POST', 'POST, OPTIONS'],
      ['/chat/completions', 'PUT', 'POST', 'POST, OPTIONS'],
      ['/credits', 'POST', 'GET', 'GET, HEAD, OPTIONS'],
      ['/models', 'DELETE', 'GET', 'GET, HEAD, OPTIONS'],
    ])('%s answers 405 to %s', (route, method, use, allow) => withApp({}, async (app) => {
      const { status, headers, json } = await app.ask(method, route);
      expect([status, json]).toEqual([405, { error: { code: 405, message: `${method} is not allowed here: use ${use}.`, metadata: { code: 'method_not_allowed' } } }]);
      expect(headers.allow).toBe(allow);
      expect(emulator.requests).toHaveLength(0);
    }));

    test('HEAD is GET without the body, and is answered 405 for chats', () => withApp({}, async (app) => {
      const [head, get] = [await app.ask('HEAD', '/models'), await app.get('/models')];
      expect([head.status, head.text, head.headers.etag]).toEqual([200, '', get.headers.etag]);
      expect(await app.ask('HEAD', '/chat/completions')).toMatchObject({ status: 405, text: '' });
    }));

    test('OPTIONS lists the allowed methods, without auth and without an API request', () => withApp({ auth: (_req, res) => res.sendStatus(401) }, async (app) => {
      for (const [route, allow] of [['/chat/completions', 'POST, OPTIONS'], ['/credits', 'GET, HEAD, OPTIONS'], ['/models', 'GET, HEAD, OPTIONS']]) {
        expect(await app.ask('OPTIONS', route)).toMatchObject({ status: 204, text: '', headers: { allow } });
      }
      expect(emulator.requests).toHaveLength(0);
    }));

    test('other paths are left to the application', () => withApp({}, async (app) => {
      expect((await app.get('/nothing')).status).toBe(404);
      expect((await app.ask('POST', '/chat', { body: chatBody() })).status).toBe(404);
    }));
  });
});

test('openrouterRouter is the only export, and both import and require find it', async () => {
  expect(Object.keys(adapter)).toEqual(['openrouterRouter']);
  const { stdout } = await runNode(['--input-type=module', '-e', "import { openrouterRouter } from 'openrouter-native/express'; console.log(typeof openrouterRouter)"]);
  expect(stdout).toBe('function\n');
});

test('Express is not loaded before a router is created', async () => {
  const script = "require('openrouter-native/express'); console.log(Object.keys(require.cache).filter((name) => /node_modules.express/.test(name)).length)";
  expect((await runNode(['-e', script])).stdout).toBe('0\n');
});

test('express-user.ts compiles under strict settings, and the compiler reports each mistake in it', () => {
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const user = path.join(__dirname, 'support', 'express-user.ts');
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUnusedLocals', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  expect(execFileSync(process.execPath, [tsc, ...options, user], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })).toBe('');
});
