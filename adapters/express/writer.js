'use strict';

const { SocketWriter } = require('../handler/socket-writer.js');

/** Writes an answer through Express, whose settings decide about the ETag. */
class ExpressWriter extends SocketWriter {
  set(name, text) {
    this.res.set(name, text);
  }

  json(status, bytes) {
    this.res.status(status).type('json').send(bytes);
  }

  begin(headers) {
    this.res.status(200).set(headers).flushHeaders();
  }
}

module.exports.ExpressWriter = ExpressWriter;
