'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { Meter } = require('../meter.js');

/** The harness by itself: what the others are charged for doing nothing. */
async function idle({ seconds }) {
  const meter = await Meter.start(true);
  await sleep(seconds * 1000);
  return meter.stop();
}

module.exports = idle;
