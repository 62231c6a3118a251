'use strict';

const { Readable } = require('node:stream');

/** A streamed answer as a `node-fetch` response, whose `body` is a Node stream. Destroying the body closes the request. */
class StreamResponse {
  ok = true;
  status = 200;
  statusText = 'OK';
  url;
  headers;
  body;

  /**
   * @param {import('../..').ChatCompletionStream} stream
   * @param {string} url
   */
  constructor(stream, url) {
    this.url = url;
    this.headers = new Headers({ 'content-type': 'text/event-stream' });
    if (stream.generationId) this.headers.set('x-generation-id', stream.generationId);
    this.body = Readable.fromWeb(stream.toReadableStream());
    // Without a listener an error would end the process. Readers of the body still receive it.
    this.body.on('error', () => {});
    Object.defineProperty(this, 'stream', { value: stream });
  }

  get bodyUsed() {
    return Readable.isDisturbed(this.body);
  }

  async arrayBuffer() {
    const bytes = Buffer.concat(await this.body.toArray());
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  }

  async text() {
    return Buffer.from(await this.arrayBuffer()).toString();
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

module.exports = { StreamResponse };
