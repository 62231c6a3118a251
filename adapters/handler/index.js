'use strict';

const { optionsOf } = require('../../lib/options.js');
const { INSIDE, answerTo } = require('./entrance.js');
const { nodeListener } = require('./node-listener.js');
const { ResponseWriter } = require('./response-writer.js');
const { commonSettings, namesOf, wrong } = require('./settings.js');

const PLACE = 'openrouterHandler';
const NAMES = namesOf(PLACE, ['basePath']);

/**
 * Creates a function from a `Request` to a `Response` through which a browser uses OpenRouter, on every server that has these:
 * Next.js, Hono, Bun, Deno, and `node:http` by `nodeListener`. The key stays on the server. `index.d.ts` documents the options.
 */
function openrouterHandler(options) {
  const { auth, basePath } = optionsOf(options);
  const common = commonSettings(options, { place: PLACE, names: NAMES, caller: openrouterHandler });
  if (typeof auth !== 'function') {
    throw wrong(PLACE, 'auth', 'a function of the request that returns the user, or true, for those who may spend your credits');
  }
  const settings = { ...common, auth, base: baseOf(basePath) };
  // Hosts pass more arguments, for example Next.js the route's parameters.
  const handler = (request) => {
    const writer = new ResponseWriter(request);
    // Nothing rejects in there: each failure is an answer.
    void answerTo(request, writer, writer.signal, settings).finally(() => writer.close());
    return writer.response;
  };
  return Object.defineProperty(handler, INSIDE, { value: settings });
}

/** Returns the base path without a slash at its end; `null` if it is to be found out. */
function baseOf(given) {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'string' || !/^\/[^?#]*$/.test(given)) throw wrong(PLACE, 'basePath', "a path such as '/api/openrouter'");
  return given.replace(/\/+$/, '');
}

module.exports = { nodeListener, openrouterHandler };
