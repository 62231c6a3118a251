'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { OpenRouterClient } = require('../../..');
const { openrouterRouter } = require('../../../adapters/express');

const MOUNT = '/api/endpoints/openrouter';
/** Both supported major versions of Express, for `describe.each`. */
const VERSIONS = [
  ['Express 4', require('express4')],
  ['Express 5', require('express')],
];
const admitAll = (_req, _res, next) => next();

let keys = 0;

/** A client with a new key, because the process keeps its caches per key. */
function newClient({ baseURL }, { key = 'limit', ...options } = {}) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-${key}-express-${process.pid}-${keys}`, { baseURL, maxRetries: 0, logger: false, ...options });
}

/** A logger that records its lines as `[level, message, details]`. */
function recordingLogger() {
  const lines = [];
  const take = (level) => (message, details) => lines.push([level, message, details]);
  return { lines, debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
}

/** A listening server with the router or the handler mounted, and methods that send requests to it as a browser does. */
class App {
  #server;

  /**
   * @param {Function} express the Express module to use
   * @param {object} options the options of the router; `auth` admits every request unless it is given
   * @param {{ mount?: string, before?: (app: object) => void, after?: (app: object) => void }} [more]
   */
  static async start(express, options, { mount = MOUNT, before, after } = {}) {
    const app = express();
    app.set('env', 'development'); // Express's own error page then shows stacks, so that tests can notice it
    before?.(app);
    app.use(mount, openrouterRouter({ auth: admitAll, express, ...options }));
    after?.(app);
    return App.listen(app, mount);
  }

  /** Starts a server with any listener of `node:http`. */
  static async listen(listener, mount = MOUNT) {
    const one = new App();
    one.mount = mount === '/' ? '' : mount;
    one.#server = http.createServer(listener).listen(0, '127.0.0.1');
    await once(one.#server, 'listening');
    one.port = one.#server.address().port;
    return one;
  }

  /** Starts a request and returns its `ClientRequest`; with `end: false` the caller ends the body. */
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

  /** Sends a request and returns the whole answer; `json` is the parsed body. */
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

  /** Sends a chat request with these parameters in its body. */
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

/** Returns the parsed data events of an event stream; `[DONE]` stays a string. */
function eventsOf(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
  return lines.map((line) => (line === '[DONE]' ? line : JSON.parse(line)));
}

module.exports.App = App;
module.exports.MOUNT = MOUNT;
module.exports.VERSIONS = VERSIONS;
module.exports.admitAll = admitAll;
module.exports.chatBody = chatBody;
module.exports.eventsOf = eventsOf;
module.exports.newClient = newClient;
module.exports.recordingLogger = recordingLogger;
