'use strict';

const { once } = require('node:events');
const net = require('node:net');

/** Returns a port on which no server can listen: a connection of this process occupies it until the process ends. */
async function closedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  server.close();
  for (const end of [socket, accepted]) end.unref();
  return socket.localPort;
}

module.exports.closedPort = closedPort;
