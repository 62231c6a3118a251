'use strict';

const { chat } = require('./chat.js');
const { disconnectSignal } = require('./disconnect-signal.js');
const { fail, refusal } = require('./failure.js');
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
  const { Router, auth, clientFor, limit, log } = settingsOf(options);
  const router = Router();
  for (const [path, methods, answer] of ROUTES) {
    const about = (req) => ({ method: req.method, path, log });
    // The guards are on the routes and not on the router, because requests for other paths pass through to the application.
    const route = router.route(path);
    route.options((_req, res) => res.status(204).set('Allow', [...methods, 'OPTIONS'].join(', ')).end());
    route.all(...auth.map((guard) => guarded(guard, about)));
    route[methods[0].toLowerCase()]((req, res) => {
      const signal = disconnectSignal(res);
      const context = { req, res, signal, limit, about: about(req), client: () => clientFor(req) };
      return answer(context).catch((error) => fail(error, context));
    });
    route.all((req, res) => {
      res.set('Allow', [...methods, 'OPTIONS'].join(', '));
      fail(refusal(405, `${req.method} is not allowed here: use ${methods[0]}.`), { res, about: about(req) });
    });
  }
  return router;
}

/**
 * Wraps a guard of the application, so that its failure becomes an error response of this router. Express 4 would leave a
 * rejection unhandled, and Express's own error page shows a stack.
 */
function guarded(guard, about) {
  return async (req, res, next) => {
    let isOver = false;
    const proceed = (outcome) => {
      if (isOver) return;
      isOver = true;
      if (outcome === undefined || outcome === null || outcome === 'route' || outcome === 'router') next(outcome);
      else fail(outcome, { res, about: about(req) });
    };
    try {
      await guard(req, res, proceed);
    } catch (error) {
      proceed(error ?? new Error('auth failed'));
    }
  };
}

module.exports.openrouterRouter = openrouterRouter;
