'use strict';

const { jsonHead } = require('./json-head.js');
const { SocketWriter } = require('./socket-writer.js');

/** Writes an answer to a response of `node:http`. */
class NodeWriter extends SocketWriter {
  #req;

  constructor(req, res) {
    super(res);
    this.#req = req;
  }

  set(name, text) {
    this.res.setHeader(name, text);
  }

  json(status, bytes) {
    const { method, headers } = this.#req;
    const head = jsonHead({ method, ifNoneMatch: headers['if-none-match'] }, status, bytes, (name, text) => this.set(name, text));
    if (head.status !== 304) this.set('Content-Length', String(bytes.length));
    this.res.writeHead(head.status).end(head.body ?? undefined);
  }

  bare(status) {
    this.res.writeHead(status).end();
  }

  /** Sends a whole `Response`, for example one of `auth`. */
  async pass(response) {
    for (const [name, text] of response.headers) this.res.appendHeader(name, text);
    const bytes = Buffer.from(await response.arrayBuffer());
    this.res.writeHead(response.status).end(this.#req.method === 'HEAD' ? undefined : bytes);
  }

  begin(headers) {
    this.res.writeHead(200, headers);
    this.res.flushHeaders();
  }
}

module.exports = { NodeWriter };
