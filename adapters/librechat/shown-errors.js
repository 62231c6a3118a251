'use strict';

// LibreChat shows the message of a failed request in the chat, behind "An error occurred while processing the request: 402 …". If
// the message contains an object in JSON whose `type` its browser client knows, it shows the text of that type instead
// (`client/src/components/Messages/Content/Error.tsx` of v0.8.8, and of the fork).

const SETTINGS = 'https://openrouter.ai/settings';

/**
 * The types of LibreChat's client. That of a Google error shows `info` as it is, for every provider; moderation has a
 * text of its own in each language; the type for too long messages shows `info` behind its advice.
 */
const PLAIN = 'google_error';
const MODERATION = 'moderation';
const TOO_LONG = 'INPUT_LENGTH';

/** What helps, by the code of the error: a sentence, or a function that returns one. */
const REMEDIES = {
  invalid_api_key: `Check the key of this endpoint: ${SETTINGS}/keys`,
  insufficient_credits: ({ message, retryAfter }) => (retryAfter || message.includes(SETTINGS) ? '' : `Add credits: ${SETTINGS}/credits`),
  no_endpoints: ({ message }) => (/data policy|retention|Routing limits/i.test(message) ? privacyRemedy(message) : 'Choose another model.'),
  rate_limited: ({ retryAfter }) => (retryAfter ? '' : 'Wait a moment, or choose another model.'),
  service_unavailable: 'Try again later, or choose another model.',
  overloaded: 'Try again later, or choose another model.',
  provider_error: 'Try again, or choose another model.',
  server_error: 'Try again later.',
  timeout: 'Try again, or choose another model.',
  payload_too_large: 'Send less text or smaller files.',
};

/**
 * Returns the message of an error with the type by which LibreChat's client shows what happened and what helps.
 * @param {import('../../index.js').OpenRouterError} error
 */
function shownError(error) {
  const { code, errorType, message } = error;
  if (code === 'moderation') return shape(MODERATION, message);
  if (errorType === 'context_length_exceeded' || /context length/i.test(message)) return shape(TOO_LONG, message);
  const remedy = REMEDIES[code];
  const words = [said(error), typeof remedy === 'function' ? remedy(error) : remedy, when(error)].filter(Boolean);
  return shape(PLAIN, words.map((text, at) => (at < words.length - 1 ? sentence(text) : text)).join(' '));
}

/** Returns what happened, with the name of OpenRouter: LibreChat has balances and limits of its own. */
function said({ code, message, retryAfter }) {
  if (code === 'invalid_api_key') return 'OpenRouter does not accept the API key.';
  // Credits do not help against a limit of the key, or one that passes by itself.
  const isOtherLimit = Boolean(retryAfter) || message.includes(`${SETTINGS}/keys`);
  const text = message.replace(isOtherLimit ? /^Insufficient credits\. Please add credits to your OpenRouter account\. / : '', '').replace(/ ?Please try again later\./, '');
  return /openrouter/i.test(text.replace(/https?:\S+/g, '')) ? text : `OpenRouter: ${text}`;
}

function privacyRemedy(message) {
  const words = 'Choose a model that a provider offers under these privacy settings';
  return message.includes(SETTINGS) ? `${words}.` : `${words}, or change them: ${SETTINGS}/privacy`;
}

/** Says when a request that was refused for now may be sent again. */
function when({ retryAfter }) {
  if (!retryAfter) return '';
  const seconds = Math.ceil(retryAfter / 1000);
  const [count, unit] = [[seconds, 'second'], [Math.ceil(seconds / 60), 'minute'], [Math.ceil(seconds / 3600), 'hour']].findLast(([one]) => one > 1) ?? [1, 'second'];
  return `Try again in ${count} ${unit}${count === 1 ? '' : 's'}.`;
}

function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** LibreChat's client counts braces to find the object, also those within its texts. */
function shape(type, info) {
  return JSON.stringify({ type, info: info.replaceAll('{', '(').replaceAll('}', ')') });
}

module.exports = { shownError };
