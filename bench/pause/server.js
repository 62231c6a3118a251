'use strict';

// The servers of `after-pause` and `first-chat`, each behind a relay that delays what passes, as if it were far away. It prints
// the ports of the relays as JSON, by what the server does with connections that nobody uses, and exits when its stdin ends.
// `node pause/server.js <pem file>`
const fs = require('node:fs');
const http2 = require('node:http2');
const { once } = require('node:events');

const { startRelay } = require('./relay.js');

/** How long the servers keep a connection that nobody uses, in ms, and whether they say so. */
const KEEPING = {
  silent: { keepMs: 400_000, says: false },
  said: { keepMs: 400_000, says: true },
  closed: { keepMs: 10_000, says: false },
};

const chunk = (content, reason = null) =>
  `data: ${JSON.stringify({ id: 'gen-1', object: 'chat.completion.chunk', created: 1763164800, model: 'openai/gpt-5-mini', choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: reason }] })}\n\n`;

async function main() {
  const pem = fs.readFileSync(process.argv[2]);
  const ports = {};
  for (const [name, keeping] of Object.entries(KEEPING)) {
    const server = await startServer(pem, keeping);
    ports[name] = await startRelay(server.address().port);
  }
  process.stdout.write(`${JSON.stringify(ports)}\n`);
  process.stdin.resume().on('end', () => process.exit(0));
}

/** Starts a server with TLS that speaks HTTP/2, and HTTP/1.1 with clients that do not. */
async function startServer(pem, { keepMs, says }) {
  const server = http2.createSecureServer({ key: pem, cert: pem, allowHTTP1: true });
  server.keepAliveTimeout = keepMs;
  server.on('session', (session) => closeUnused(session, keepMs));
  server.on('request', (request, response) => {
    request.resume();
    request.on('end', () => {
      // Node says how long it keeps the connection, unless a header Connection is set by hand.
      const kept = request.httpVersionMajor === 1 && !says ? { connection: 'keep-alive' } : {};
      response.writeHead(200, { 'content-type': 'text/event-stream', ...kept });
      response.end(`${chunk('')}${chunk(' the')}${chunk('', 'stop')}data: [DONE]\n\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Closes a connection of HTTP/2 that has had no request for a while. Its own timeout would count pings as use. */
function closeUnused(session, keepMs) {
  const close = () => session.close();
  let timer = setTimeout(close, keepMs);
  session.on('stream', (stream) => {
    clearTimeout(timer);
    stream.on('close', () => {
      clearTimeout(timer);
      timer = setTimeout(close, keepMs);
    });
  });
  session.on('close', () => clearTimeout(timer));
  // A client that ends while its connection is open resets it.
  session.on('error', () => session.destroy());
}

main();
