'use strict';

const { API_ROUTES } = require('./api/routes');
const { sendBody } = require('./body');
const { completeChat } = require('./chat');
const { ApiError, makeError } = require('./errors');
const { listProviders } = require('./models');
const { stripSuffixes } = require('./routing');

function json(makeValue) {
  return (context) => sendBody(context.transaction, context.directives, { text: JSON.stringify(makeValue(context)) });
}

function models({ transaction, emulator, directives }) {
  switch (directives.models) {
    case 'empty': return { data: [], total_count: 0, links: { next: null } };
    case 'null': return { data: null };
    case '500': throw makeError(500, undefined, {});
    default: return emulator.models.list(transaction.query);
  }
}

function modelAt({ emulator: { models: list }, params: [author, slug] }) {
  const id = decodeURIComponent(`${author}/${slug}`);
  const model = list.find(id) ?? list.find(stripSuffixes(id).id);
  if (!model) throw new ApiError(404, `Model ${id} not found`);
  return model.alias_target ? list.target(model.alias_target.slug) : model;
}

function modelEndpoints(context) {
  const { id, name, created, description, architecture } = modelAt(context);
  return { data: { id, name, created, description, architecture, endpoints: context.emulator.models.endpointsOf(id, isSignedIn(context)) } };
}

function isSignedIn({ emulator, key }) {
  return emulator.account.isKnown(key);
}

const ROUTES = [
  { method: 'POST', path: /^\/chat\/completions$/, handle: completeChat },
  { method: 'GET', path: /^\/models$/, isPublic: true, handle: json(models) },
  { method: 'GET', path: /^\/models\/user$/, handle: json(models) },
  { method: 'GET', path: /^\/models\/([^/]+)\/([^/]+)\/endpoints$/, isPublic: true, handle: json(modelEndpoints) },
  { method: 'GET', path: /^\/model\/([^/]+)\/([^/]+)$/, isPublic: true, handle: json((context) => ({ data: modelAt(context) })) },
  { method: 'GET', path: /^\/endpoints\/zdr$/, isPublic: true, handle: json((context) => ({ data: context.emulator.models.zdrEndpoints(isSignedIn(context)) })) },
  { method: 'GET', path: /^\/providers$/, isPublic: true, handle: json(() => ({ data: listProviders() })) },
  { method: 'GET', path: /^\/credits$/, handle: json(({ emulator, key, directives }) => emulator.account.describeCredits(key, directives.credits)) },
  { method: 'GET', path: /^(?:\/auth)?\/key$/, handle: json(({ emulator, key, directives }) => emulator.account.describeKey(key, directives.key)) },
  { method: 'GET', path: /^\/generation$/, handle: json(({ emulator, transaction, directives }) => emulator.generations.describe(transaction.query.get('id'), directives.pending)) },
  ...API_ROUTES,
];

/** The page of the web site, beside the API, to which a login by OAuth sends the browser. */
const LOGIN_PAGE = { isPublic: true, handle: (context) => context.emulator.logins.page(context), params: [] };

/** Finds the route of a request, with the parameters of its path. Throws a 404 if there is none. */
function findRoute(method, path) {
  if (method === 'GET' && path === '/auth') return LOGIN_PAGE;
  // Some endpoints lie beside `/v1`.
  const below = path.startsWith('/api/v1/') ? path.slice('/api/v1'.length) : path.startsWith('/api/alpha/') ? path : '';
  const local = below.replace(/\/$/, '');
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(local) : null;
    if (match) return { ...route, params: match.slice(1) };
  }
  throw new ApiError(404, `Not found: ${method} ${path}`);
}

module.exports.findRoute = findRoute;
