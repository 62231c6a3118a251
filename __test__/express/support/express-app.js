'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { OpenRouterClient } = require('../../..');
const { openrouterRouter } = require('../../../adapters/express');

const MOUNT = '/api/endpoints/openrouter';
/** Both major versions, for `describe.each`. */
const VERSIONS = [
  ['Express 4', require('express4')],
  ['Express 5', require('express')],
];
const everybody = (_req, _res, next) => next();

let keys = 0;

/** A client with a key of its own, since what the process remembers is remembered by key. */
function newClient({ baseURL }, { key = 'limit', ...options } = {}) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-${key}-express-${process.pid}-${keys}`, { baseURL, maxRetries: 0, logger: false, ...options });
}

/** A logger that keeps its lines: `[level, message, details]`. */
function keptLog() {
  const lines = [];
  const take = (level) => (message, details) => lines.push([level, message, details]);
  return { lines, debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
}

/** A served application with the router in it, and the browser that talks to it. */
class App {
  #server;

  /**
   * @param {Function} express the version
   * @param {object} options the router's; `auth` lets everybody in unless it is given
   * @param {{ mount?: string, before?: (app: object) => void, after?: (app: object) => void }} [more]
   */
  static async start(express, options, { mount = MOUNT, before, after } = {}) {
    const app = express();
    app.set('env', 'development'); // what Express's own error page would show, it shows
    before?.(app);
    app.use(mount, openrouterRouter({ auth: everybody, express, ...options }));
    after?.(app);
    const one = new App();
    one.mount = mount === '/' ? '' : mount;
    one.#server = http.createServer(app).listen(0, '127.0.0.1');
    await once(one.#server, 'listening');
    one.port = one.#server.address().port;
    return one;
  }

  /** A request that is under way: Node's own, with its body sent. */
  open(method, path, { body, headers = {}, end = true } = {}) {
    const isValue = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
    const bytes = isValue ? JSON.stringify(body) : body;
    const type = bytes === undefined ? {} : { 'Content-Type': 'application/json', ...(end && { 'Content-Length': Buffer.byteLength(bytes) }) };
    const request = http.request({ port: this.port, host: '127.0.0.1', method, path: `${this.mount}${path}`, agent: false, headers: { ...type, ...headers } });
    request.on('error', () => {});
    if (bytes !== undefined) request.write(bytes);
    if (end) request.end();
    return request;
  }

  /** The whole answer to a request; `json` is it parsed. */
  async ask(method, path, options) {
    const request = this.open(method, path, options);
    const [response] = await once(request, 'response');
    const text = (await response.setEncoding('utf8').toArray()).join('');
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      get json() { return JSON.parse(text); },
    };
  }

  get(path, headers) {
    return this.ask('GET', path, { headers });
  }

  /** A chat; `emulator` and other parameters as they are. */
  chat(params = {}, options = {}) {
    return this.ask('POST', '/chat/completions', { body: chatBody(params), ...options });
  }

  async close() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function chatBody(params = {}) {
  return { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], ...params };
}

/** The data events of an event stream, parsed; `[DONE]` as it is. */
function eventsOf(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
  return lines.map((line) => (line === '[DONE]' ? line : JSON.parse(line)));
}

module.exports.App = App;
module.exports.MOUNT = MOUNT;
module.exports.VERSIONS = VERSIONS;
module.exports.chatBody = chatBody;
module.exports.eventsOf = eventsOf;
module.exports.everybody = everybody;
module.exports.keptLog = keptLog;
module.exports.newClient = newClient;
