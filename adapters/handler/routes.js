'use strict';

const { credits, endpoints, generation, models, providers } = require('./account-routes.js');
const { chat } = require('./chat.js');
const { fail, refusal } = require('./failure.js');
const { userOf } = require('./generations.js');

const READING = ['GET', 'HEAD'];

/** The paths below the base path: the methods that each takes, and the function that answers. */
const ROUTES = [
  { path: '/chat/completions', methods: ['POST'], answer: chat },
  { path: '/credits', methods: READING, answer: credits },
  { path: '/generation', methods: READING, answer: generation },
  { path: '/models', methods: READING, answer: models },
  { path: '/models/endpoints', methods: READING, answer: endpoints },
  { path: '/providers', methods: READING, answer: providers },
];

/**
 * Answers a request that was admitted. All servers come through here.
 * @param {{ path: string, answer: Function }} route
 * @param {object} settings what `commonSettings` returned
 * @param {object} host what the server gives: `method`, `request` (as `getClient` gets it), `query(name)`, `body()`, `outlet`,
 * `signal` (aborted when the browser leaves), and `user()`, which returns the user whom `auth` found
 */
async function answerRoute(route, settings, host) {
  const { clientFor, coalesce, generations, log, mayReadGeneration, rules } = settings;
  const { method, request, outlet, signal } = host;
  const user = host.user();
  const note = (id) => generations.add(userOf(user), id);
  const about = { method, path: route.path, log };
  const client = async (params) => {
    const one = await clientFor(request, { user, params });
    outlet.hideSecretsOf(one);
    return one;
  };
  const exchange = { ...host, about, client, coalesce, generations, mayReadGeneration, note, rules, user };
  try {
    await route.answer(exchange);
  } catch (error) {
    // A failed answer may have cost something, too.
    note(error?.generationId);
    fail(error, { outlet, about, signal });
  }
}

/** Answers a request whose method its path does not take. */
function refuseMethod({ path, methods }, { log }, { method, outlet }) {
  outlet.set('Allow', allowed(methods));
  fail(refusal(405, `${method} is not allowed here: use ${methods[0]}.`), { outlet, about: { method, path, log } });
}

/** Returns the text of the header `Allow`. */
function allowed(methods) {
  return [...methods, 'OPTIONS'].join(', ');
}

module.exports = { ROUTES, allowed, answerRoute, refuseMethod };
