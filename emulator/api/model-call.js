'use strict';

const { sendBody } = require('../body');
const { Completion } = require('../completion');
const { ApiError } = require('../errors');
const { countTokens } = require('../prose');
const { chooseRoute } = require('../routing');
const { writeScript } = require('../script');

const LATE_ERROR = { code: 502, message: 'The provider failed', metadata: { error_type: 'provider_unavailable' } };

/** Returns the text in `content`, a string or a list of parts. */
function textIn(content) {
  if (typeof content === 'string') return content;
  return (Array.isArray(content) ? content : []).map((part) => part?.text ?? '').join('');
}

/**
 * Makes the answer of a language model to a request of another endpoint than chats, as the completion of the chat that means
 * the same.
 * @param {object} context of the route
 * @param {{ messages: object[], tools?: object[], max_tokens?: number }} chat what is asked, as a chat
 */
function completionOf({ transaction, emulator, directives, failing, key }, chat) {
  const { body } = transaction.record;
  emulator.account.checkInference(key);
  if (chat.messages.length === 0) throw new ApiError(400, 'Input required: the request has no input', { metadata: { error_type: 'invalid_request' } });
  const asked = { ...chat, model: body.model, models: body.models, provider: body.provider, stream: body.stream };
  const prompt = textIn(chat.messages.findLast(({ role }) => role === 'user')?.content).replace(/^[ \t]*\/emulate\b.*$/gm, '').trim();
  const route = chooseRoute({ body: asked, prompt, directives, failing, models: emulator.models });
  emulator.account.admit(key, false);
  const id = emulator.generations.newId();
  transaction.record.generationId = id;
  const script = writeScript(asked, prompt, route, directives);
  return new Completion({ emulator, transaction, directives, key, body: asked, prompt, id, route, script });
}

/**
 * Sends an answer that is not streamed, with the delay and the failure that the directives ask for.
 * @param {{ transaction: object, directives: object, id: string, lateError?: object }} completion
 * @param {object} answer
 * @param {() => void} settle charges for it
 */
async function sendAnswer({ transaction, directives, id, lateError = LATE_ERROR }, answer, settle) {
  if (directives.firstDelay) await transaction.sleep(directives.firstDelay);
  const hasFailed = directives.errorIn200 !== undefined;
  if (!hasFailed) settle();
  if (transaction.gone) return;
  await sendBody(transaction, directives, { headers: { 'X-Generation-Id': id }, text: JSON.stringify(hasFailed ? { id, error: lateError } : answer) });
}

/** Returns the usage of an answer without text: tokens of the input, at a price per token. */
function usageOfInput(texts, perToken, { cost } = {}) {
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return { prompt_tokens: tokens, total_tokens: tokens, cost: cost ?? Number((tokens * perToken).toFixed(12)), is_byok: false };
}

module.exports.completionOf = completionOf;
module.exports.sendAnswer = sendAnswer;
module.exports.textIn = textIn;
module.exports.usageOfInput = usageOfInput;
