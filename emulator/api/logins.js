'use strict';

const { createHash, randomBytes } = require('node:crypto');

const { sendBody } = require('../body');
const { ApiError } = require('../errors');

/** The logins by OAuth PKCE. The page asks no question: it sends the browser back at once, with a code. */
class Logins {
  /** The challenge of each code that the page gave and that has not been exchanged yet. */
  #challenges = new Map();

  /** Answers `GET /auth`, the page that a program opens in the browser. */
  page({ transaction, directives }) {
    const callback = transaction.query.get('callback_url');
    if (!URL.canParse(callback)) throw new ApiError(400, 'The query parameter "callback_url" is required');
    const code = `code-${randomBytes(8).toString('hex')}`;
    this.#challenges.set(code, transaction.query.get('code_challenge'));
    const back = new URL(callback);
    back.searchParams.set('code', code);
    return sendBody(transaction, directives, { status: 302, headers: { Location: back.href }, text: '' });
  }

  /** Gives a key for the code of a login. A test may use a code of its own, which begins with `code-`, with any verifier. */
  exchange({ transaction }) {
    const { code, code_verifier: verifier } = transaction.record.body;
    if (typeof code !== 'string' || !code.startsWith('code-')) throw new ApiError(403, 'Invalid code');
    if (code !== 'code-plain' && typeof verifier !== 'string') throw new ApiError(400, 'Invalid code_verifier');
    const challenge = this.#challenges.get(code);
    this.#challenges.delete(code);
    if (challenge && challenge !== createHash('sha256').update(verifier).digest('base64url')) throw new ApiError(403, 'Invalid code_verifier');
    return { key: `sk-or-v1-login-${code.slice(5)}`, user_id: 'user_emulator' };
  }
}

module.exports.Logins = Logins;
