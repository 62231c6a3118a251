'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { linkSignal, reasonOf } = require('../util/signal.js');
const { checkParameters, settingsIn } = require('./post.js');
const { SEND } = require('../util/send.js');

/** How many inputs are sent in one request. Providers refuse more than 2,048. */
const BATCH = 2048;
/** How many batches are under way at a time. */
const CONCURRENCY = 4;

/**
 * Requests embeddings. Unless the caller chose an `encoding_format`, they are asked for as base64, which the addon decodes.
 * More inputs than a request takes are sent in batches, whose results are joined in order.
 */
function embeddings(client, params, options, caller) {
  if (typeof params !== 'object' || params === null) {
    throw new OpenRouterError('embeddings takes an object of parameters such as { model, input }.', { code: 'invalid_request' });
  }
  checkParameters(params, caller);
  const { batchSize = BATCH, ...settings } = settingsIn(options, caller, ['batchSize']);
  if (!Number.isInteger(batchSize) || batchSize < 1) throw wrongOption('batchSize', 'a whole number above zero');
  const batches = batchesOf(params.input, batchSize);
  if (batches === null) return request(client, params, settings, caller);
  const given = withSharedBudget(settings);
  return batched(batches, given.signal, (input, signal) => request(client, { ...params, input }, { ...given, signal }, caller));
}

function request(client, body, options, caller) {
  const isOwnChoice = body.encoding_format !== undefined && body.encoding_format !== null;
  const sent = isOwnChoice ? body : { ...body, encoding_format: 'base64' };
  const call = client[SEND]({ method: 'POST', path: '/embeddings', options: { ...options, body: sent }, isVectors: !isOwnChoice, caller });
  return isOwnChoice ? call : call.changed(withVectors);
}

/** Returns the batches of a list of inputs; null if one request takes them all. A list of numbers is one input, as tokens. */
function batchesOf(input, size) {
  if (!Array.isArray(input) || input.length <= size || typeof input[0] === 'number') return null;
  const batches = [];
  for (let at = 0; at < input.length; at += size) batches.push(input.slice(at, at + size));
  return batches;
}

/** Returns the settings with `maxCost` as a budget that all batches share. */
function withSharedBudget({ maxCost, ...settings }) {
  if (maxCost === undefined || maxCost === null) return settings;
  const { Budget } = require('../helpers/budget.js');
  return { ...settings, budget: [new Budget({ maxCost }), ...[settings.budget ?? []].flat()] };
}

/** Puts the floats in place of their numbers. All embeddings of an answer share one buffer. */
function withVectors(answered) {
  // An answer without floats comes without bytes.
  const { result: answer, bytes } = answered.bytes === undefined ? { result: answered } : answered;
  let at = 0;
  for (const item of answer.data) {
    const length = item.embedding;
    item.embedding = bytes === undefined ? new Float32Array(0) : new Float32Array(bytes.buffer, at, length);
    at += length * Float32Array.BYTES_PER_ELEMENT;
  }
  return answer;
}

/**
 * Sends all batches, a few at a time. The failure of one ends the others; its error has what had arrived.
 * @param {(input: unknown[], signal: AbortSignal) => import('../bridge/call-promise.js').CallPromise} send
 */
function batched(batches, signal, send) {
  const results = new Array(batches.length);
  const controller = new AbortController();
  const unlink = linkSignal(signal, controller);
  if (signal?.aborted) controller.abort(reasonOf(signal));
  // The first request is the one whose response `withResponse()` shows.
  const first = send(batches[0], controller.signal);
  let next = 1;
  const work = async (under = null) => {
    if (under !== null) results[0] = await under;
    while (next < batches.length) {
      const at = next;
      next += 1;
      results[at] = await send(batches[at], controller.signal);
    }
  };
  const others = Array.from({ length: Math.min(CONCURRENCY, batches.length) - 1 }, () => work());
  const joined = Promise.all([work(first), ...others]).then(
    () => joinedOf(results, batches),
    (error) => {
      next = batches.length;
      controller.abort();
      if (results.some(Boolean)) error.partial = joinedOf(results, batches);
      throw error;
    },
  );
  return first.answering(joined.finally(unlink));
}

/** Joins the results of the batches that have arrived. */
function joinedOf(results, batches) {
  const arrived = results.filter(Boolean);
  const data = [];
  let offset = 0;
  results.forEach((result, at) => {
    for (const item of result?.data ?? []) data.push({ ...item, index: offset + (item.index ?? 0) });
    offset += batches[at].length;
  });
  const { usage, ...facts } = arrived[0];
  return { ...facts, data, ...(usage && { usage: arrived.map((result) => result.usage).reduce(sum) }) };
}

/** Adds up the numbers of two usages, those inside them too. */
function sum(one, two) {
  const total = { ...one };
  for (const [name, value] of Object.entries(two ?? {})) {
    if (typeof value === 'number') total[name] = (total[name] ?? 0) + value;
    else if (typeof value === 'object' && value !== null) total[name] = sum(total[name] ?? {}, value);
  }
  return total;
}

module.exports = { embeddings };
