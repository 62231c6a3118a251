'use strict';

const { createHash, randomBytes } = require('node:crypto');
const http = require('node:http');

const { OpenRouterError, errorFrom, traceOf, wrongOption } = require('../errors.js');
const { createFetch } = require('../fetch/index.js');
const { callSafely } = require('../util/call-safely.js');
const { isSignal, linkSignal, reasonOf } = require('../util/signal.js');
const { after } = require('../util/timers.js');

const BASE_URL = 'https://openrouter.ai/api/v1';
/** How long a code lives at OpenRouter, in milliseconds. */
const CODE_LIVES = 600_000;
const PAGE = '<!doctype html><meta charset="utf-8"><title>OpenRouter</title><p>You may close this window and go back to the program.</p>';

/**
 * Returns the address at which a user allows a program to use their account, and the verifier that the exchange of the code
 * needs. `types/api/oauth.d.ts` documents the options.
 */
function authorizationUrl({ callbackUrl, baseURL = process.env.OPENROUTER_BASE_URL ?? BASE_URL, limit } = {}) {
  if (typeof callbackUrl !== 'string' || !URL.canParse(callbackUrl)) throw wrongOption('callbackUrl', 'the URL to which the user comes back');
  if (typeof baseURL !== 'string' || !URL.canParse(baseURL)) throw wrongOption('baseURL', 'a URL such as https://openrouter.ai/api/v1');
  if (limit !== undefined && !(typeof limit === 'number' && limit >= 0)) throw wrongOption('limit', 'an amount in USD, zero or more');
  const codeVerifier = randomBytes(32).toString('base64url');
  const url = new URL('/auth', baseURL);
  url.searchParams.set('callback_url', callbackUrl);
  url.searchParams.set('code_challenge', createHash('sha256').update(codeVerifier).digest('base64url'));
  url.searchParams.set('code_challenge_method', 'S256');
  if (limit !== undefined) url.searchParams.set('limit', String(limit));
  return { url: url.href, codeVerifier };
}

/** Exchanges the code that came back with a user for a key. It is sent once: a code works once. */
async function exchangeCode({ code, codeVerifier, baseURL = process.env.OPENROUTER_BASE_URL ?? BASE_URL, signal, ...network } = {}) {
  const trace = traceOf(exchangeCode);
  if (typeof code !== 'string' || code === '') throw wrongOption('code', 'the code that came back with the user');
  if (typeof codeVerifier !== 'string' || codeVerifier === '') throw wrongOption('codeVerifier', 'the verifier of authorizationUrl');
  if (signal !== undefined && signal !== null && !isSignal(signal)) throw wrongOption('signal', 'an AbortSignal');
  const body = JSON.stringify({ code, code_verifier: codeVerifier, code_challenge_method: 'S256' });
  let response;
  let answer;
  try {
    response = await createFetch(network)(`${baseURL.replace(/\/+$/, '')}/auth/keys`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
    answer = await response.json().catch(() => ({}));
  } catch (cause) {
    if (signal?.aborted) throw errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, reasonOf(signal));
    throw cause.cause instanceof OpenRouterError ? cause.cause : cause;
  }
  if (typeof answer.key === 'string') return { key: answer.key, userId: answer.user_id ?? null };
  const said = answer.error?.message ?? `OpenRouter answered HTTP ${response.status} without a key.`;
  throw errorFrom({ code: 'forbidden', status: response.status, message: `The login failed: ${said} Begin it again: a code works once, for ten minutes.` }, trace);
}

/**
 * Logs a user in from a program on their machine: listens on the loopback interface for their return from the browser, and
 * exchanges the code for a key.
 */
async function login({ open, port = 0, timeout = CODE_LIVES, signal, limit, ...network } = {}) {
  if (typeof open !== 'function') throw wrongOption('open', 'a function that opens a URL in the browser, or shows it');
  if (typeof timeout !== 'number' || !(timeout > 0)) throw wrongOption('timeout', 'a number of milliseconds above zero');
  const trace = traceOf(login);
  // The path is a secret of this login, so that no other page can send a code of its own.
  const path = `/${randomBytes(16).toString('base64url')}`;
  const listener = await listen(port, trace);
  try {
    const callbackUrl = `http://localhost:${listener.address().port}${path}`;
    const { url, codeVerifier } = authorizationUrl({ callbackUrl, limit, ...(network.baseURL && { baseURL: network.baseURL }) });
    const returned = comesBack(listener, path, { timeout, signal, trace });
    callSafely(open, url);
    return await exchangeCode({ code: await returned, codeVerifier, signal, ...network });
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

function listen(port, trace) {
  return new Promise((resolve, reject) => {
    const server = http.createServer();
    server.once('error', (cause) => {
      reject(errorFrom({ code: 'connection_failed', message: `The return from the browser cannot be received: port ${port} is not free. Choose another port.`, cause: cause.message }, trace));
    });
    server.listen(port, 'localhost', () => resolve(server));
  });
}

/** Resolves to the code with which the user comes back. */
function comesBack(server, path, { timeout, signal, trace }) {
  return new Promise((resolve, reject) => {
    const target = { abort: (reason) => end(() => reject(errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, reason))) };
    const unlink = linkSignal(signal, target);
    const forget = after(timeout, () => {
      const message = `Nobody has come back from the browser within ${timeout} ms. Begin the login again, or raise timeout.`;
      end(() => reject(errorFrom({ code: 'timeout', message }, trace)));
    });
    const end = (settle) => {
      forget();
      unlink();
      settle(target);
    };
    if (signal?.aborted) target.abort(reasonOf(signal));
    server.on('request', (request, response) => {
      const url = new URL(request.url, 'http://localhost');
      const code = url.searchParams.get('code');
      if (request.method !== 'GET' || url.pathname !== path || !code) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', Connection: 'close' });
      response.end(PAGE, () => end(() => resolve(code)));
    });
  });
}

module.exports = { authorizationUrl, exchangeCode, login };
