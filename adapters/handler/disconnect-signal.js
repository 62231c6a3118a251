'use strict';

/** The controllers of the requests that are being answered, by their responses. */
const controllers = new WeakMap();

/** Returns a signal that is aborted when the browser closes the connection before it has the whole response. */
function disconnectSignal(res) {
  const controller = controllerOf(res);
  const leave = () => {
    if (!res.writableFinished) controller.abort();
  };
  // The connection may have been closed while `auth` ran; then no more events follow.
  if (res.destroyed) leave();
  else res.once('close', leave);
  return controller.signal;
}

/** Aborts the signal of a response: the request to the API is closed, and nothing more is sent. */
function endRequest(res) {
  controllerOf(res).abort();
}

function controllerOf(res) {
  if (!controllers.has(res)) controllers.set(res, new AbortController());
  return controllers.get(res);
}

module.exports.disconnectSignal = disconnectSignal;
module.exports.endRequest = endRequest;
