'use strict';

const { disconnectSignal } = require('../handler/disconnect-signal.js');
const { Outlet } = require('../handler/outlet.js');
const { ROUTES, allowed, answerRoute, refuseMethod } = require('../handler/routes.js');
const { bodyOf } = require('./body.js');
const { guarded } = require('./guards.js');
const { settingsOf } = require('./settings.js');
const { ExpressWriter } = require('./writer.js');

/**
 * Creates an Express router through which a browser uses OpenRouter. What its paths do is in `../handler`; this is the part
 * that knows Express. The key stays on the server. When the browser disconnects, the request to OpenRouter is closed.
 * `index.d.ts` documents the options.
 */
function openrouterRouter(options) {
  const { Router, auth, ...settings } = settingsOf(options, openrouterRouter);
  const router = Router();
  for (const route of ROUTES) {
    const { path, methods } = route;
    const about = (req) => ({ method: req.method, path, log: settings.log });
    // The guards are on the routes and not on the router, because requests for other paths pass through to the application.
    const one = router.route(path);
    one.options((_req, res) => res.status(204).set('Allow', allowed(methods)).end());
    one.all(...auth.map((guard) => guarded(guard, about)));
    one[methods[0].toLowerCase()]((req, res) => answerRoute(route, settings, {
      method: req.method,
      request: req,
      outlet: new Outlet(new ExpressWriter(res)),
      signal: disconnectSignal(res),
      user: () => req.user,
      query(name) {
        const value = req.query?.[name];
        return typeof value === 'string' ? value : undefined;
      },
      async body() {
        // Set like a parser does, so that `getClient` can choose a client by the parameters.
        req.body = await bodyOf(req, settings.limit);
        return req.body;
      },
    }));
    one.all((req, res) => refuseMethod(route, settings, { method: req.method, outlet: new Outlet(new ExpressWriter(res)) }));
  }
  return router;
}

module.exports.openrouterRouter = openrouterRouter;
