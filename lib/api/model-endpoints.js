'use strict';

const { createHash } = require('node:crypto');

const { CallPromise } = require('../bridge/call-promise.js');
const { wrongOption } = require('../errors.js');
const { now } = require('../util/timers.js');
const { get, modelPath, settingsIn } = require('./post.js');

// Who serves a model, as choices for `provider`. The answers are kept, because a program asks before each of its requests.

/** How long the endpoints of a model are kept: their figures are those of the last 30 minutes. */
const ENDPOINTS_MS = 5 * 60_000;
/** How long the list of endpoints with zero retention is kept. */
const ZDR_MS = 60 * 60_000;
/** How many answers are kept; the oldest are forgotten first. */
const MAX_KEPT = 1000;

/** What is kept by account and path: `{ until, value }`, where `value` is a promise. */
const kept = new Map();

/** Returns the endpoints of a model, each with `zdr`, from the answers that are kept unless `force` is set. */
function getEndpoints(client, id, options, caller) {
  const path = `/models/${modelPath(id, 'getEndpoints')}/endpoints`;
  const { force = false, ...settings } = settingsIn(options, caller, ['force']);
  if (typeof force !== 'boolean') throw wrongOption('force', 'true or false');
  const key = keyOf(client, path);
  const known = force ? undefined : kept.get(key);
  if (known !== undefined && known.until > now()) return CallPromise.of(async () => structuredClone(await known.value));
  const call = get(client, path, undefined, settings, caller);
  const retentions = zdrEndpoints(client, settings);
  const answer = call.then(async (body) => {
    const found = body?.data ?? null;
    const zdr = await retentions;
    for (const endpoint of found?.endpoints ?? []) endpoint.zdr = zdr === null ? null : zdr.has(nameOf(endpoint));
    if (found !== null) keep(key, ENDPOINTS_MS, Promise.resolve(found));
    return structuredClone(found);
  });
  return call.answering(answer);
}

/** Returns the names of the endpoints with zero retention; null if the list cannot be read. Callers at the same time share a request. */
function zdrEndpoints(client, settings) {
  const key = keyOf(client, '/endpoints/zdr');
  const known = kept.get(key);
  if (known !== undefined && known.until > now()) return known.value;
  // The signal of one caller must not end the request of others.
  const { signal: _, ...shared } = settings;
  const names = client.getZdrEndpoints(shared).then(
    (endpoints) => new Set(endpoints.map(nameOf)),
    () => {
      kept.delete(key);
      return null;
    },
  );
  keep(key, ZDR_MS, names);
  return names;
}

function nameOf({ model_id: model, tag, name }) {
  return `${model ?? name} ${tag}`;
}

function keep(key, ms, value) {
  kept.delete(key);
  kept.set(key, { until: now() + ms, value });
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value);
}

/** Returns the key of what is kept. It must not contain the API key. */
function keyOf({ baseURL, apiKey }, path) {
  return `${createHash('sha256').update(apiKey).digest('base64')} ${baseURL}${path}`;
}

module.exports = { getEndpoints };
