'use strict';

const { UNKNOWN, counted } = require('../cli/output/figures.js');
const { plain } = require('../cli/output/plain.js');
const { ask, showText } = require('./chat.js');

const PRIMARY = 'openai/gpt-5-mini';
const SECOND = 'anthropic/claude-sonnet-4.5';
/** How many deltas of the answer come before its error. */
const PIECES = 8;

/** Shows a fallback: the first model fails, the second answers, and the stream reports both. */
async function showFallback(context) {
  const { screen } = context;
  screen.say(`Asking ${PRIMARY}, with ${SECOND} as its fallback;`);
  screen.say('the emulator makes the first one fail.');
  const stream = await ask(context, {
    model: PRIMARY,
    models: [SECOND],
    prompt: 'Say hello.',
    emulator: { fail: PRIMARY, 'fail-status': 429, text: 'Hello from the model that was asked second.' },
  });
  await showText(screen, stream);
  const { fallback } = stream;
  if (fallback === null) throw new Error('The first model was made to fail, but the stream tells of no fallback.');
  screen.say();
  screen.fact('from', screen.paint('yellow', fallback.from));
  screen.fact('to', screen.paint('green', fallback.to));
  screen.fact('reason', plain(fallback.reason ?? UNKNOWN));
  fallback.attempts.forEach((attempt, index) => screen.fact(`attempt ${index + 1}`, describeAttempt(screen, attempt)));
}

function describeAttempt(screen, { model, provider, status, reason }) {
  const outcome = reason === undefined ? screen.paint('green', 'answered') : screen.paint('red', plain(reason));
  // An attempt that failed without a message has its status as the reason, for example `HTTP 503`. Show it only once.
  const known = status === undefined || reason === `HTTP ${status}` ? '' : ` (HTTP ${status})`;
  return `${model ?? UNKNOWN} at ${provider ?? UNKNOWN}: ${outcome}${known}`;
}

/** Shows an error in mid-stream, after the status 200 and the first words. */
async function showBrokenStream(context) {
  const { screen } = context;
  screen.say(`Asking ${PRIMARY}; the emulator makes its provider fail in mid-answer.`);
  const stream = await ask(context, {
    model: PRIMARY,
    prompt: 'Tell me about the sea.',
    emulator: { 'error-at': PIECES, text: 'The sea is wide and deep, and it is the home of whales.' },
  });
  try {
    await showText(screen, stream);
  } catch (error) {
    // Any other error, for example the abort by Ctrl-C, is not the fault that this part shows.
    if (error.partial === undefined || error.code === 'aborted') throw error;
    showFailure(screen, error);
    return;
  }
  throw new Error('The answer was made to break off, but it came to its end.');
}

function showFailure(screen, error) {
  const kept = error.partial.choices?.[0]?.message.content ?? '';
  screen.say();
  screen.fact('code', screen.paint('red', error.code));
  screen.fact('message', plain(error.message));
  screen.fact('provider', error.provider ?? UNKNOWN);
  screen.fact('kept', `“${plain(kept.trim())}”`);
  screen.fact('', `${counted([...kept].length, 'character')} of the answer, in error.partial`);
}

module.exports = { showBrokenStream, showFallback };
