'use strict';

const { resultOf } = require('../bridge/call.js');
const { connect } = require('../bridge/hub.js');
const { traceOf, wrongOption } = require('../errors.js');
const { connectOptions } = require('../options.js');
const { isSignal, reasonOf } = require('../util/signal.js');
const { withNodeCode } = require('./failures.js');

/**
 * Opens a connection to the host of `url` ahead. It fails as a request of `fetch` does that gets no connection. The stack starts
 * at `caller`.
 */
async function connectTo(fetcher, url, given, caller) {
  const trace = traceOf(caller);
  const { signal } = connectOptions(given, 'fetch.connect', caller);
  if (signal !== undefined && signal !== null && !isSignal(signal)) throw wrongOption('signal', 'an AbortSignal');
  if (signal?.aborted) throw reasonOf(signal);
  try {
    await resultOf(fetcher.connect(connect(), String(url?.url ?? url)), { signal, trace });
  } catch (error) {
    if (signal?.aborted) throw reasonOf(signal);
    throw new TypeError('fetch failed', { cause: withNodeCode(error, error) });
  }
}

module.exports = { connectTo };
