'use strict';

/** Returns a signal that is aborted when the browser closes the connection before it has the whole response. */
function disconnectSignal(res) {
  const controller = new AbortController();
  const leave = () => {
    if (!res.writableFinished) controller.abort();
  };
  // The connection may have been closed while `auth` ran; then no more events follow.
  if (res.destroyed) leave();
  else res.once('close', leave);
  return controller.signal;
}

module.exports.disconnectSignal = disconnectSignal;
