'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const { OpenRouterClient } = require('../..');

/** The head of an event stream that ends with its connection. */
const SSE_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Generation-Id: gen-head\r\nConnection: close\r\n\r\n';
/** The same, with a chunked body. */
const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

let clients = 0;

/** A client with a key of its own, since what the process remembers is remembered by key. */
function newClient({ baseURL }, options = {}) {
  clients += 1;
  return new OpenRouterClient(`sk-or-v1-limit-stream-${process.pid}-${clients}`, { baseURL, maxRetries: 0, ...options });
}

/** Asks `server` for a stream; `params` may hold `emulator: { … }`. */
function openStream(server, params = {}, options = {}) {
  return newClient(server, options).chatCompletion({
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content: 'Tell me about bees' }],
    stream: true,
    ...params,
  });
}

/** Reads an async iterable to its end: what came, and the error it ended with, if any. */
async function readAll(iterable) {
  const items = [];
  try {
    for await (const item of iterable) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items, error: null };
}

/** A chunk as OpenRouter sends it, as an object. */
function chunkOf(content, { delta = {}, choice = {}, ...more } = {}) {
  return {
    id: 'gen-1',
    provider: 'Emulated',
    model: 'openai/gpt-5-mini',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    choices: [{ index: 0, delta: { role: 'assistant', content, ...delta }, finish_reason: null, native_finish_reason: null, logprobs: null, ...choice }],
    ...more,
  };
}

/** The last chunk with a choice. */
const finishChunk = (reason = 'stop') => chunkOf('', { choice: { finish_reason: reason, native_finish_reason: reason } });

const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
/** Values (objects, or JSON text) as an event stream with its `[DONE]`. */
const sse = (...values) => [...values, '[DONE]'].map(event).join('');

/** The content deltas of chunks. */
const contentsOf = (chunks) => chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').filter((text) => text !== '');
/** The content of chunks in one piece. */
const contentOf = (chunks) => contentsOf(chunks).join('');

/** A promise with its own `resolve`. */
function gate() {
  let open;
  const promise = new Promise((resolve) => { open = resolve; });
  return Object.assign(promise, { open });
}

/**
 * Runs `work` in a Node process of its own, with `gc` exposed; gives what it resolves to. It gets the package, `argument`
 * and nothing from outside. Unhandled rejections and uncaught exceptions are counted, not fatal.
 */
async function inChild(work, argument) {
  const source = `
    const trouble = [];
    for (const name of ['unhandledRejection', 'uncaughtException', 'warning']) {
      process.on(name, (error) => trouble.push(name + ': ' + (error?.stack ?? error)));
    }
    const work = ${work};
    work(require(${JSON.stringify(path.join(__dirname, '..', '..'))}), ${JSON.stringify(argument)}).then((result) => {
      setImmediate(() => process.stdout.write(JSON.stringify({ result, trouble })));
    });`;
  const child = spawn(process.execPath, ['--expose-gc', '-e', source], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = await Promise.all([child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join('')));
  if (texts[0] === '') throw new Error(`The child said nothing: ${texts[1]}`);
  return JSON.parse(texts[0]);
}

module.exports = {
  CHUNKED_HEAD,
  SSE_HEAD,
  chunkOf,
  contentOf,
  contentsOf,
  event,
  finishChunk,
  gate,
  inChild,
  newClient,
  openStream,
  readAll,
  sse,
};
