'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient, clearCache } = require('../..');
const { FIN, RST, startByteServer } = require('../support/servers/byte-server');
const { App, VERSIONS, recordingLogger } = require('./support/express-app');
const { chunkOf, finishChunk, sse } = require('../support/streaming');

const KEY = 'sk-or-v1-limit-canary-0123456789abcdef';
const OTHERS = { Authorization: 'Bearer canary-of-the-gateway', 'x-api-key': 'canary-"of"-the\\proxy' };

let raw;
beforeAll(async () => { raw = await startByteServer(); });
afterAll(() => raw.close());

/** Everything that the client has sent as a secret, in one text. */
const echoOf = ({ headers }) => [headers.authorization, headers['x-api-key']].filter(Boolean).join(' ');
const secretOf = ({ headers }) => headers.authorization.replace('Bearer ', '');
const json = (status, value, more = []) => {
  const text = JSON.stringify(value);
  return [[`HTTP/1.1 ${status} OK`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`, ...more, '', text].join('\r\n')];
};

/** What a server that echoes secrets may do, for one request. */
const SERVERS = {
  'in every field and header of an answer': (request) => {
    const echo = echoOf(request);
    const headers = [`X-Generation-Id: ${secretOf(request)}`, `X-Request-Id: ${secretOf(request)}`, `X-Echo: ${echo}`];
    if (request.lines[0].includes('/models')) return json(200, { data: [{ id: echo, name: echo, [echo]: echo, pricing: { prompt: echo } }] }, headers);
    if (request.text.includes('"stream":true')) {
      const chunk = chunkOf(echo, { id: secretOf(request), model: echo, provider: echo, [echo]: echo });
      return [['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked', ...headers, '', ''].join('\r\n'), sse(chunk, finishChunk()), FIN];
    }
    return json(200, { id: secretOf(request), model: echo, provider: echo, [echo]: echo, choices: [{ message: { role: 'assistant', content: echo, [echo]: echo }, finish_reason: 'stop' }] }, headers);
  },
  'in every field and header of an error': (request) => {
    const echo = echoOf(request);
    const metadata = { error_type: echo, provider_name: echo, limit_source: echo, remedy_hint: echo, raw: echo };
    return json(400, { error: { code: 400, message: echo, metadata } }, [`X-Generation-Id: ${secretOf(request)}`, `X-Request-Id: ${secretOf(request)}`]);
  },
  'in an error event': (request) => {
    const echo = echoOf(request);
    const error = { ...chunkOf(''), id: secretOf(request), model: echo, provider: echo, error: { code: 502, message: echo, metadata: { provider_name: echo } } };
    return ['HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n', sse(chunkOf('x', { id: secretOf(request), model: echo, provider: echo }), error), FIN];
  },
  'before a stream that breaks': (request) => {
    const echo = echoOf(request);
    return [`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nX-Generation-Id: ${secretOf(request)}\r\n\r\n`, sse(chunkOf('x', { id: secretOf(request), model: echo, provider: echo })), RST];
  },
  'in a body that is no JSON': (request) => {
    const text = `<html><title>${echoOf(request)}</title>`;
    return [`HTTP/1.1 502 ${secretOf(request)}\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`];
  },
};

describe.each(VERSIONS)('%s: a secret that the server echoes', (_, express) => {
  const log = recordingLogger();
  const clients = [['the key', {}], ['credentials in the headers of the client', { headers: OTHERS }]];
  const all = Object.keys(SERVERS).flatMap((where) => clients.map(([what, options]) => [where, what, options]));

  test.each(all)('%s is in nothing that the router sends or logs: %s', async (where, _what, options) => {
    clearCache();
    raw.script = SERVERS[where];
    log.lines.length = 0;
    const client = new OpenRouterClient(KEY, { baseURL: raw.baseURL, maxRetries: 0, ...options });
    const app = await App.start(express, { client, logger: log });
    const answers = [await app.chat(), await app.chat({ stream: true }), await app.get('/models?force=true'), await app.get('/credits?force=true')];
    await app.close();
    const sent = answers.map(({ status, headers, text }) => inspect([status, headers, text], { depth: Infinity }) + text).join('\n') + inspect(log.lines, { depth: Infinity });
    for (const part of ['0123456789abcdef', 'canary']) expect(sent).not.toContain(part);
    expect(answers[0].text.length + answers[1].text.length).toBeGreaterThan(50);
  });
});
