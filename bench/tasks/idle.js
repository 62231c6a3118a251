'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { Meter } = require('../meter.js');

/** Measures the harness alone. Its cost is subtracted from the CPU figures of paced streams. */
async function idle({ seconds }) {
  const meter = await Meter.start(true);
  await sleep(seconds * 1000);
  return meter.stop();
}

module.exports = idle;
