'use strict';

const { withText } = require('../completion.js');
const { OpenRouterError, wrongOption } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');
const { Totals } = require('./totals.js');

/**
 * The models that go on from the beginning of an answer, which is sent as the last message ("prefill"). Others begin again, or
 * refuse the request; Anthropic's newer ones refuse it (400), so that the list names editions.
 */
const PREFILL = /^anthropic\/claude-(?:3(?:\.[57])?-|(?:opus|sonnet|haiku)-4(?:\.[015])?(?:$|[-:])|4(?:\.[015])?-)/;

/** How many characters at the start of a text are compared, to notice an answer that has begun again. */
const COMPARED = 24;

/**
 * Asks a model to go on from an answer that was cut off. `types/continue.d.ts` documents the parameters.
 * @returns {Promise<object>} the completion, with the whole text
 */
async function continueCompletion(client, given, params) {
  const partial = given instanceof OpenRouterError ? given.partial : given;
  const choice = partial?.choices?.[0];
  if (choice?.message === undefined) {
    throw new OpenRouterError('continueCompletion needs the answer that was cut off: error.partial, stream.partial or a completion.', { code: 'invalid_request' });
  }
  const { prefill, onProgress, ...request } = params ?? {};
  if (!['undefined', 'boolean'].includes(typeof prefill)) throw wrongOption('prefill', 'true or false');
  if (!['undefined', 'function'].includes(typeof onProgress)) throw wrongOption('onProgress', 'a function');
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw new OpenRouterError('continueCompletion needs the messages of the request whose answer was cut off.', { code: 'invalid_request' });
  }
  const { beginning, model } = checked(partial, choice, request, prefill === true);
  // Anthropic refuses a beginning that ends in white space. The model writes the white space itself, then.
  const sent = beginning.trimEnd();
  const completion = await answerOf(client, {
    ...request,
    model,
    // Another model would not go on, but begin again.
    models: [],
    messages: [...request.messages, { role: 'assistant', content: sent }],
  }, onProgress);
  return joined(partial, sent, completion);
}

/** Returns the text to go on from, and the model. Throws if this answer, or this model, cannot go on. */
function checked(partial, { message, finish_reason: finish }, { model: asked, reasoning, reasoning_effort: effort }, isKnownToCaller) {
  const refuse = (reason) => { throw new OpenRouterError(`This answer cannot be continued: ${reason}.`, { code: 'invalid_request', partial }); };
  const { content, tool_calls: calls, reasoning: thought, reasoning_details: details, refusal } = message;
  const text = Array.isArray(content) && content.every((part) => typeof part?.text === 'string') ? content.map((part) => part.text).join('') : content;
  const model = asked ?? partial.model;
  if (finish === 'stop' || finish === 'tool_calls') refuse('it is complete');
  if (calls?.length > 0) refuse('it has tool calls');
  if (typeof refusal === 'string' && refusal !== '') refuse('the model has refused to answer');
  if (thought || details?.length > 0 || effort !== undefined || (reasoning && reasoning.enabled !== false && reasoning.effort !== 'none')) {
    refuse('it has reasoning, behind which no model takes the beginning of an answer');
  }
  if (typeof text !== 'string' || text.trim() === '') refuse('it has no text. Send the request again');
  if (typeof model !== 'string' || model === '') refuse('its model is not known. Give the model');
  if (!isKnownToCaller && !PREFILL.test(model)) {
    refuse(`${model} is not known to go on from the beginning of an answer. If you know that it does, set prefill: true; else send the request again`);
  }
  return { beginning: text, model };
}

/** Requests the continuation, as a stream if its text is wanted as it comes. */
async function answerOf(client, request, onProgress) {
  if (onProgress === undefined) return client.chatCompletion({ ...request, stream: false });
  const stream = await client.chatCompletion({ ...request, stream: true });
  for await (const text of stream.text()) callSafely(onProgress, text);
  return stream.finalCompletion();
}

/** Returns the completion with the text of both parts. Throws if the second part is another answer. */
function joined(partial, beginning, completion) {
  const choice = completion.choices?.[0];
  const rest = choice?.message?.content ?? '';
  const start = beginning.trimStart().slice(0, COMPARED);
  if (typeof rest !== 'string' || (start.length === COMPARED && rest.trimStart().startsWith(start))) {
    throw new OpenRouterError('The model began another answer instead of going on, so that the two were not joined. error.partial has the new one.', {
      code: 'invalid_answer',
      partial: completion,
      generationId: completion.id,
    });
  }
  const totals = new Totals();
  if (partial.usage) totals.add(partial.usage);
  totals.add(completion.usage);
  const [, ...others] = completion.choices;
  return withText({
    ...completion,
    choices: [{ ...choice, message: { ...choice.message, content: beginning + rest } }, ...others],
    usage: totals.usage,
  });
}

module.exports = { continueCompletion };
