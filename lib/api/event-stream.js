'use strict';

const { AnswerStream, inner } = require('../answer-stream.js');

const nothing = () => {};
const OWN = {
  instead: {
    all: 'Use stream.partial for what has arrived, or stream.final() for the whole answer.',
    events: 'final() or stop()',
  },
  modeAlone: () => 'events',
  onEnd: nothing,
  onEvent: nothing,
  onText: nothing,
  wants: () => ({ content: false, reasoning: false }),
};

/**
 * A stream of events of an endpoint beside chats. `types/api/event-stream.d.ts` documents its members. Subclasses say how the
 * events are given, and what the whole answer is called.
 */
class EventStream extends AnswerStream {
  /** The form in which the addon delivers the events. */
  static form = 'named';

  constructor(call, options) {
    super(call, options, OWN);
  }

  final() {
    return inner.final(this);
  }
}

module.exports = { EventStream };
