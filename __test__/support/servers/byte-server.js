'use strict';

const { once } = require('node:events');
const net = require('node:net');

const { record: recordForOpenApi } = require('../openapi/record.js');

/** Steps of a script that are not bytes: close the connection, reset it, and wait until the client closes it. */
const FIN = Symbol('FIN');
const RST = Symbol('RST');
const HOLD = Symbol('HOLD');

const HEAD_END = '\r\n\r\n';

/**
 * A TCP server that reads HTTP requests and answers each with exactly the bytes of a script, at the moments that the script
 * chooses.
 *
 * A script is `(request) => steps`. The steps are an iterable or async iterable of bytes (string or Buffer), {@link FIN},
 * {@link RST}, {@link HOLD}, and promises of such steps. The bytes of a step are handed to the kernel before the next step
 * begins; the network may still join or split them. After the last step the connection waits for its next request.
 */
class ByteServer {
  #server;
  #sockets = new Set();
  #waiters = [];

  /** @param {(request: object) => Iterable | AsyncIterable} script may be replaced at any time */
  constructor(script) {
    this.script = script;
    /** All requests, oldest first: `{ head, lines, headers, body, text, json, connection, bytesWritten, closed, answered }`. */
    this.requests = [];
    /** All connections, oldest first: `{ bytesRead, isClosed, closed }`; `closed` resolves to `{ by, code, at }`. */
    this.connections = [];
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.baseURL = `http://127.0.0.1:${this.port}/api/v1`;
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
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket) {
    const connection = { socket, bytesRead: 0, isClosed: false };
    let byServer = false;
    connection.endByServer = () => { byServer = true; };
    connection.closed = new Promise((resolve) => {
      const settle = (code) => {
        if (connection.isClosed) return;
        connection.isClosed = true;
        resolve({ by: byServer ? 'server' : 'client', code, at: Date.now() });
        socket.destroy();
      };
      socket.on('error', (error) => settle(error.code));
      socket.on('end', () => settle(null));
      socket.on('close', () => settle(null));
    });
    this.connections.push(connection);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);

    let pending = Buffer.alloc(0);
    let last = Promise.resolve();
    socket.on('data', (bytes) => {
      connection.bytesRead += bytes.length;
      pending = Buffer.concat([pending, bytes]);
      for (let request = cutRequest(pending); request !== null; request = cutRequest(pending)) {
        pending = pending.subarray(request.size);
        const record = this.#record(request, connection);
        last = last.then(() => this.#play(record));
        record.answered = last;
      }
    });
  }

  #record({ head, body }, connection) {
    const lines = head.split('\r\n');
    const pairs = lines.slice(1).map((line) => line.split(/:\s*/));
    const headers = Object.fromEntries(pairs.map(([name, ...rest]) => [name.toLowerCase(), rest.join(':')]));
    const record = { head, lines, headers, body, text: body.toString(), connection, bytesWritten: 0, closed: connection.closed };
    Object.defineProperty(record, 'json', { get: () => JSON.parse(record.text) });
    const [method, url] = lines[0].split(' ');
    recordForOpenApi({ method, url, headers, body });
    const index = this.requests.push(record) - 1;
    for (const { at, resolve } of this.#waiters) if (at === index) resolve(record);
    return record;
  }

  async #play(record) {
    const { connection } = record;
    const { socket } = connection;
    for await (const step of this.script(record)) {
      if (connection.isClosed) return;
      if (step === FIN || step === RST) {
        connection.endByServer();
        if (step === RST) socket.resetAndDestroy();
        else socket.end();
        return;
      }
      if (step === HOLD) await connection.closed;
      else if (step !== undefined) await write(record, step);
    }
  }
}

/** Resolves once the kernel has taken the bytes, or the connection is closed. */
async function write(record, step) {
  const { socket, closed } = record.connection;
  const bytes = Buffer.from(step);
  const written = new Promise((resolve) => {
    socket.write(bytes, (error) => {
      if (!error) record.bytesWritten += bytes.length;
      resolve();
    });
  });
  await Promise.race([written, closed]);
}

/** Returns the first complete request in `bytes`, or null. */
function cutRequest(bytes) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return null;
  const head = bytes.subarray(0, end).toString();
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const size = end + HEAD_END.length + length;
  if (bytes.length < size) return null;
  return { head, body: bytes.subarray(end + HEAD_END.length, size), size };
}

/** @param {(request: object) => Iterable | AsyncIterable} script see {@link ByteServer} */
function startByteServer(script) {
  return new ByteServer(script).listen();
}

/**
 * Starts a server that sends one answer to each request and closes the connection.
 * @param {Buffer | string | ((request: object) => Buffer | string)} given the bytes, see {@link answer}
 */
function startAnsweringServer(given) {
  return startByteServer((request) => [typeof given === 'function' ? given(request) : given, FIN]);
}

/** Formats an HTTP response as bytes. */
function answer(status, body = '', headers = {}) {
  const text = Buffer.from(body);
  const lines = Object.entries({ 'Content-Type': 'application/json', 'Content-Length': text.length, Connection: 'close', ...headers });
  const head = [`HTTP/1.1 ${status} Whatever`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), text]);
}

/** Formats bytes as one chunk of a chunked body. Without bytes it is the last chunk. */
function httpChunk(bytes = '') {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

module.exports.FIN = FIN;
module.exports.HOLD = HOLD;
module.exports.RST = RST;
module.exports.answer = answer;
module.exports.httpChunk = httpChunk;
module.exports.startAnsweringServer = startAnsweringServer;
module.exports.startByteServer = startByteServer;
