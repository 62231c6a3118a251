'use strict';

const { setImmediate } = require('../../lib/util/timers.js');
const { chat } = require('./chat.js');
const { disconnectSignal, endRequest } = require('./disconnect-signal.js');
const { fail, refusal } = require('./failure.js');
const { Outlet } = require('./outlet.js');
const { credits, models } = require('./account-routes.js');
const { settingsOf } = require('./settings.js');

const ROUTES = [
  ['/chat/completions', ['POST'], chat],
  ['/credits', ['GET', 'HEAD'], credits],
  ['/models', ['GET', 'HEAD'], models],
];

/**
 * Creates an Express router through which a browser uses OpenRouter: `POST /chat/completions`, `GET /credits` and
 * `GET /models`. The key stays on the server. When the browser disconnects, the request to OpenRouter is closed.
 * `index.d.ts` documents the options.
 */
function openrouterRouter(options) {
  const { Router, auth, clientFor, coalesce, limit, log, rules } = settingsOf(options, openrouterRouter);
  const router = Router();
  for (const [path, methods, answer] of ROUTES) {
    const about = (req) => ({ method: req.method, path, log });
    // The guards are on the routes and not on the router, because requests for other paths pass through to the application.
    const route = router.route(path);
    route.options((_req, res) => res.status(204).set('Allow', [...methods, 'OPTIONS'].join(', ')).end());
    route.all(...auth.map((guard) => guarded(guard, about)));
    route[methods[0].toLowerCase()]((req, res) => {
      const signal = disconnectSignal(res);
      const outlet = new Outlet(res);
      const client = async () => {
        const one = await clientFor(req);
        outlet.hideSecretsOf(one);
        return one;
      };
      const context = { req, res, outlet, rules, signal, limit, coalesce, about: about(req), client };
      return answer(context).catch((error) => fail(error, context));
    });
    route.all((req, res) => {
      res.set('Allow', [...methods, 'OPTIONS'].join(', '));
      fail(refusal(405, `${req.method} is not allowed here: use ${methods[0]}.`), { outlet: new Outlet(res), about: about(req) });
    });
  }
  return router;
}

/**
 * Wraps a guard of the application, so that its failure becomes an error response of this router. Express 4 would leave a
 * rejection unhandled, and Express's own error page shows a stack.
 *
 * If a guard calls `next()` and then throws, the request is refused. For that, this wrapper passes `next()` on to Express only
 * when the guard has returned; for an async guard, when its promise has settled, or after one turn of the event loop. If the
 * promise rejects later than that, the response is ended.
 */
function guarded(guard, about) {
  return async (req, res, next) => {
    let outcome = null;
    let isRunning = true;
    const proceed = () => {
      if (isRunning || outcome === null || outcome.isUsed) return;
      outcome.isUsed = true;
      const { given } = outcome;
      if (given === undefined || given === null || given === 'route' || given === 'router') next(given);
      else fail(given, { outlet: new Outlet(res), about: about(req) });
    };
    try {
      const result = guard(req, res, (given) => {
        outcome ??= { given, isUsed: false };
        proceed();
      });
      if (typeof result?.then === 'function') {
        const turn = new Promise((resolve) => { setImmediate(resolve); });
        const settled = Promise.resolve(result);
        await Promise.race([settled, turn]);
        isRunning = false;
        proceed();
        await settled;
      }
      isRunning = false;
      proceed();
    } catch (cause) {
      const error = cause ?? new Error('auth failed');
      isRunning = false;
      if (outcome?.isUsed) {
        fail(error, { outlet: new Outlet(res), about: about(req) });
        endRequest(res);
      } else {
        outcome = { given: error, isUsed: false };
        proceed();
      }
    }
  };
}

module.exports.openrouterRouter = openrouterRouter;
