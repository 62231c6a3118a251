'use strict';

const { errorFrom } = require('../errors.js');
const { errorTextOf, withBody } = require('./error-body.js');

/**
 * Puts a text of the user's function `errorMessage` into the answer to one request, if that has an error status. SDKs show the
 * `error.message` of such an answer. Its status and headers stay.
 */
class Explanation {
  #errorMessage;
  #error = null;

  /** @param {(error: import('../errors.js').OpenRouterError) => unknown} errorMessage */
  constructor(errorMessage) {
    this.#errorMessage = errorMessage;
  }

  /** Notes the error that the addon found in the answer. */
  hear(error) {
    this.#error ??= error;
  }

  /** Returns the details of a refusal of this package with the text of the function. */
  ofRefusal(details, trace) {
    return { ...details, message: this.#textOf(errorFrom(details, trace)) ?? details.message };
  }

  /** Returns a response, or the same one with another text if it has an error status. */
  async of(response) {
    if (response.status < 400 || response.body === null) return response;
    const body = await errorTextOf(response);
    const text = this.#error === null ? undefined : this.#textOf(this.#error);
    return text === undefined ? withBody(response, body) : withBody(response, envelope(body, text), 'application/json');
  }

  /** Calls the function of the user. If it fails or returns no text, the message stays as it is. */
  #textOf(error) {
    try {
      const text = this.#errorMessage(error);
      return typeof text === 'string' && text !== '' ? text : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Returns the body of an error with another message. A body that is not in the form of the API becomes one. */
function envelope(body, message) {
  const given = objectIn(body);
  const error = typeof given.error === 'object' && given.error !== null ? given.error : {};
  return JSON.stringify({ ...given, error: { ...error, message } });
}

function objectIn(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

module.exports = { Explanation };
