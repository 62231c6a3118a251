'use strict';

const { setImmediate } = require('../../lib/util/timers.js');
const { endRequest } = require('../handler/disconnect-signal.js');
const { fail } = require('../handler/failure.js');
const { Outlet } = require('../handler/outlet.js');
const { ExpressWriter } = require('./writer.js');

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
      else fail(given, { outlet: outletOf(res), about: about(req) });
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
        fail(error, { outlet: outletOf(res), about: about(req) });
        endRequest(res);
      } else {
        outcome = { given: error, isUsed: false };
        proceed();
      }
    }
  };
}

/** Returns the outlet of a request that no client answers. */
function outletOf(res) {
  return new Outlet(new ExpressWriter(res));
}

module.exports.guarded = guarded;
