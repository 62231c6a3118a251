'use strict';

const { createFetch } = require('../../..');

const stock = globalThis.fetch;

/** A result as JSON, without what differs from one request to the next by itself. */
function evened(result) {
  const text = JSON.stringify({ result }, (_, inner) => (inner === undefined ? '(undefined)' : inner))
    .replace(/gen-[\w-]+/g, 'gen')
    .replace(/(req|call|chatcmpl|run|aitxt|msg)[_-][\w-]{6,}/g, '$1')
    .replace(/(?<=created\\*":)\d+/g, '0')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/"date":"[^"]*"/g, '"date":""')
    .replace(/127\.0\.0\.1:\d+/g, 'emulator');
  return JSON.parse(text).result;
}

/** What an SDK made of a failure. */
function toldOf(error) {
  const { name, status, statusCode, message, code, type, param, isRetryable, requestID, constructor } = error;
  return { name, kind: constructor.name, status, statusCode, message, code, type, param, isRetryable, hasRequestId: Boolean(requestID) };
}

/** What `scenario(fetch, emulator)` came to: its result or failure, its requests, and who ended them. */
async function outcomeOf(fetch, emulator, scenario) {
  emulator.reset();
  const result = await Promise.resolve(scenario(fetch, emulator)).catch((error) => ({ failed: toldOf(error) }));
  const requests = emulator.requests.map(({ method, path, query, headers, rawBody }) => {
    const { authorization, 'content-type': type, accept } = headers;
    return { method, path, query, authorization, type, accept, body: rawBody };
  });
  const ends = (await Promise.all(emulator.requests.map(({ closed }) => closed))).map(({ by }) => by);
  return { result: evened(result), requests: evened(requests), ends };
}

/** Fails unless a scenario comes to the same over the stock fetch and over ours. Gives what it came to over ours. */
async function onBoth(emulator, scenario) {
  const theirs = await outcomeOf(stock, emulator, scenario);
  const ours = await outcomeOf(createFetch(), emulator, scenario);
  expect(ours).toEqual(theirs);
  return ours;
}

module.exports.onBoth = onBoth;
module.exports.outcomeOf = outcomeOf;
module.exports.toldOf = toldOf;
