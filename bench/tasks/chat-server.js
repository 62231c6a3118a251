'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');

const { pinned } = require('../cores.js');
const { Meter } = require('../meter.js');

const READER = path.join(__dirname, '..', 'reader.js');

/**
 * Measures a chat server as LibreChat is one: an agent answers each request, a handler collects the answer and sends each
 * delta to the browser as a server-sent event. The browsers are another process, whose cost does not count.
 */
async function chatServer({ url, warmUp, count, apartMs, words }, open) {
  const server = http.createServer((request, response) => {
    request.resume();
    answer(open(request.url === '/warm-up' ? warmUp : url), response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${base}/warm-up`, { method: 'POST' })).text();
  const meter = await Meter.start();
  const seen = await readers({ url: `${base}/chat`, count, apartMs, words });
  const { wallMs, cpuMs, mainMs, rssMiB } = await meter.stop();
  return { wallMs, cpuMs: cpuMs / count, mainMs: mainMs / count, rssMiB, found: words * count, ...seen };
}

/** Answers one request by an agent. */
async function answer(client, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
  const send = (data) => response.write(`event: message\ndata: ${JSON.stringify(data)}\n\n`);
  const parts = [{ type: 'text', text: '' }];
  send({ event: 'on_run_step', data: { id: 'step_1', runId: 'run_1', index: 0, type: 'message_creation' } });
  await client.chat((text) => {
    if (text === '') return;
    parts[0].text += text;
    send({ event: 'on_message_delta', data: { id: 'step_1', delta: { content: [{ type: 'text', text }] } } });
  });
  send({ final: true, responseMessage: { messageId: 'message_1', sender: 'Agent', content: parts } });
  response.end();
}

/** Resolves to the figures of the browsers, which run on the core of the load server. */
async function readers(work) {
  const [command, ...args] = pinned('server', [process.execPath, READER, JSON.stringify(work)]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes) => { output += bytes; });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error('The browsers failed.');
  return JSON.parse(output);
}

module.exports = chatServer;
