'use strict';

/** Advice for the user of the command, by error code, where the error's own message gives none. */
const ADVICE = {
  missing_api_key: 'Run `openrouter-native login --save`, create a key at https://openrouter.ai/settings/keys, or use --emulator, which needs none.',
  invalid_api_key: 'Create a key at https://openrouter.ai/settings/keys.',
  insufficient_credits: 'Buy credits at https://openrouter.ai/settings/credits.',
  EADDRINUSE: 'Choose another --port.',
  EACCES: 'Choose another --port.',
};

/** The codes of errors whose cause the doctor finds. The doctor's own outcomes do not advise running it. */
const FOR_THE_DOCTOR = new Set(['connection_failed', 'connection_reset', 'tls_error', 'proxy_error', 'malformed_response']);
const DOCTOR = 'Run `openrouter-native doctor` to find the cause.';

/** Replacements, by error code, for messages that are written for a programmer. */
const MESSAGES = {
  missing_api_key: () => 'There is no OpenRouter API key in OPENROUTER_API_KEY, and none is saved.',
  refusal: ({ data }) => `The model refused to answer${data?.refusal ? `: ${data.refusal}` : '.'}`,
  incomplete_answer: () => 'The answer was cut off at the token limit, so that its JSON is incomplete. --max-tokens raises it.',
  invalid_answer: ({ cause }) => `The answer does not match the schema: ${cause?.message}. With --repair the model is asked once more.`,
};

/** @param {{ code?: string }} error @returns {string} the advice, or an empty string */
function adviceFor({ code }) {
  return ADVICE[code] ?? '';
}

/** What a programmer sets, and what the user of the command sets instead. */
const SETTINGS = [
  [/\bbaseURL\b/g, 'OPENROUTER_BASE_URL'],
  [/\bInvalid option OPENROUTER/g, 'Invalid OPENROUTER'],
  [/\bmaxCost\b/g, '--max-cost'],
  [/(?<!-)\bmax_tokens\b/g, '--max-tokens'],
  [/\breserve(?: \(USD\))?(?=, the most)/g, '--reserve'],
  [/\bprovider\.max_price(?: \{ prompt, completion \})?/g, '--max-price'],
];

/** Returns the message of an error for the user of the command. */
function messageOf(error) {
  const own = MESSAGES[error.code]?.(error);
  return own ?? SETTINGS.reduce((text, [name, instead]) => text.replace(name, instead), error.message);
}

/** Returns the message of an error that ended a command, followed by the advice for it: that of the command, if it gave one. */
function explain(error) {
  const advice = error.remedy ?? (FOR_THE_DOCTOR.has(error.code) ? DOCTOR : adviceFor(error));
  return `${messageOf(error)} ${advice}`;
}

module.exports = { adviceFor, explain, messageOf };
