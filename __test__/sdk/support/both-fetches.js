'use strict';

const { createFetch } = require('../../..');

const stock = globalThis.fetch;

/** A result as JSON, without ids, times and ports, which differ from request to request. */
function normalised(result) {
  const text = JSON.stringify({ result }, (_, inner) => (inner === undefined ? '(undefined)' : inner))
    .replace(/gen-[\w-]+/g, 'gen')
    .replace(/(req|call|chatcmpl|run|aitxt|msg)[_-][\w-]{6,}/g, '$1')
    .replace(/(?<=created\\*":)\d+/g, '0')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/"date":"[^"]*"/g, '"date":""')
    .replace(/127\.0\.0\.1:\d+/g, 'emulator');
  return JSON.parse(text).result;
}

/** The fields of an SDK's error that must not depend on the fetch. */
function factsOf(error) {
  const { name, status, statusCode, message, code, type, param, isRetryable, requestID, constructor } = error;
  return { name, kind: constructor.name, status, statusCode, message, code, type, param, isRetryable, hasRequestId: Boolean(requestID) };
}

/** Runs `scenario(fetch, emulator)`; returns its result or failure, its requests, and which side closed each of them. */
async function outcomeOf(fetch, emulator, scenario) {
  emulator.reset();
  const result = await Promise.resolve(scenario(fetch, emulator)).catch((error) => ({ failed: factsOf(error) }));
  const requests = emulator.requests.map(({ method, path, query, headers, rawBody }) => {
    const { authorization, 'content-type': type, accept } = headers;
    return { method, path, query, authorization, type, accept, body: rawBody };
  });
  const ends = (await Promise.all(emulator.requests.map(({ closed }) => closed))).map(({ by }) => by);
  return { result: normalised(result), requests: normalised(requests), ends };
}

/** Expects equal outcomes of a scenario over the built-in and the native fetch; returns the one over the native fetch. */
async function onBoth(emulator, scenario) {
  const theirs = await outcomeOf(stock, emulator, scenario);
  const ours = await outcomeOf(createFetch(), emulator, scenario);
  expect(ours).toEqual(theirs);
  return ours;
}

module.exports.factsOf = factsOf;
module.exports.onBoth = onBoth;
module.exports.outcomeOf = outcomeOf;
