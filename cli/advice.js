'use strict';

const DOCTOR = 'Run `openrouter-native doctor` to find the cause.';

/** Advice for the user of the command, by error code, where the error's own message gives none. */
const ADVICE = {
  missing_api_key: 'Create a key at https://openrouter.ai/settings/keys, or use --emulator, which needs none.',
  invalid_api_key: 'Create a key at https://openrouter.ai/settings/keys.',
  insufficient_credits: 'Buy credits at https://openrouter.ai/settings/credits.',
  not_found: '`openrouter-native models` lists the model ids.',
  connection_failed: DOCTOR,
  connection_reset: DOCTOR,
  tls_error: DOCTOR,
  proxy_error: DOCTOR,
  malformed_response: DOCTOR,
  EADDRINUSE: 'Choose another --port.',
  EACCES: 'Choose another --port.',
};

/** Replacements, by error code, for messages that are written for a programmer. */
const MESSAGES = {
  missing_api_key: 'There is no OpenRouter API key in OPENROUTER_API_KEY.',
};

/** @param {{ code?: string }} error @returns {string} the advice, or an empty string */
function adviceFor({ code }) {
  return ADVICE[code] ?? '';
}

/** Returns the message of an error, followed by the advice for it. */
function explain(error) {
  return `${MESSAGES[error.code] ?? error.message} ${adviceFor(error)}`;
}

module.exports = { adviceFor, explain };
