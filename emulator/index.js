'use strict';

const { Emulator } = require('./server');

/**
 * Starts a server on the loopback interface that answers like OpenRouter's HTTP API. README.md describes it.
 *
 * @param {object} [options]
 * @param {number} [options.port=0] 0 takes a free port
 * @param {string} [options.host='127.0.0.1'] a loopback address
 * @param {string|string[]} [options.key] the only keys that are accepted; by default all that begin with `sk-or-`
 * @param {number} [options.credits=10] USD on the account
 * @param {boolean} [options.unref=false] whether the process may end while the server runs
 * @param {object|string} [options.directives] defaults for each request, e.g. `{ gap: 15 }` or `'gap=15; eol=crlf'`
 * @param {number} [options.keepAliveTimeout=60000] how long an idle connection stays open, in milliseconds
 * @param {number} [options.recordLimit=10000] how many requests, and how many generations, are kept
 * @returns {Promise<Emulator>}
 */
async function startEmulator(options) {
  const emulator = new Emulator(options);
  await emulator.listen();
  return emulator;
}

module.exports.startEmulator = startEmulator;
