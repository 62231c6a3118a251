'use strict';

const { EventEmitter, once } = require('node:events');
const http = require('node:http');

/**
 * An API whose answers the test writes, for bodies that the emulator has no directive for. `answers` maps a path
 * (`/credits`) to the JSON value, to `{ status, text, hold }`, or to a function that returns one of these and gets the
 * number of requests for that path so far. The answer is sent after the promise `hold` has resolved. `answers` may be
 * changed at any time. `paths` lists the requested paths, oldest first. Event: `request` (path).
 */
class ScriptedApi extends EventEmitter {
  #server = http.createServer((request, response) => this.#answer(request, response));

  constructor(answers) {
    super();
    this.answers = answers;
    this.paths = [];
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.baseURL = `http://127.0.0.1:${this.#server.address().port}/api/v1`;
    return this;
  }

  /** Returns how often a path was requested. */
  count(path) {
    return this.paths.filter((asked) => asked === path).length;
  }

  /** Resolves when a path is requested the next time. */
  async asked(path) {
    for (;;) {
      const [next] = await once(this, 'request');
      if (next === path) return;
    }
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request, response) {
    const path = request.url.replace(/^\/api\/v1/, '').replace(/\?.*$/, '');
    request.resume();
    this.paths.push(path);
    this.emit('request', path);
    const script = this.answers[path];
    const answer = typeof script === 'function' ? script(this.count(path)) : script;
    if (answer === undefined) return void response.writeHead(404).end('{"error":{"code":404,"message":"Not found"}}');
    const { status = 200, text = JSON.stringify(answer), hold } = answer;
    await hold;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
  }
}

/** Returns an answer with a status and OpenRouter's error envelope. */
function failure(status, message = 'It failed') {
  return { status, text: JSON.stringify({ error: { code: status, message } }) };
}

/** @param {Record<string, unknown>} answers see {@link ScriptedApi} */
function startScriptedApi(answers) {
  return new ScriptedApi(answers).listen();
}

module.exports.failure = failure;
module.exports.startScriptedApi = startScriptedApi;
