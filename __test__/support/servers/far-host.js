'use strict';

// A host of its own on this machine: the emulator in a network namespace, at the other end of a cable on which every
// packet can be lost, with neither end told. It takes root and Linux.
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const os = require('node:os');
const path = require('node:path');

const EMULATOR = path.join(__dirname, '..', '..', '..', 'emulator');
/** A network of documentation's own (RFC 5737), which nobody should be in. */
const [NEAR, FAR] = ['203.0.113.1', '203.0.113.2'];
const PORT = 8080;

const ip = (...words) => spawnSync('ip', words, { encoding: 'utf8' });
const run = (...words) => {
  const { status, stderr } = ip(...words);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
};

/** Whether this machine lets us have one. */
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
  // The emulator listens on a loopback interface only, here the host's own; what comes to the host is passed on.
  const script = `
    require(${JSON.stringify(EMULATOR)}).startEmulator().then(({ port }) => {
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
    /** From here on it answers nobody, and nobody is told. */
    cut: () => run('-n', name, 'route', 'add', 'blackhole', `${NEAR}/32`),
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
