'use strict';

const { once } = require('node:events');
const net = require('node:net');

/** The time that bytes take in one direction, in ms. */
const ONE_WAY = 25;

/**
 * Starts a relay that delays each direction, and the first bytes by the time that a handshake of TCP takes. Resolves to its
 * port.
 */
async function startRelay(port) {
  const relay = net.createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const connected = performance.now() + 2 * ONE_WAY;
    passOn(near, far, connected);
    passOn(far, near, connected);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return relay.address().port;
}

/**
 * Writes to `to` what comes from `from`, later by the delay. One timer serves a direction, because timers of different lengths
 * may fire in another order than that in which they are due.
 */
function passOn(from, to, connected) {
  const waiting = [];
  let timer = null;
  const act = () => {
    const now = performance.now();
    while (waiting.length > 0 && waiting[0].due <= now) waiting.shift().action();
    timer = waiting.length > 0 ? setTimeout(act, waiting[0].due - now) : null;
  };
  const later = (action) => {
    const now = performance.now();
    waiting.push({ due: Math.max(now, connected) + ONE_WAY, action });
    timer ??= setTimeout(act, waiting[0].due - now);
  };
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}

module.exports = { startRelay };
