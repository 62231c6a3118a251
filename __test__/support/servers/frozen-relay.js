'use strict';

const { once } = require('node:events');
const net = require('node:net');

/**
 * A TCP relay to a port of this machine. `freeze` stops the forwarding on its open connections without closing them, as
 * when a firewall forgets a connection. New connections are forwarded.
 */
class FrozenRelay {
  #server;
  #pairs = new Set();

  constructor(port) {
    this.connections = 0;
    this.#server = net.createServer((client) => {
      this.connections += 1;
      const upstream = net.connect(port, '127.0.0.1');
      const pair = [client, upstream];
      this.#pairs.add(pair);
      for (const [from, to] of [pair, [upstream, client]]) {
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#pairs.delete(pair);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    return this;
  }

  /** Stops the forwarding on all open connections. */
  freeze() {
    for (const [client, upstream] of this.#pairs) {
      client.unpipe(upstream);
      upstream.unpipe(client);
      // Keep reading, so that TCP acknowledges what arrives and the silence is the only sign of the freeze.
      client.resume();
      upstream.resume();
    }
  }

  async close() {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

module.exports.startFrozenRelay = (port) => new FrozenRelay(port).listen();
