'use strict';

const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const { HEADERS, hasToken, refusalOf } = require('./guard.js');
const { SCENARIOS } = require('./scenarios.js');
const { openServices } = require('./services.js');

const HOST = '127.0.0.1';
/** The files of the page, by their path below the token. */
const FILES = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/index.mjs': ['index.mjs', 'text/javascript; charset=utf-8'],
};
/** Where `npm run build` puts them. */
const FOLDER = path.join(__dirname, '..', '..', 'ui', 'dist');

/**
 * Serves the playground on the loopback interface. Its address contains a random token. Requests without it, from another user
 * of this machine or from a page of another site, are answered with a 404.
 */
class Playground {
  #server;
  #services;
  #listeners = new Map();
  #token = randomBytes(24).toString('base64url');

  /**
   * Starts it.
   * @param {{ apiKey?: string, port?: number }} options without a key the page talks to the emulator
   */
  static async start({ apiKey, port = 0 }) {
    const missing = Object.values(FILES).find(([file]) => !fs.existsSync(path.join(FOLDER, file)));
    if (missing) throw new Error(`The page is not built: ${missing[0]} is missing. In a checkout, run npm run build.`);
    const playground = new Playground();
    playground.#services = await openServices(apiKey);
    const { nodeListener, openrouterHandler } = require('../../adapters/handler');
    for (const [name, client] of playground.#services.clients) {
      const basePath = `/${playground.#token}/${name}`;
      playground.#listeners.set(name, nodeListener(openrouterHandler({ client, basePath, coalesce: false, auth: () => ({ id: 'playground' }) })));
    }
    try {
      await playground.#listen(port);
    } catch (error) {
      await playground.#services.close();
      throw error;
    }
    return playground;
  }

  async #listen(port) {
    this.#server = http.createServer((request, response) => this.#answer(request, response));
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening');
  }

  get port() {
    return this.#server.address().port;
  }

  /** The address to open. It is a secret, because a request with it spends the credits. */
  get url() {
    return `http://${HOST}:${this.port}/${this.#token}/`;
  }

  get isEmulator() {
    return this.#services.isEmulator;
  }

  /** The emulators that answer; none with a key. */
  get emulators() {
    return this.#services.emulators;
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all([closed, this.#services.close()]);
  }

  #answer(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refusal = refusalOf(request, this.port);
    if (refusal !== null) {
      sendText(response, 403, refusal);
      return;
    }
    // Not parsed as a URL, because a path such as `//` is none.
    const [pathname] = request.url.split('?', 1);
    const rest = hasToken(pathname, this.#token) ? pathname.slice(1 + this.#token.length) : undefined;
    if (rest === undefined || !/^(?:\/|$)/.test(rest)) {
      sendText(response, 404, 'There is nothing here. Open the address that `openrouter-native playground` printed: it contains a token.');
      return;
    }
    if (rest === '') {
      // Relative addresses of the page need the slash.
      response.writeHead(308, { Location: `/${this.#token}/` }).end();
      return;
    }
    const listener = this.#listeners.get(rest.split('/')[1]);
    if (listener) listener(request, response);
    else this.#serve(request, response, rest);
  }

  #serve({ method }, response, rest) {
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      sendText(response, 405, 'Use GET.');
    } else if (rest === '/about.json') {
      send(response, 200, 'application/json', JSON.stringify(this.#about()));
    } else if (Object.hasOwn(FILES, rest)) {
      const [file, type] = FILES[rest];
      send(response, 200, type, fs.readFileSync(path.join(FOLDER, file)));
    } else sendText(response, 404, 'There is nothing here.');
  }

  /** What the page has to know of the server. */
  #about() {
    const { version } = require('../../package.json');
    return { version, isEmulator: this.isEmulator, scenarios: this.isEmulator ? SCENARIOS : [] };
  }
}

function sendText(response, status, text) {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function send(response, status, type, body) {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(body) });
  // For HEAD, Node leaves the body out.
  response.end(body);
}

module.exports = { Playground };
