'use strict';

const { once } = require('node:events');
const http = require('node:http');

/** Headers of the connection or the HTTP engine, in which two implementations of `fetch` may differ. */
const OWN = new Set(['accept-encoding', 'accept-language', 'connection', 'content-length', 'host', 'sec-fetch-mode', 'transfer-encoding', 'user-agent']);

/**
 * An HTTP server that records every request and lets the test answer it. `answer(request, response)` gets the record and
 * Node's response. The default answers each request with `200 ok`.
 */
class RecordingServer {
  #server = http.createServer((request, response) => this.#onRequest(request, response));
  #waiters = [];

  constructor(answer = (_, response) => response.end('ok')) {
    this.answer = answer;
    /** `{ method, path, headers, pairs, body, connection, closed }` of each request, oldest first. */
    this.requests = [];
    this.connections = 0;
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      socket.number = this.connections;
      socket.on('error', () => socket.destroy());
    });
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** Resolves to request number `at`, counted from 0, once it has arrived. */
  request(at = 0) {
    if (this.requests.length > at) return Promise.resolve(this.requests[at]);
    return new Promise((resolve) => { this.#waiters.push({ at, resolve }); });
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(request, response) {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return;
    }
    const pairs = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) pairs.push([request.rawHeaders[at].toLowerCase(), request.rawHeaders[at + 1]]);
    const record = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      pairs,
      body: Buffer.concat(parts),
      connection: request.socket.number,
      closed: once(response, 'close').then(() => ({ by: response.writableFinished ? 'server' : 'client', at: Date.now() })),
    };
    this.requests.push(record);
    this.#waiters = this.#waiters.filter(({ at, resolve }) => at !== this.requests.length - 1 || resolve(record));
    await this.answer(record, response);
  }
}

/** @param {(request: object, response: http.ServerResponse) => unknown} [answer] see {@link RecordingServer} */
function startRecordingServer(answer) {
  return new RecordingServer(answer).listen();
}

/** Returns the parts of a request in which implementations of `fetch` must agree. Multipart boundaries are made equal. */
function essenceOf({ method, path, pairs, body }) {
  const type = pairs.find(([name]) => name === 'content-type')?.[1] ?? '';
  const boundary = /boundary=(.*)$/.exec(type)?.[1];
  const plain = (text) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  const headers = pairs.filter(([name]) => !OWN.has(name)).map(([name, value]) => `${name}: ${plain(value)}`);
  return { method, path, headers: headers.sort(), body: plain(body.toString('latin1')) };
}

module.exports.essenceOf = essenceOf;
module.exports.startRecordingServer = startRecordingServer;
