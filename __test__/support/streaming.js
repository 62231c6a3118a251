'use strict';

const { OpenRouterClient } = require('../..');
const { ROOT, runNode } = require('./process.js');

/** The response head of an event stream whose body ends when the connection closes. */
const SSE_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Generation-Id: gen-head\r\nConnection: close\r\n\r\n';
/** The response head of an event stream with a chunked body. */
const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

let clients = 0;

/** Returns a client with a key that no other test uses, because the process keeps its caches by key. */
function newClient({ baseURL }, options = {}) {
  clients += 1;
  return new OpenRouterClient(`sk-or-v1-limit-stream-${process.pid}-${clients}`, { baseURL, maxRetries: 0, ...options });
}

/** Requests a stream from `server`. `params` may have directives for the emulator: `emulator: { … }`. */
function openStream(server, params = {}, options = {}) {
  return newClient(server, options).chatCompletion({
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content: 'Tell me about bees' }],
    stream: true,
    ...params,
  });
}

/** Reads an async iterable to its end. Returns its items, and the error that it ended with, or null. */
async function readAll(iterable) {
  const items = [];
  try {
    for await (const item of iterable) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items, error: null };
}

/** Returns a chunk in the shape that OpenRouter sends, as an object. */
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

/** Returns the last chunk that has a choice, with the finish reason. */
const finishChunk = (reason = 'stop') => chunkOf('', { choice: { finish_reason: reason, native_finish_reason: reason } });

const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
/** Formats values (objects, or JSON text) as an event stream that ends with `[DONE]`. */
const sse = (...values) => [...values, '[DONE]'].map(event).join('');

/** Returns the content deltas of chunks, without empty ones. */
const contentsOf = (chunks) => chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').filter((text) => text !== '');
/** Returns the content of chunks, joined. */
const contentOf = (chunks) => contentsOf(chunks).join('');

/** Returns a promise that resolves when its method `open` is called. */
function gate() {
  let open;
  const promise = new Promise((resolve) => { open = resolve; });
  return Object.assign(promise, { open });
}

/**
 * Runs `work(package, argument)` in a separate Node process that has `global.gc`, until that process has nothing left to do.
 * Returns what `work` resolves to as `result`, and as `trouble` the unhandled rejections, uncaught exceptions and warnings,
 * which do not end the process. Throws if `work` rejects. The process gets the source text of `work`, which therefore cannot
 * use variables of the test.
 */
async function inChild(work, argument) {
  const source = `
    const trouble = [];
    for (const name of ['unhandledRejection', 'uncaughtException', 'warning']) {
      process.on(name, (error) => trouble.push(name + ': ' + (error?.stack ?? error)));
    }
    const work = ${work};
    let outcome = { failure: 'The process had nothing left to do before the work was done.' };
    work(require(${JSON.stringify(ROOT)}), ${JSON.stringify(argument)}).then(
      (result) => { outcome = { result }; },
      (error) => { outcome = { failure: String(error?.stack ?? error) }; },
    );
    // Trouble may come after the work, so the outcome is written when the event loop is empty.
    process.once('beforeExit', () => process.stdout.write(JSON.stringify({ ...outcome, trouble })));`;
  const { stdout, stderr } = await runNode(['--expose-gc', '-e', source]);
  if (stdout === '') throw new Error(`The child wrote nothing: ${stderr}`);
  const { failure, ...outcome } = JSON.parse(stdout);
  if (failure !== undefined) throw new Error(`The work failed in the child: ${failure} ${outcome.trouble.join('\n')}`);
  return outcome;
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
