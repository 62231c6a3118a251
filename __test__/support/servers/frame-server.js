'use strict';

const { once } = require('node:events');
const tls = require('node:tls');

const { IDENTITY } = require('../certificates.js');

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD_SIZE = 9;
const TYPES = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7 };
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(HEAD_SIZE);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const numbers = (...values) => Buffer.concat(values.map((value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; }));
/** Encodes a header as an HPACK literal without indexing (RFC 7541, section 6.2.2). */
const literal = (name, value) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);

/** The stream of a request on an HTTP/2 connection. Each method sends one frame. */
class Http2Stream {
  constructor(socket, id) {
    this.socket = socket;
    this.id = id;
  }

  /** Sends the response headers: status 200 and the content type of an event stream. */
  begin(headers = {}) {
    const all = { 'content-type': 'text/event-stream', ...headers };
    // 0x88 is `:status: 200` in the static table of HPACK.
    const block = [Buffer.from([0x88]), ...Object.entries(all).map(([name, value]) => literal(name, value))];
    this.socket.write(frame(TYPES.HEADERS, END_HEADERS, this.id, Buffer.concat(block)));
  }

  data(text) {
    this.socket.write(frame(TYPES.DATA, 0, this.id, Buffer.from(text)));
  }

  end() {
    this.socket.write(frame(TYPES.DATA, END_STREAM, this.id));
  }

  reset(code) {
    this.socket.write(frame(TYPES.RST_STREAM, 0, this.id, numbers(code)));
  }

  /** Closes the connection in order. `last` is the last stream that the server says it has processed. */
  goAway(code, last = this.id) {
    this.socket.write(frame(TYPES.GOAWAY, 0, 0, numbers(last, code)));
  }
}

/**
 * An HTTP/2 server that sends exactly the frames that a test wants. Node's own server cannot: it ends a stream with
 * END_STREAM before it resets it. `onRequest` gets an {@link Http2Stream}; `resets` lists the codes of the RST_STREAM frames
 * that clients sent.
 */
class FrameServer {
  #server = tls.createServer({ key: IDENTITY, cert: IDENTITY, ALPNProtocols: ['h2'] }, (socket) => this.#accept(socket));
  #sockets = new Set();

  constructor(onRequest) {
    this.onRequest = onRequest;
    this.resets = [];
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.baseURL = `https://localhost:${this.#server.address().port}/api/v1`;
    return this;
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket) {
    this.#sockets.add(socket.setNoDelay(true).on('error', () => {}));
    socket.write(frame(TYPES.SETTINGS, 0, 0));
    let bytes = Buffer.alloc(0);
    let started = false;
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      if (!started && bytes.length >= PREFACE.length) {
        bytes = bytes.subarray(PREFACE.length);
        started = true;
      }
      while (started && bytes.length >= HEAD_SIZE) {
        const size = HEAD_SIZE + bytes.readUIntBE(0, 3);
        if (bytes.length < size) return;
        this.#read(socket, bytes[3], bytes[4], bytes.readUInt32BE(5), bytes.subarray(HEAD_SIZE, size));
        bytes = bytes.subarray(size);
      }
    });
  }

  #read(socket, type, flags, id, payload) {
    if (type === TYPES.SETTINGS && !(flags & ACK)) socket.write(frame(TYPES.SETTINGS, ACK, 0));
    if (type === TYPES.PING && !(flags & ACK)) socket.write(frame(TYPES.PING, ACK, 0, payload));
    if (type === TYPES.RST_STREAM) this.resets.push(payload.readUInt32BE(0));
    if ((type === TYPES.DATA || type === TYPES.HEADERS) && flags & END_STREAM) this.onRequest(new Http2Stream(socket, id));
  }
}

/** @param {(stream: Http2Stream) => void} [onRequest] may be replaced at any time */
function startFrameServer(onRequest = () => {}) {
  return new FrameServer(onRequest).listen();
}

module.exports.startFrameServer = startFrameServer;
