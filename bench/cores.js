'use strict';

const { spawnSync } = require('node:child_process');
const os = require('node:os');

const COUNT = os.availableParallelism();
const CAN_PIN = process.platform === 'linux' && COUNT > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The server has the first core, clients the others: neither takes time from the other. */
const CORES = { server: '0', client: COUNT > 2 ? `1-${COUNT - 1}` : '1' };

/** A command bound to the cores of its role, and allowed as many sockets as the system lets it have. */
function pinned(role, command) {
  const bound = CAN_PIN ? ['taskset', '-c', CORES[role], ...command] : command;
  if (process.platform === 'win32') return bound;
  return ['sh', '-c', 'ulimit -n $(ulimit -Hn); exec "$@"', 'sh', ...bound];
}

/** How it is done here, in words. */
function pinning() {
  return CAN_PIN ? `server on core ${CORES.server}, clients on core ${CORES.client}` : 'nothing is bound to a core';
}

module.exports = { pinned, pinning };
