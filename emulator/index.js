'use strict';

const { Emulator } = require('./server');

/**
 * Starts a server on the loopback interface that answers like OpenRouter's HTTP API. `index.d.ts` describes the options, and
 * README.md what the server can do.
 * @param {import('./index').EmulatorOptions} [options]
 * @returns {Promise<Emulator>}
 */
async function startEmulator(options) {
  const emulator = new Emulator(options);
  await emulator.listen();
  return emulator;
}

module.exports.startEmulator = startEmulator;
