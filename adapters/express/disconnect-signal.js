'use strict';

/** A signal that aborts when the browser leaves before it has the whole answer. */
function departureOf(res) {
  const controller = new AbortController();
  const leave = () => {
    if (!res.writableFinished) controller.abort();
  };
  // It may have left while auth was thinking: then there is no event to come.
  if (res.destroyed) leave();
  else res.once('close', leave);
  return controller.signal;
}

module.exports.departureOf = departureOf;
