'use strict';

const DOCTOR = 'Run `openrouter-native doctor` to see what is in the way.';

/** What to do, where an error's own message does not say it for somebody at a terminal. */
const ADVICE = {
  missing_api_key: 'Keys are made at https://openrouter.ai/settings/keys. Without one: --emulator.',
  invalid_api_key: 'Keys are made at https://openrouter.ai/settings/keys.',
  insufficient_credits: 'They are bought at https://openrouter.ai/settings/credits.',
  not_found: '`openrouter-native models` lists the ids.',
  connection_failed: DOCTOR,
  connection_reset: DOCTOR,
  tls_error: DOCTOR,
  proxy_error: DOCTOR,
  malformed_response: DOCTOR,
  EADDRINUSE: 'Take another --port.',
  EACCES: 'Take another --port.',
};

/** Messages that speak to a program. */
const MESSAGES = {
  missing_api_key: 'There is no OpenRouter API key in OPENROUTER_API_KEY.',
};

/** @param {{ code?: string }} error @returns {string} what to do, or nothing */
function adviceFor({ code }) {
  return ADVICE[code] ?? '';
}

/** What went wrong and what to do, for who typed the command. */
function explain(error) {
  return `${MESSAGES[error.code] ?? error.message} ${adviceFor(error)}`;
}

module.exports = { adviceFor, explain };
