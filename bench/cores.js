'use strict';

const { spawnSync } = require('node:child_process');
const os = require('node:os');

const COUNT = os.availableParallelism();
const CAN_PIN = process.platform === 'linux' && COUNT > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The server gets the first core and the clients the others, so that they do not compete for CPU time. */
const CORES = { server: '0', client: COUNT > 2 ? `1-${COUNT - 1}` : '1' };

/** Returns a command that is bound to the cores of its role, and that may open as many sockets as the hard limit allows. */
function pinned(role, command) {
  const bound = CAN_PIN ? ['taskset', '-c', CORES[role], ...command] : command;
  if (process.platform === 'win32') return bound;
  return ['sh', '-c', 'ulimit -n $(ulimit -Hn); exec "$@"', 'sh', ...bound];
}

/** Describes the pinning on this machine, for the report. */
function pinning() {
  return CAN_PIN ? `server on core ${CORES.server}, clients on core ${CORES.client}` : 'no process is bound to a core';
}

module.exports = { pinned, pinning };
