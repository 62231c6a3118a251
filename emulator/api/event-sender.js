'use strict';

const { rawBytes } = require('../body');
const { Outlet } = require('../outlet');

const COMMENT = ': OPENROUTER PROCESSING\n\n';
const LEADING_COMMENTS = 3;

/**
 * Streams the events of an answer, with the faults that the directives ask for. `error-at`, `cut` and `stall` count the events
 * that carry a delta.
 * @param {object} completion
 * @param {{ name?: string, data: object | string, isDelta?: boolean }[]} events
 * @param {(error: object) => { name?: string, data: object }} failure makes the event of a failure
 */
async function sendEvents(completion, events, failure) {
  const { transaction, directives, id } = completion;
  const { processing = LEADING_COMMENTS, firstDelay = 0, gap = 0, cutHow, noDone } = directives;
  const outlet = new Outlet(transaction, directives);
  outlet.open(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', 'X-Generation-Id': id });
  const send = ({ name, data }) =>
    outlet.send(`${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  const raw = rawBytes(directives);
  let deltas = 0;
  let hasFailed = false;

  /** Applies the fault that is due. Resolves to true if the stream has ended. */
  const ends = async () => {
    const { errorAt, cut, stall } = directives;
    if (errorAt === deltas || directives.errorIn200) {
      hasFailed = true;
      await send(failure(completion.lateError));
      await outlet.finish();
    } else if (cut === deltas) await outlet.cut(cutHow);
    else if (stall === deltas) await transaction.record.closed;
    else return transaction.gone;
    return true;
  };

  try {
    if (raw) {
      completion.settle();
      await outlet.send(raw);
      return await outlet.finish();
    }
    for (let sent = 0; sent < processing; sent += 1) await outlet.send(COMMENT);
    if (firstDelay > 0 && !(await transaction.sleep(firstDelay))) return undefined;
    if (await ends()) return undefined;
    const last = events.length - 1;
    for (const [at, event] of events.entries()) {
      // Charge before the end is sent: a client may request its credits right after it.
      if (at === last) completion.settle();
      if (event.isDelta && gap > 0 && !(await transaction.sleep(gap))) return undefined;
      if (event.data === '[DONE]' && noDone) continue;
      if (!(await send(event))) return undefined;
      if (!event.isDelta) continue;
      deltas += 1;
      transaction.record.deltas = deltas;
      if (await ends()) return undefined;
    }
    return directives.hold ? await transaction.record.closed : await outlet.finish();
  } finally {
    completion.settlePart(deltas, { hasFailed });
  }
}

module.exports.sendEvents = sendEvents;
