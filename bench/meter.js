'use strict';

const fs = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');

const MAIN = `/proc/self/task/${process.pid}/schedstat`;

/** Returns the CPU time of the main thread in ms, or null if the system does not report it. */
function mainMs() {
  return fs.existsSync(MAIN) ? Number(fs.readFileSync(MAIN, 'utf8').split(' ', 1)[0]) / 1e6 : null;
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** Measures what a piece of work costs this process: wall time, CPU time, event-loop delay and memory. */
class Meter {
  #delay;
  #start;

  /** @param {boolean} watch whether to measure the event-loop delay too, which itself costs CPU */
  static async start(watch = false) {
    // The system adds to a thread's CPU time when the thread leaves the CPU. Sleep for a moment, so that it is up to date.
    await sleep(2);
    return new Meter(watch);
  }

  constructor(watch) {
    this.#delay = watch ? monitorEventLoopDelay({ resolution: 1 }) : null;
    this.#delay?.enable();
    this.#start = { wall: performance.now(), cpu: cpuMs(), main: mainMs() };
  }

  async stop() {
    const wallMs = performance.now() - this.#start.wall;
    this.#delay?.disable();
    await sleep(2);
    const main = mainMs();
    return {
      wallMs,
      cpuMs: cpuMs() - this.#start.cpu,
      mainMs: main === null ? null : main - this.#start.main,
      p99Ms: this.#delay && delayOf(this.#delay, wallMs),
      rssMiB: process.resourceUsage().maxRSS / 1024,
    };
  }
}

/** Returns the 99th percentile in ms. If the event loop never turned, the delay is the whole wall time. */
function delayOf(delay, wallMs) {
  return delay.count === 0 ? wallMs : delay.percentile(99) / 1e6;
}

module.exports = { Meter };
