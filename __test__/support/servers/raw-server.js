'use strict';

const { once } = require('node:events');
const net = require('node:net');

/**
 * A TCP server that sends exact bytes and records the exact request, for cases that an HTTP library would not send or would
 * normalise. `answer` is the bytes, or a function of the request and its number, counted from 0. Each answer closes its
 * connection.
 */
class RawServer {
  #server = net.createServer((socket) => this.#onConnection(socket));
  #sockets = new Set();
  #answer;

  constructor(answer) {
    this.#answer = answer;
    /** `{ head, lines, body }` of each request as UTF-8 text. `lines` are the lines of `head`, unchanged. */
    this.requests = [];
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.baseURL = `http://127.0.0.1:${this.port}/api/v1`;
    return this;
  }

  async close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #onConnection(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let bytes = Buffer.alloc(0);
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      const request = wholeRequest(bytes);
      if (!request) return;
      const number = this.requests.push(request) - 1;
      socket.end(typeof this.#answer === 'function' ? this.#answer(request, number) : this.#answer);
    });
  }
}

/** Returns the request in `bytes`, or undefined while it is incomplete. */
function wholeRequest(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString();
  const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
  const body = bytes.subarray(end + 4);
  return body.length < length ? undefined : { head, lines: head.split('\r\n'), body: body.toString() };
}

/** Formats an HTTP response as bytes. */
function answer(status, body = '', headers = {}) {
  const text = Buffer.from(body);
  const lines = Object.entries({ 'Content-Type': 'application/json', 'Content-Length': text.length, Connection: 'close', ...headers });
  const head = [`HTTP/1.1 ${status} Whatever`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), text]);
}

/** @param {Buffer | string | ((request: object, number: number) => Buffer | string)} bytes see {@link RawServer} */
function startRawServer(bytes) {
  return new RawServer(bytes).listen();
}

/** Returns a port on which no server can listen: a connection of this process occupies it until the process ends. */
async function closedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  server.close();
  for (const end of [socket, accepted]) end.unref();
  return socket.localPort;
}

module.exports.answer = answer;
module.exports.closedPort = closedPort;
module.exports.startRawServer = startRawServer;
