'use strict';

const { once } = require('node:events');

/** What writing to a response of `node:http` and to one of Express, which is of the same class, has in common. */
class SocketWriter {
  /** @param {import('node:http').ServerResponse} res */
  constructor(res) {
    this.res = res;
  }

  get isClosed() {
    return this.res.destroyed;
  }

  get isStarted() {
    return this.res.headersSent;
  }

  write(bytes) {
    return this.res.write(bytes);
  }

  drained(signal) {
    return once(this.res, 'drain', { signal });
  }

  end(bytes) {
    this.res.end(bytes);
  }

  destroy() {
    this.res.destroy();
  }
}

module.exports = { SocketWriter };
