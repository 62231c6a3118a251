'use strict';

const { checkHead, objectOf } = require('./body.js');
const { fail, refusal } = require('./failure.js');
const { Outlet } = require('./outlet.js');
const { dropBody, readBody } = require('./request-body.js');
const { ROUTES, allowed, answerRoute, refuseMethod } = require('./routes.js');

/** The property of a handler with its settings, for servers that write its answers themselves. */
const INSIDE = Symbol.for('openrouter-native.handler');
/** The longest path first, because `/models/endpoints` must not be taken for another path's end. */
const BY_LENGTH = ROUTES.toSorted((one, other) => other.path.length - one.path.length);

/**
 * Answers a WHATWG request through a writer. Never rejects.
 * @param {Request} request
 * @param {object} writer
 * @param {AbortSignal} signal aborted when the browser leaves
 * @param {object} settings the settings of a handler
 */
async function answerTo(request, writer, signal, settings) {
  const { method } = request;
  const outlet = new Outlet(writer);
  const url = new URL(request.url);
  const route = routeOf(url.pathname, settings.base);
  const about = { method, path: route?.path ?? 'an unknown path', log: settings.log };
  try {
    if (!route) throw refusal(404, 'There is nothing at this path.');
    if (method === 'OPTIONS') {
      outlet.set('Allow', allowed(route.methods));
      outlet.bare(204);
      return;
    }
    const user = await settings.auth(request);
    if (isResponse(user)) {
      await outlet.pass(user);
      return;
    }
    if (!user) throw refusal(401, 'You are not signed in, or may not use this.');
    if (!route.methods.includes(method)) {
      refuseMethod(route, settings, { method, outlet });
      return;
    }
    await answerRoute(route, settings, {
      method,
      request,
      outlet,
      signal,
      user: () => user,
      query(name) {
        const values = url.searchParams.getAll(name);
        return values.length === 1 ? values[0] : undefined;
      },
      body: () => objectOf(request.headers.get('content-type'), () => {
        const { headers } = request;
        checkHead({ encoding: headers.get('content-encoding'), length: headers.get('content-length') }, settings.limit);
        return readBody(request, settings.limit);
      }),
    });
  } catch (error) {
    fail(error, { outlet, about, signal });
  } finally {
    dropBody(request);
  }
}

/** Servers have classes of their own for it, so its members decide. */
function isResponse(value) {
  return typeof value === 'object' && value !== null && typeof value.arrayBuffer === 'function' && Number.isInteger(value.status);
}

/**
 * Returns the route of a path. Without a base path every path that ends like a route is one of the route, because servers pass
 * on the whole path or only a part of it.
 */
function routeOf(pathname, base) {
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  if (base === null) return BY_LENGTH.find((route) => path.endsWith(route.path));
  return path.startsWith(`${base}/`) ? ROUTES.find((route) => route.path === path.slice(base.length)) : undefined;
}

module.exports = { INSIDE, answerTo };
