'use strict';

// Runs the emulator in a network namespace of this machine, behind a virtual network link (veth). The link can drop every
// packet without notice to either end. Needs root and Linux.
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const os = require('node:os');
const path = require('node:path');

const EMULATOR = path.join(__dirname, '..', '..', '..', 'emulator');
/** Addresses of TEST-NET-3, a network reserved for documentation (RFC 5737), which no real network should use. */
const [NEAR, FAR] = ['203.0.113.1', '203.0.113.2'];
const PORT = 8080;

const ip = (...words) => spawnSync('ip', words, { encoding: 'utf8' });
const run = (...words) => {
  const { status, stderr } = ip(...words);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
};

/** Whether this process may create network namespaces, and no interface uses the network yet. */
function canHaveFarHost() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return false;
  const own = Object.values(os.networkInterfaces()).flat().map(({ address }) => address);
  if (own.some((address) => address.startsWith('203.0.113.'))) return false;
  const name = `probe-${process.pid}`;
  const made = ip('netns', 'add', name).status === 0;
  if (made) ip('netns', 'delete', name);
  return made;
}

async function startFarHost() {
  const name = `far-${process.pid}`;
  run('netns', 'add', name);
  run('link', 'add', `${name}-a`, 'type', 'veth', 'peer', 'name', `${name}-b`, 'netns', name);
  run('addr', 'add', `${NEAR}/30`, 'dev', `${name}-a`);
  run('link', 'set', `${name}-a`, 'up');
  run('-n', name, 'addr', 'add', `${FAR}/30`, 'dev', `${name}-b`);
  run('-n', name, 'link', 'set', `${name}-b`, 'up');
  run('-n', name, 'link', 'set', 'lo', 'up');
  // The emulator listens only on the loopback interface of the namespace, so a relay forwards connections to it.
  const script = `
    require(${JSON.stringify(EMULATOR)}).startEmulator({ unref: false }).then(({ port }) => {
      require('node:net').createServer((from) => {
        const to = require('node:net').connect(port, '127.0.0.1');
        from.pipe(to).pipe(from);
        for (const [one, other] of [[from, to], [to, from]]) one.on('error', () => other.destroy());
      }).listen(${PORT}, '${FAR}', () => console.log('listening'));
    });`;
  const emulator = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(emulator.stdout, 'data');
  return {
    baseURL: `http://${FAR}:${PORT}/api/v1`,
    /** Makes the namespace drop every packet to this machine: no answer arrives any more, and no connection is closed. */
    cut: () => run('-n', name, 'route', 'add', 'blackhole', `${NEAR}/32`),
    /** Undoes `cut`. */
    mend: () => run('-n', name, 'route', 'delete', 'blackhole', `${NEAR}/32`),
    stop() {
      emulator.kill();
      ip('link', 'delete', `${name}-a`);
      run('netns', 'delete', name);
    },
  };
}

module.exports.canHaveFarHost = canHaveFarHost;
module.exports.startFarHost = startFarHost;
