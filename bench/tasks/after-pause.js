'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { startServers } = require('../pause');
const { median } = require('../statistics.js');

const PROCESS = path.join(__dirname, '..', 'process.js');
/** The time between the first chats of two processes. */
const NEXT_MS = 30;
/**
 * By how much the pause of a process is longer than that of the one before. Otherwise all of them would ask at the same time
 * after the server has closed their connections.
 */
const APART_MS = 1100;

/**
 * Measures the time to the first token of a chat after a pause, over a relay that delays each direction. Each process has one
 * pause and one connection. They start one after another, and begin when all are warm.
 */
async function afterPause({ client, pem, pauses }) {
  const { url, stop } = await startServers(pem);
  const started = [];
  for (const { keeping, seconds, processes, count } of pauses) {
    for (let number = 0; number < processes; number += 1) {
      const pauseMs = seconds * 1000 + (seconds < 1 ? 0 : number * APART_MS);
      const { warm, begin, done } = start({ task: 'pause', client, url: url(keeping), pauseMs, count });
      started.push({ figure: nameOf(keeping, seconds), begin, done });
      await Promise.race([warm, done]);
    }
  }
  for (const { begin } of started) {
    begin();
    await sleep(NEXT_MS);
  }
  const all = await Promise.all(started.map(async ({ figure, done }) => ({ figure, ...(await done) })));
  stop();
  const figures = { after0Ms: median(all.flatMap(({ hot }) => hot)) };
  for (const { figure } of all) {
    figures[figure] ??= median(all.filter((one) => one.figure === figure).flatMap(({ paused }) => paused));
  }
  return figures;
}

/** Returns the name of the figure of a pause: `after30Ms` where the server keeps the connection, else as `closed30Ms`. */
function nameOf(keeping, seconds) {
  return `${keeping === 'silent' ? 'after' : keeping}${seconds}Ms`;
}

/** Starts a process, which waits for `begin()`. `warm` resolves when its first chats are over, `done` to its figures. */
function start(work) {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(work)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const warm = once(child.stdout, 'data');
  let output = '';
  child.stdout.on('data', (some) => { output += some; });
  const done = once(child, 'close').then(([status]) => {
    if (status !== 0) throw new Error(`The chats after ${work.pauseMs} ms failed.`);
    return JSON.parse(output.trim().split('\n').at(-1));
  });
  return { warm, begin: () => child.stdin.write('begin\n'), done };
}

module.exports = afterPause;
