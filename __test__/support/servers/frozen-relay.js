'use strict';

const { once } = require('node:events');
const net = require('node:net');

/**
 * A relay to a port of this machine whose connections can be frozen: nothing passes any more, and neither end is told,
 * as when a firewall forgets a connection. New connections pass.
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

  /** Freezes every connection there is. */
  freeze() {
    for (const [client, upstream] of this.#pairs) {
      client.unpipe(upstream);
      upstream.unpipe(client);
      // What comes is still taken from the kernel, so that nothing but silence tells of it.
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
