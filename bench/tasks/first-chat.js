'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { startServers } = require('../pause');
const { firstToken } = require('./short.js');

/** Measures the time to the first token of the first chat of a process, which has had time to open a connection. */
async function firstChat({ pem, afterMs }, open) {
  const { url, stop } = await startServers(pem);
  const client = open(url('silent'));
  await client.connect?.();
  await sleep(afterMs);
  const firstMs = await firstToken(client);
  stop();
  return { firstMs };
}

module.exports = firstChat;
