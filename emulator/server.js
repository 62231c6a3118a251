'use strict';

const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const { isIPv6 } = require('node:net');

const { Account } = require('./account');
const { readDirectives } = require('./directives');
const { ModelList } = require('./models');
const { Transaction } = require('./transaction');
const { Generations } = require('./generations');
const { respond } = require('./respond');

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The emulator's server. Events: `request` (record), `closed` (record), `connection` (id).
 * `requests` holds one record per request, oldest first; `record.closed` resolves when its transaction has ended.
 */
class Emulator extends EventEmitter {
  #server;
  #options;
  #sockets = new Map();
  #transactions = new Set();
  #waiting = new Set();
  #lastConnectionId = 0;

  constructor({ port = 0, host = '127.0.0.1', key, credits = 10, unref = false, directives = {}, keepAliveTimeout = 60_000, recordLimit = 10_000 } = {}) {
    super();
    if (!LOOPBACK.has(host)) throw new RangeError(`The emulator only listens on loopback, not on ${host}`);
    this.#options = { port, host, unref, recordLimit };
    this.requests = [];
    this.account = new Account(credits, key);
    this.models = new ModelList();
    this.generations = new Generations(recordLimit);
    // Parse the defaults now, so that a wrong one fails here and not in each response.
    this.directives = readDirectives({ defaults: directives });
    this.faultCounts = new Map();

    this.#server = http.createServer({ keepAliveTimeout }, (request, response) => this.#onRequest(request, response));
    this.#server.on('connection', (socket) => this.#onConnection(socket));
    if (unref) this.#server.unref();
  }

  async listen() {
    const { port, host } = this.#options;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.url = `http://${isIPv6(host) ? `[${host}]` : host}:${this.port}`;
    this.baseURL = `${this.url}/api/v1`;
  }

  /** The number of TCP connections accepted so far. */
  get connections() {
    return this.#lastConnectionId;
  }

  /** The number of TCP connections that are open now. */
  get openConnections() {
    return this.#sockets.size;
  }

  /** Resolves to the record of the first past or future request for which the predicate holds. Rejects after the timeout. */
  waitForRequest(predicate = () => true, timeoutMs = 5000) {
    const past = this.requests.find(predicate);
    if (past) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const waiter = { predicate, settle: (record) => { clearTimeout(timer); resolve(record); } };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Error(`No such request within ${timeoutMs} ms; there were ${this.requests.length} others`));
      }, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  /** Clears the requests, the generations, the usage and the counts of faults. Running transactions continue. */
  reset() {
    this.requests.length = 0;
    this.account.reset();
    this.generations.reset();
    this.faultCounts.clear();
  }

  /** Closes all connections. Resolves when the port is free. */
  async close() {
    if (!this.#server.listening) return;
    const closed = Promise.all([this.#server, ...this.#sockets.keys()].map((emitter) => once(emitter, 'close')));
    this.#server.close();
    for (const transaction of this.#transactions) transaction.closeByServer();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }

  #onConnection(socket) {
    this.#lastConnectionId += 1;
    this.#sockets.set(socket, { id: this.#lastConnectionId, requests: 0 });
    if (this.#options.unref) socket.unref();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    this.emit('connection', this.#lastConnectionId);
  }

  async #onRequest(request, response) {
    const connection = this.#sockets.get(request.socket);
    connection.requests += 1;
    const transaction = new Transaction(request, response, {
      connectionId: connection.id,
      isFirstOnConnection: connection.requests === 1,
      unref: this.#options.unref,
    });
    this.#transactions.add(transaction);
    transaction.record.closed.then(() => {
      this.#transactions.delete(transaction);
      this.emit('closed', transaction.record);
    });
    try {
      await respond(transaction, this);
    } catch (error) {
      // A bug of the emulator. Reset the connection, so that the client does not take a partial response for a complete one.
      process.emitWarning(error);
      await transaction.cut('reset');
    }
  }

  /** Records a request whose body has been read, emits it, and resolves the waiting `waitForRequest` calls. */
  announce(record) {
    this.requests.push(record);
    if (this.requests.length > this.#options.recordLimit) this.requests.shift();
    this.emit('request', record);
    for (const waiter of this.#waiting) {
      if (!waiter.predicate(record)) continue;
      this.#waiting.delete(waiter);
      waiter.settle(record);
    }
  }
}

module.exports.Emulator = Emulator;
