'use strict';

const { once } = require('node:events');
const http = require('node:http');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');

/** Headers that belong to one connection, and not to the request or response. */
const HOP = new Set(['connection', 'content-encoding', 'content-length', 'host', 'keep-alive', 'transfer-encoding']);

/**
 * A server on loopback between the client and the API, which shows what is really sent. It can refuse a model as an
 * overloaded API would.
 */
class Relay {
  #server = http.createServer((request, response) => {
    this.#answer(request, response).catch((error) => {
      if (response.headersSent) response.destroy(error);
      else response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: 502, message: error.message } }));
    });
  });
  #target;
  #refused;

  /** @param {{ target: string, refused?: string }} options `target`: the base URL of the API; `refused`: a model */
  constructor({ target, refused }) {
    this.#target = target.replace(/\/+$/, '');
    this.#refused = refused;
    /** The JSON body of each request, oldest first. */
    this.bodies = [];
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.baseURL = `http://127.0.0.1:${this.#server.address().port}/api/v1`;
    return this;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const { createFetch } = require('../..');
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const { model } = this.bodies[this.bodies.push(JSON.parse(body)) - 1];
    if (model === this.#refused) {
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"code":503,"message":"refused by the doctor"}}');
      return;
    }
    const left = new AbortController();
    response.on('close', () => left.abort());
    const headers = Object.entries(request.headers).filter(([name]) => !HOP.has(name));
    const url = this.#target + request.url.slice('/api/v1'.length);
    const answer = await createFetch()(url, { method: request.method, headers: Object.fromEntries(headers), body, signal: left.signal });
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => !HOP.has(name))));
    await pipeline(Readable.fromWeb(answer.body), response);
  }
}

/** Calls `work` with a relay to the subject's API, and closes the relay. */
async function throughRelay(subject, options, work) {
  const relay = await new Relay({ target: subject.baseURL, ...options }).listen();
  try {
    return await work(relay);
  } finally {
    relay.close();
  }
}

module.exports = { throughRelay };
