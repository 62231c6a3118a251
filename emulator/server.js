'use strict';

const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const { isIPv6 } = require('node:net');

const { Account } = require('./account');
const { Answers } = require('./answers');
const { Logins } = require('./api/logins');
const { Managed } = require('./api/managed');
const { Videos } = require('./api/media');
const { Generations } = require('./generations');
const { ModelList } = require('./models');
const { readOptions } = require('./options');
const { Requests } = require('./requests');
const { respond } = require('./respond');
const { ResponseCache } = require('./response-cache');
const { Transaction } = require('./transaction');

const ANY_KEY = 'sk-or-v1-emulator';

/**
 * The emulator's server. Its types in `index.d.ts` describe what users see of it; the other public members are for the modules
 * of this folder. Events: `request` (record), `closed` (record), `connection` (id).
 */
class Emulator extends EventEmitter {
  #server;
  #options;
  #requests;
  #sockets = new Map();
  #transactions = new Set();
  #lastConnectionId = 0;
  #closing;

  constructor(given) {
    super();
    const options = readOptions(given);
    this.#options = options;
    this.#requests = new Requests(options.recordLimit);
    this.account = new Account(options.credits, options.key);
    this.answers = new Answers(options.scenarios);
    this.models = new ModelList(options.models);
    for (const id of this.answers.models) if (!this.models.find(id)) this.models.add(id);
    this.generations = new Generations(options.recordLimit, options.seed);
    this.responseCache = new ResponseCache();
    this.logins = new Logins();
    this.managed = new Managed();
    this.videos = new Videos();
    this.directives = options.directives;
    this.faultCounts = new Map();
    this.apiKey = [options.key ?? ANY_KEY].flat()[0];

    const { keepAliveTimeout, unref } = options;
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

  get requests() {
    return this.#requests.list;
  }

  get answersLeft() {
    return this.answers.left;
  }

  get connections() {
    return this.#lastConnectionId;
  }

  get openConnections() {
    return this.#sockets.size;
  }

  script(answers) {
    this.answers.script(answers);
  }

  respond(handler) {
    this.answers.respond(handler);
  }

  waitForRequest(predicate = () => true, timeoutMs = undefined) {
    return this.#requests.find(predicate, timeoutMs);
  }

  nextRequest(options) {
    return this.#requests.next(options);
  }

  clear() {
    this.#requests.clear();
  }

  reset() {
    this.#requests.clear();
    this.answers.reset();
    this.account.reset();
    this.generations.reset();
    this.responseCache.reset();
    this.faultCounts.clear();
  }

  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    if (!this.#server.listening) return;
    const closed = Promise.all([this.#server, ...this.#sockets.keys()].map((emitter) => once(emitter, 'close')));
    this.#server.close();
    this.#requests.close();
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
      showKeys: this.#options.showKeys,
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

  /** Records a request whose body has been read. */
  announce(record) {
    this.#requests.add(record);
    this.emit('request', record);
  }
}

module.exports.Emulator = Emulator;
