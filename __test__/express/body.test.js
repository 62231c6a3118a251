'use strict';

const { once } = require('node:events');

const { startEmulator } = require('../../emulator');
const { App, VERSIONS, chatBody, newClient } = require('./support/express-app');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const JSON_HEADERS = { 'Content-Type': 'application/json' };
const CANARY = 'PROMPT-CANARY-8461';

describe.each(VERSIONS)('%s: the body of a chat request', (_, express) => {
  let app;
  beforeAll(async () => { app = await App.start(express, { client: newClient(emulator), limit: 2000 }); });
  afterAll(() => app.close());

  const post = (body, headers = {}, on = app) => on.ask('POST', '/chat/completions', { body, headers });
  const errorOf = (code, message, name) => ({ error: { code, message, metadata: { code: name } } });

  test.each([
    ['broken JSON', `{"messages":"${CANARY}`, 'The body is not valid JSON.'],
    ['not in UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'The body is not valid JSON.'],
    ['empty', '', 'The request has no body. Send the parameters of a chat as JSON.'],
    ['an array', '[1]', 'The body must be a JSON object.'],
    ['null', 'null', 'The body must be a JSON object.'],
    ['a string', `"${CANARY}"`, 'The body must be a JSON object.'],
    ['without messages', '{"model":"x"}', 'Messages array is required for OpenRouter API'],
    ['without a model', '{"messages":[{"role":"user","content":"x"}]}', 'No model specified for OpenRouter. Please select a model.'],
  ])('that is %s is answered 400 and not forwarded', async (_what, body, message) => {
    const { status, headers, json } = await post(body);
    expect([status, json]).toEqual([400, errorOf(400, message, 'invalid_request')]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(emulator.requests).toHaveLength(0);
  });

  test('that nests too deeply to be serialised is answered 400', async () => {
    const deep = await App.start(express, { client: newClient(emulator) });
    const { status, json } = await post(`{"messages":${'['.repeat(100_000)}${']'.repeat(100_000)},"model":"x"}`, {}, deep);
    await deep.close();
    expect([status, json.error.metadata.code]).toEqual([400, 'invalid_request']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', ''])(
    'with the content type "%s" is answered 415, since a page of another site could send it',
    async (type) => {
      const { status, json } = await post(JSON.stringify(chatBody()), { 'Content-Type': type });
      expect([status, json]).toEqual([415, errorOf(415, 'The content type must be application/json.', 'unsupported_media_type')]);
      expect(emulator.requests).toHaveLength(0);
    },
  );

  test('in a charset other than UTF-8, or compressed, is answered 415', async () => {
    const body = JSON.stringify(chatBody());
    expect((await post(body, { 'Content-Type': 'application/json; charset=utf-16' })).json).toEqual(errorOf(415, 'The body must be in UTF-8.', 'unsupported_media_type'));
    expect((await post(body, { 'Content-Encoding': 'gzip' })).json).toEqual(errorOf(415, 'A compressed body is not taken here. Send it uncompressed.', 'unsupported_media_type'));
  });

  test.each(['application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"', 'application/vnd.api+json'])('with the content type %s is accepted', async (type) => {
    expect((await post(JSON.stringify(chatBody()), { 'Content-Type': type })).status).toBe(200);
  });

  test('with a byte order mark is accepted', async () => {
    expect((await post(`\uFEFF${JSON.stringify(chatBody())}`)).status).toBe(200);
  });

  describe('larger than the limit', () => {
    const TOO_LARGE = errorOf(413, 'The body is larger than 2000 bytes. Send less text, or smaller files.', 'payload_too_large');
    const padded = (size) => {
      const body = chatBody({ user: '' });
      return JSON.stringify({ ...body, user: 'x'.repeat(size - JSON.stringify(body).length) });
    };

    test('is answered 413; a body of exactly the limit is accepted', async () => {
      expect(await post(padded(2001)).then(({ status, json }) => [status, json])).toEqual([413, TOO_LARGE]);
      expect(emulator.requests).toHaveLength(0);
      expect((await post(padded(2000))).status).toBe(200);
    });

    test('is answered 413 before it is sent, if its Content-Length is too large', async () => {
      const request = app.open('POST', '/chat/completions', { body: '{', end: false, headers: { 'Content-Length': '100000000' } });
      const [response] = await once(request, 'response');
      request.destroy();
      expect(response.statusCode).toBe(413);
    });

    test('is answered 413 without a Content-Length too, however much is sent', async () => {
      const request = app.open('POST', '/chat/completions', { body: '{"messages":"', end: false });
      const answered = once(request, 'response');
      for (let at = 0; at < 200; at += 1) request.write('x'.repeat(50_000));
      request.end('"}');
      const [response] = await answered;
      expect(response.statusCode).toBe(413);
      expect(JSON.parse((await response.setEncoding('utf8').toArray()).join(''))).toEqual(TOO_LARGE);
    });

    test('is answered 413 above 10 MiB where no limit is set', async () => {
      const own = await App.start(express, { client: newClient(emulator) });
      const large = padded(10 * 1024 * 1024);
      expect((await post(large, {}, own)).status).toBe(200);
      expect(await post(`${large} `, {}, own)).toMatchObject({ status: 413, json: errorOf(413, 'The body is larger than 10485760 bytes. Send less text, or smaller files.', 'payload_too_large') });
      await own.close();
    });
  });

  describe('behind a body parser of the application', () => {
    /** Returns the answer to a chat request in an application that uses `parser` before the router. */
    async function behind(parser, body = JSON.stringify(chatBody()), headers = JSON_HEADERS) {
      const own = await App.start(express, { client: newClient(emulator), limit: 2000 }, { before: (app_) => app_.use(parser) });
      const answer = await post(body, headers, own);
      await own.close();
      return answer;
    }

    test.each([
      ['express.json()', () => express.json()],
      ['express.raw()', () => express.raw({ type: '*/*' })],
      ['express.text()', () => express.text({ type: '*/*' })],
      ['express.urlencoded(), which does not read it', () => express.urlencoded({ extended: false })],
      ['express.json() for another type, which does not read it', () => express.json({ type: 'application/csp-report' })],
    ])('is accepted with %s', async (_name, parser) => {
      expect((await behind(parser())).status).toBe(200);
      expect(emulator.requests[0].body.messages).toEqual(chatBody().messages);
    });

    test('is sent as the application changed it in req.body', async () => {
      const limited = [express.json(), (req, _res, next) => next(void (req.body.max_tokens = 5))];
      expect((await behind(limited)).status).toBe(200);
      expect(emulator.requests[0].body.max_tokens).toBe(5);
    });

    test('is answered 415 if it is a form, which a page of another site may send without permission', async () => {
      const form = 'model=openai%2Fgpt-5-mini&messages%5B0%5D%5Brole%5D=user';
      const { status } = await behind(express.urlencoded({ extended: true }), form, { 'Content-Type': 'application/x-www-form-urlencoded' });
      expect(status).toBe(415);
      expect((await behind(express.json(), '{}')).status).toBe(400);
      expect(emulator.requests).toHaveLength(0);
    });

    test('is answered 400 at once if other middleware has already consumed it', async () => {
      const swallow = (req, _res, next) => req.resume().once('end', () => next());
      expect((await behind(swallow)).json).toEqual(errorOf(400, 'The request has no body. Send the parameters of a chat as JSON.', 'invalid_request'));
    });
  });
});
