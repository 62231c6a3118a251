'use strict';

const { adviceFor, messageOf } = require('../advice.js');

const ok = (message) => ({ status: 'ok', message });
const warning = (message, advice) => ({ status: 'warning', message, advice });
const failed = (message, advice) => ({ status: 'failed', message, advice });
const skipped = (message) => ({ status: 'skipped', message });

/** Returns the outcome of a check that met an error of the client: its message, with the cause if that is not in it yet. */
function failedWith(error) {
  const [message, cause] = [messageOf(error), error.cause?.message];
  return failed(cause && !message.includes(cause) ? `${message} (${cause})` : message, adviceFor(error) || null);
}

module.exports = { failed, failedWith, ok, skipped, warning };
