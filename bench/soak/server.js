'use strict';

// The server of the honest and of the hostile answers. The first part of a request's path names the answer, see ANSWERS. Prints
// `{"url"}` when it listens.
const http = require('node:http');
const { Readable } = require('node:stream');
const { buffer } = require('node:stream/consumers');
const zlib = require('node:zlib');

const { EVENTS, GAP_MS } = require('./pace.js');

const SSE = { 'Content-Type': 'text/event-stream' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const TRICKLE_MS = 20;
const BOMB_BYTES = 512 * 2 ** 20;

const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const chunk = (content, finish = null) => ({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
/** 64 KiB of deltas. */
const DELTAS = event(chunk('a word and another one, ')).repeat(512);

/** The answers, by name: each is a function of the response and the request. */
const ANSWERS = {
  /** An event every `GAP_MS`, numbered, with the time at which it was sent. */
  honest(response) {
    response.writeHead(200, SSE);
    let number = 0;
    const timer = setInterval(() => {
      if (number === EVENTS) {
        response.end(event(chunk('', 'stop')) + event('[DONE]'));
        clearInterval(timer);
        return;
      }
      response.write(event(chunk(`${number} ${performance.timeOrigin + performance.now()}\n`)));
      number += 1;
    }, GAP_MS);
    response.once('close', () => clearInterval(timer));
  },
  'endless deltas'(response) {
    response.writeHead(200, SSE);
    endlessly(response, () => DELTAS);
  },
  'endless new fields'(response) {
    response.writeHead(200, SSE);
    let next = 0;
    endlessly(response, () => Array.from({ length: 256 }, () => event({ id: 'gen-1', choices: [{ index: 0, delta: { [`field_${next += 1}`]: 'x'.repeat(64) } }] })).join(''));
  },
  'an event without end'(response) {
    response.writeHead(200, SSE);
    response.write('data: {"choices":[{"delta":{"content":"');
    endlessly(response, () => 'a word and another one, '.repeat(2048));
  },
  'many choices'(response) {
    response.writeHead(200, SSE);
    response.end(event({ choices: Array.from({ length: 300_000 }, (_, index) => ({ index })) }) + event('[DONE]'));
  },
  'many tool calls'(response) {
    response.writeHead(200, SSE);
    const calls = Array.from({ length: 100_000 }, (_, index) => ({ index, id: `c${index}`, function: { name: 'f', arguments: '' } }));
    response.end(event({ choices: [{ index: 0, delta: { tool_calls: calls } }] }) + event(chunk('', 'stop')) + event('[DONE]'));
  },
  'a compressed bomb'(response) {
    response.writeHead(200, { ...SSE, 'Content-Encoding': 'gzip' });
    bomb().then((bytes) => response.end(bytes));
  },
  'a compressed completion'(response) {
    response.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip' });
    bomb().then((bytes) => response.end(bytes));
  },
  'a deep completion'(response) {
    response.writeHead(200, JSON_TYPE);
    response.end(`{"choices":${'['.repeat(2_000_000)}`);
  },
  'white space'(response) {
    response.writeHead(200, JSON_TYPE);
    trickle(response, () => response.write(' \n'));
  },
  'lines without data'(response) {
    response.writeHead(200, SSE);
    trickle(response, () => response.write('id: 1\nevent: ping\n: comment\n\n'));
  },
  'slow headers'(response, { socket }) {
    socket.write('HTTP/1.1 200 OK\r\n');
    trickle(response, () => socket.write('X-Slow: yes\r\n'));
  },
  'headers without end'(response, { socket }) {
    socket.write('HTTP/1.1 200 OK\r\n');
    endlessly(socket, () => `X-Long: ${'x'.repeat(1000)}\r\n`.repeat(16));
  },
  'a reset in mid-stream'(response, { socket }) {
    response.writeHead(200, SSE);
    response.write(DELTAS, () => socket.resetAndDestroy());
  },
  'an error that echoes the key'(response, { headers }) {
    response.writeHead(401, { ...JSON_TYPE, 'X-Request-Id': headers.authorization, 'X-Generation-Id': headers.authorization });
    response.end(JSON.stringify({ error: { code: 401, message: `Bad key ${headers.authorization}`, metadata: { raw: headers } } }));
  },
  'redirects without end'(response, { url }) {
    response.writeHead(307, { Location: url });
    response.end();
  },
};

let made = null;

/** Resolves to a gzip body of a few MiB that unpacks to 512 MiB of deltas. It is made once. */
function bomb() {
  made ??= buffer(Readable.from(Array.from({ length: BOMB_BYTES / DELTAS.length }, () => DELTAS)).pipe(zlib.createGzip({ level: 1 })));
  return made;
}

/** Writes what `make` returns again and again, as fast as the client reads. */
function endlessly(out, make) {
  const go = () => {
    if (out.destroyed) return;
    while (out.write(make()));
    out.once('drain', () => setImmediate(go));
  };
  out.on('error', () => {});
  go();
}

/** Calls `write` every few milliseconds until the client closes the connection. */
function trickle(response, write) {
  const timer = setInterval(write, TRICKLE_MS);
  response.once('close', () => clearInterval(timer));
}

// Make it before the first request, because it takes a second.
bomb();
const server = http.createServer((request, response) => {
  // A client that sends a huge body may leave before the end of it.
  request.on('error', () => {}).resume();
  request.once('end', () => {
    if (!request.socket.destroyed) ANSWERS[decodeURIComponent(request.url.split('/')[1])](response, request);
  });
});
server.on('connection', (socket) => socket.on('error', () => {}));
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
