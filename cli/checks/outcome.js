'use strict';

const { adviceFor } = require('../advice.js');

const ok = (message) => ({ status: 'ok', message });
const warning = (message, advice) => ({ status: 'warning', message, advice });
const failed = (message, advice) => ({ status: 'failed', message, advice });
const skipped = (message) => ({ status: 'skipped', message });

/** What an error of the client comes to: its message has most of the advice in it. */
function failedWith(error) {
  const cause = error.cause?.message;
  return failed(cause && !error.message.includes(cause) ? `${error.message} (${cause})` : error.message, adviceFor(error) || null);
}

module.exports = { failed, failedWith, ok, skipped, warning };
