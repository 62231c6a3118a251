'use strict';

const { WholeEvents } = require('./events.js');
const { eventOf, factsOf } = require('./failure.js');

/** The headers of an event stream. */
const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // `no-transform` and `X-Accel-Buffering` keep proxies from compressing and buffering the events.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/**
 * Passes the bytes of a stream to the browser, no faster than the browser reads them.
 * @param {import('../../index.js').ChatCompletionStream} stream
 * @param {{ outlet: object, signal: AbortSignal, about: object, note: Function }} exchange
 */
async function pipe(stream, { outlet, signal, about, note }) {
  const { method, path, log } = about;
  const events = new WholeEvents();
  const write = async (bytes) => {
    if (!outlet.write(bytes)) await outlet.drained(signal);
  };
  outlet.begin(HEADERS);
  try {
    for await (const part of stream.toReadableStream()) {
      const whole = events.take(part);
      if (whole !== null) await write(whole);
    }
    note(stream.generationId);
    outlet.end(events.rest());
  } catch (error) {
    note(stream.generationId);
    if (signal.aborted) throw error;
    const { code, message } = factsOf(error);
    log('error', `${method} ${path}: the stream failed: ${code}: ${message}`, { method, path, code, generationId: stream.generationId });
    // If the API itself reported the failure, its event was already passed on.
    outlet.end(error.data?.error ? undefined : eventOf(error, stream));
  }
}

module.exports.pipe = pipe;
