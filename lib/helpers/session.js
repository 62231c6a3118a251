'use strict';

const { createHash } = require('node:crypto');

const { wrongOption } = require('../errors.js');
const { now } = require('../util/timers.js');

// A session is a conversation. Its chats go to the provider that has answered before, as long as that provider's prompt cache is
// warm. The sessions belong to the process, because a client may be made for each request.

/** The longest id that the API takes. */
const MAX_ID = 256;
/** How many sessions are kept; those that were not used for longest are forgotten first. */
const MAX_SESSIONS = 10_000;
const MINUTE = 60_000;
/** How long a prompt cache is warm after its last use, if the request does not say more: that of Anthropic and OpenAI. */
const WARM_MS = 5 * MINUTE;
/** How long a chat waits for the list of providers. */
const LIST_WAIT_MS = 3000;
/** How long the list of providers is used. */
const LIST_MS = 24 * 60 * MINUTE;

/** The provider that answered last and until when its cache is warm, by session. The one that was used last is at the end. */
const pins = new Map();
/** The list of providers by the address of the API: `{ until, slugs }`, where `slugs` is a promise. */
const lists = new Map();

/**
 * Prepares a chat of a session.
 * @param {object} client
 * @param {object} given the parameters of the chat, with `session`
 * @returns {Promise<{ params: object, follow(answer: Promise): Promise, note(answer: object): void, fail(error: object): void }>} the
 * parameters to send, and what to call with the promise of the answer, with the answer, and after a failure
 */
async function openSession(client, { session: id, ...params }) {
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID) throw wrongOption('session', `an id of 1 to ${MAX_ID} characters`);
  const defaults = client.modelOptions ?? {};
  const key = keyOf(client, id, params.model ?? defaults.model ?? params.models ?? defaults.models);
  const slug = await pinnedSlug(client, key);
  const provider = slug === null ? null : pinnedTo(slug, { ...defaults.provider, ...params.provider }, params.provider);
  const warmMs = warmthOf(params, defaults);
  return {
    params: { ...params, session_id: id, ...(provider !== null && { provider }) },
    follow(answer) {
      return answer.catch((error) => {
        this.fail(error);
        throw error;
      });
    },
    note(answer) {
      if (typeof answer.provider !== 'string' || answer.provider === '') return;
      pins.delete(key);
      pins.set(key, { name: answer.provider, until: now() + warmMs });
      if (pins.size > MAX_SESSIONS) pins.delete(pins.keys().next().value);
      // The next chat of the session need not wait for the list.
      slugsOf(client);
    },
    fail({ code }) {
      // Who stops an answer has no complaint about the provider.
      if (code !== 'aborted') pins.delete(key);
    },
  };
}

/** Returns the key of a session. Caches belong to an account and a model, and the key must not contain the API key. */
function keyOf({ baseURL, apiKey }, id, model) {
  const account = createHash('sha256').update(apiKey).digest('base64');
  return JSON.stringify([baseURL, account, id, model]);
}

/** Returns the slug of the provider whose cache is warm, or null. */
async function pinnedSlug(client, key) {
  const pin = pins.get(key);
  if (pin === undefined) return null;
  if (pin.until < now()) {
    pins.delete(key);
    return null;
  }
  return (await slugsOf(client)).get(lettersOf(pin.name)) ?? null;
}

/** Returns the slugs of providers by their names, which are all that an answer has. Without the list, nothing is pinned. */
function slugsOf(client) {
  const known = lists.get(client.baseURL);
  if (known !== undefined && known.until > now()) return known.slugs;
  const slugs = client.getProviders({ timeouts: { total: LIST_WAIT_MS }, maxRetries: 0 }).then(
    (providers) => new Map(providers.map(({ name, slug }) => [lettersOf(name), slug])),
    () => {
      // The next chats do not wait for it again.
      lists.set(client.baseURL, { until: now() + MINUTE, slugs });
      return new Map();
    },
  );
  lists.set(client.baseURL, { until: now() + LIST_MS, slugs });
  return slugs;
}

function lettersOf(name) {
  return String(name).toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Returns the settings for providers with the pinned one first, or null if they do not allow it. Fallbacks stay as they are.
 * @param {string} slug
 * @param {object} all the settings in force
 * @param {object | null | undefined} own those of the chat, which are sent
 */
function pinnedTo(slug, { order, only, ignore, allow_fallbacks: fallbacks, sort }, own) {
  // With `sort` the caller asks for the cheapest or fastest provider. A pinned one would override that.
  if (sort !== undefined && sort !== null) return null;
  const has = (list) => Array.isArray(list) && list.some((one) => String(one).split('/')[0] === slug);
  const isLimited = Array.isArray(only) && only.length > 0;
  const isOrdered = Array.isArray(order) && order.length > 0;
  if ((isLimited && !has(only)) || has(ignore) || (fallbacks === false && !(isOrdered ? has(order) : isLimited))) return null;
  const listed = isOrdered ? order : [];
  const first = listed.filter((one) => String(one).split('/')[0] === slug);
  const rest = listed.filter((one) => !first.includes(one));
  return { ...own, order: [...(first.length > 0 ? first : [slug]), ...rest] };
}

/** Returns how long the cache of a request is warm: an hour if it asks for that. */
function warmthOf(params, defaults) {
  const control = params.cache_control ?? defaults.cache_control;
  return control?.ttl === '1h' ? 60 * MINUTE : WARM_MS;
}

module.exports = { openSession };
