'use strict';

const { execFileSync } = require('node:child_process');

const { after } = require('../lib/util/timers.js');

const INTERVAL_MS = 500;

/**
 * Calls `ended` once, when the `npx` that started this process has ended. npx starts a command through a shell and does not
 * pass its own end on: a command that serves until it is stopped would stay behind, and keep its port.
 *
 * Does nothing in a process that npx did not start: that process may have been left running on purpose.
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} ended
 */
function onStarterEnd(env, ended) {
  if (env.npm_command !== 'exec' || !/openrouter-native/.test(env.npm_lifecycle_script)) return;
  const shell = process.ppid;
  const starter = parentOf(shell);
  const look = () => {
    // A terminated npx takes its shell with it, a killed one leaves it behind: either end counts.
    if (process.ppid === shell && isAlive(shell) && (starter === null || isAlive(starter))) after(INTERVAL_MS, look);
    else ended();
  };
  look();
}

/** Returns the id of a process's parent, or null where that cannot be found out. */
function parentOf(pid) {
  try {
    const id = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    // Process 1 takes in the orphans. It never ends, and the shell's own parent may have ended already.
    return Number.isInteger(id) && id > 1 ? id : null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { onStarterEnd };
