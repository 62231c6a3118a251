'use strict';

const fs = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');

const MAIN = `/proc/self/task/${process.pid}/schedstat`;

/** CPU of the JavaScript thread in ms, where the system tells it. */
function mainMs() {
  return fs.existsSync(MAIN) ? Number(fs.readFileSync(MAIN, 'utf8').split(' ', 1)[0]) / 1e6 : null;
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** What a piece of work costs this process. */
class Meter {
  #delay;
  #start;

  /** @param {boolean} watch whether the event loop's delay is measured too, which costs CPU of its own */
  static async start(watch = false) {
    // The system counts a thread's time when it leaves the CPU: a moment's rest makes the figure exact.
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

/** The 99th percentile in ms; where the loop has not turned once, all of the time. */
function delayOf(delay, wallMs) {
  return delay.count === 0 ? wallMs : delay.percentile(99) / 1e6;
}

module.exports = { Meter };
