'use strict';

const { counted, dollars, milliseconds } = require('./figures.js');
const { Signs } = require('./signs.js');
const { showWaiting } = require('./waiting.js');

/** Warnings for the finish reasons that mean an incomplete answer. */
const SHORT = {
  length: 'The answer is incomplete: it reached the token limit. --max-tokens raises it.',
  content_filter: 'The answer is incomplete: a content filter of the provider cut it.',
};

/**
 * Writes the answer to a chat as it arrives. Until it does, the terminal shows what is happening. What had arrived before an
 * error stays written.
 * @param {import('./terminal.js').Terminal} terminal
 * @param {() => Promise<object>} start starts the chat, and returns the promise of its stream
 * @param {object} how
 * @param {string} how.model the model that is asked
 * @param {boolean} [how.showsReasoning] whether the reasoning is written to stderr, instead of its last words only
 * @param {boolean} [how.isQuiet] whether nothing is shown beside the answer
 * @returns {Promise<{ stream: object, isEmpty: boolean }>} the stream, which was read to its end, and whether it had no text
 */
async function showAnswer(terminal, start, { model, showsReasoning = false, isQuiet = false }) {
  const signs = new Signs(terminal, !isQuiet);
  /** What the answer has had so far. */
  const had = { reasoning: false, text: false };
  const onReasoning = (stream, text) => {
    if (showsReasoning) {
      signs.stop();
      terminal.aside(text);
    } else if (!had.text) {
      if (!had.reasoning) signs.show(`${whoAnswers(stream)} is thinking`);
      signs.grow(text);
    }
    had.reasoning = true;
  };
  try {
    const stream = await showWaiting(signs, model, start);
    stream.on('reasoning', (text) => onReasoning(stream, text));
    stream.once('fallback', () => {
      if (!had.reasoning && !had.text) signs.show(`Waiting for ${whoAnswers(stream)}`);
    });
    for await (const text of stream.text()) {
      had.text ||= text !== '';
      signs.stop();
      terminal.write(text);
    }
    return { stream, isEmpty: !had.text };
  } finally {
    signs.stop();
    terminal.endLine();
  }
}

/** Names the model that answers, and the one in whose place it does so. */
function whoAnswers({ model, requestedModel, fallback }) {
  return fallback === null ? (model ?? requestedModel) : `${fallback.to} (instead of ${fallback.from})`;
}

/**
 * Writes what is to be known about an answer, which a stream or a completion tells: a fallback, its model, provider, tokens and
 * cost, and what it lacks.
 */
function tellAbout(terminal, stream, { isQuiet = false } = {}) {
  const { fallback, finishReason } = stream;
  if (!isQuiet) {
    if (fallback !== null) {
      const { from, to, reason } = fallback;
      terminal.note(`${to} answered instead of ${from}: ${reason ?? 'no reason was given'}`);
    }
    terminal.note(factsOf(stream).join(' · '));
  }
  if (SHORT[finishReason]) terminal.warn(SHORT[finishReason]);
}

function factsOf({ model, provider, usage, cost, metrics }) {
  const thought = usage?.completion_tokens_details?.reasoning_tokens;
  return [
    [model, provider].filter(Boolean).join(' of '),
    usage === null ? '' : counted(usage.total_tokens, 'token'),
    thought > 0 ? `${thought} of them for reasoning` : '',
    cost === null ? '' : dollars(cost),
    metrics ? `first token after ${milliseconds(metrics.firstTokenMs)}` : '',
  ].filter(Boolean);
}

module.exports = { showAnswer, tellAbout };
