'use strict';

const net = require('node:net');
const tls = require('node:tls');

const { post } = require('./post.js');

/** The lower limit for JavaScript: one socket per stream, a request written by hand, and bytes that are only counted. */
async function load() {
  return (baseURL) => {
    const { protocol, hostname, port, pathname, host } = new URL(baseURL);
    const connect = protocol === 'https:' ? tls.connect : net.connect;
    const { headers, body } = post();
    const lines = Object.entries({ host, connection: 'close', 'content-length': body.length, ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const text = `POST ${pathname}/chat/completions HTTP/1.1\r\n${head}\r\n${body}`;
    return {
      seesEvents: false,
      stream: () =>
        new Promise((resolve, reject) => {
          let bytes = 0;
          const socket = connect({ host: hostname, port, noDelay: true }, () => socket.write(text));
          socket.on('data', (some) => { bytes += some.length; });
          socket.on('error', reject);
          socket.on('close', () => resolve(bytes));
        }),
    };
  };
}

module.exports = load;
