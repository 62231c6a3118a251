'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { startServers } = require('../pause');
const { median } = require('../statistics.js');

const PROCESS = path.join(__dirname, '..', 'process.js');

/**
 * Measures the time to the first token of a chat after a pause, over a relay that delays each direction. Each process has one
 * pause and one connection, and all of them run at the same time, because they wait and do little else.
 */
async function afterPause({ client, pem, pauses }) {
  const { url, stop } = await startServers(pem);
  const hot = [];
  const figures = pauses.map(async ({ keeping, seconds, processes, count }) => {
    const work = { task: 'pause', client, url: url(keeping), seconds, count };
    const all = await Promise.all(Array.from({ length: processes }, () => run(work)));
    hot.push(...all.flatMap((one) => one.hot));
    return [nameOf(keeping, seconds), median(all.flatMap((one) => one.paused))];
  });
  const named = await Promise.all(figures);
  stop();
  return { after0Ms: median(hot), ...Object.fromEntries(named) };
}

/** Returns the name of the figure of a pause: `after30Ms` where the server keeps the connection, else as `closed30Ms`. */
function nameOf(keeping, seconds) {
  return `${keeping === 'silent' ? 'after' : keeping}${seconds}Ms`;
}

async function run(work) {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (some) => { output += some; });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`The chats after ${work.seconds} s failed.`);
  return JSON.parse(output);
}

module.exports = afterPause;
