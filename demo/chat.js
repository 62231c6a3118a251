'use strict';

const { UNKNOWN, counted, dollars, milliseconds } = require('../cli/output/figures.js');
const { plain } = require('../cli/output/plain.js');

/** Shows a chat: the answer as it streams, then its model, provider, tokens, cost and speed. */
async function showChat(context, { model, prompt }) {
  const { screen } = context;
  screen.say(`${screen.paint('dim', '>')} ${plain(prompt)}`);
  const stream = await ask(context, { model, prompt });
  await showText(screen, stream);
  showAnswer(screen, stream);
}

/** Sends one prompt and resolves to the stream of the answer. `rest` are further fields of the request. */
function ask({ client, signal }, { prompt, ...rest }) {
  return client.chatCompletion({ ...rest, messages: [{ role: 'user', content: prompt }], stream: true, signal });
}

/**
 * Writes an answer as it arrives.
 * @returns {Promise<void>} rejects with the error of a stream that ended early
 */
async function showText(screen, stream) {
  try {
    for await (const text of stream.text()) screen.write(text);
  } finally {
    screen.endLine();
  }
}

function showAnswer(screen, stream) {
  const { firstTokenMs, tokensPerSecond } = stream.metrics;
  const speed = typeof tokensPerSecond === 'number' ? `${tokensPerSecond.toFixed(1)} tokens per second` : UNKNOWN;
  screen.say();
  screen.fact('model', `${screen.paint('bold', stream.model ?? UNKNOWN)} (asked for ${stream.requestedModel})`);
  screen.fact('provider', stream.provider ?? UNKNOWN);
  screen.fact('tokens', describeUsage(stream.usage));
  screen.fact('cost', dollars(stream.cost));
  screen.fact('first token', `after ${milliseconds(firstTokenMs)}`);
  screen.fact('speed', speed);
}

function describeUsage(usage) {
  if (usage === null) return UNKNOWN;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  return `${counted(total, 'token')}: ${prompt} in the prompt, ${completion} in the answer`;
}

module.exports = { ask, showChat, showText };
