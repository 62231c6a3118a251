'use strict';

const { getRequestListener } = require('@hono/node-server');
const { Hono } = require('hono');

const { nodeListener, openrouterHandler } = require('../../../adapters/handler');
const { App, MOUNT } = require('../../express/support/express-app.js');

/** Admits everybody, and takes the header `X-User` for the name of the user. */
const userOf = (request) => request.headers.get('x-user') ?? true;

/** The same as a middleware of Express. */
function expressAuth(req, _res, next) {
  req.user = { id: req.get('x-user') };
  next();
}

/** The servers of a handler, for `describe.each`: how each is started with the options of a handler. */
const HOSTS = [
  ['node:http', (options) => App.listen(nodeListener(openrouterHandler({ auth: userOf, ...options })))],
  ['Hono', (options) => {
    const handler = openrouterHandler({ auth: userOf, ...options });
    const app = new Hono().all(`${MOUNT}/*`, (context) => handler(context.req.raw));
    return App.listen(getRequestListener(app.fetch));
  }],
];
/** All servers. Those of Express take the options that they share with a handler. */
const DOORS = [
  ...HOSTS,
  ...['express4', 'express'].map((name) => [name, (options) => App.start(require(name), { auth: expressAuth, ...options })]),
];

module.exports = { DOORS, HOSTS, userOf };
