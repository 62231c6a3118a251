'use strict';

const { sendBody } = require('./body');
const { readDirectives, promptOf, withoutFaults } = require('./directives');
const { ApiError, makeError } = require('./errors');
const { findRoute } = require('./routes');

/** Handles one request: reads its body, applies the directives, and sends the response. */
async function respond(transaction, emulator) {
  const { record } = transaction;
  const isWhole = await transaction.readBody();
  const problem = isWhole ? parseBody(record) : new ApiError(413, 'Request body is too large');
  emulator.announce(record);
  if (transaction.gone) return;

  let directives = {};
  try {
    const route = findRoute(record.method, record.path);
    const { authorization } = record.headers;
    const key = route.isPublic ? emulator.account.keyIn(authorization) : emulator.account.signIn(authorization);
    if (problem) throw problem;
    directives = directivesFor(transaction, emulator);
    if (await dropConnection(transaction, directives)) return;
    if (directives.hangup !== undefined) transaction.hangUpAfter(directives.hangup);
    if (directives.delay && !(await transaction.sleep(directives.delay))) return;
    if (directives.status !== undefined) throw askedError(record, directives);
    await route.handle({ transaction, emulator, directives, key, params: route.params });
  } catch (error) {
    await sendError(transaction, directives, error);
  }
}

function parseBody(record) {
  if (record.method !== 'POST') return undefined;
  try {
    record.body = JSON.parse(record.rawBody);
  } catch {
    return new ApiError(400, 'Invalid JSON in request body');
  }
  if (typeof record.body === 'object' && record.body !== null && !Array.isArray(record.body)) return undefined;
  return new ApiError(400, 'Request body must be a JSON object');
}

function directivesFor(transaction, emulator) {
  const directives = readDirectives({
    defaults: emulator.directives,
    headers: transaction.headerValues('x-emulator'),
    body: transaction.record.body,
  });
  if (directives.times === undefined) return directives;
  const id = directives.id ?? '';
  const shown = emulator.faultCounts.get(id) ?? 0;
  emulator.faultCounts.set(id, shown + 1);
  return shown < directives.times ? directives : withoutFaults(directives);
}

/** Closes the connection without a response if `drop` is set; with `reused` only if the connection has served a request. */
async function dropConnection(transaction, { drop }) {
  if (drop === undefined || (drop === 'reused' && transaction.isFirstOnConnection)) return false;
  await transaction.cut(drop === 'reset' ? 'reset' : 'fin');
  return true;
}

function askedError(record, { status, kind, retryAfter, reset, location }) {
  const error = makeError(status, kind, {
    model: record.body?.model ?? 'openrouter/auto',
    provider: 'Emulated Provider',
    prompt: promptOf(record.body),
    authorization: record.headers.authorization,
    retryAfter,
    reset,
  });
  if (location !== undefined) error.headers = { ...error.headers, Location: location };
  return error;
}

function sendError(transaction, directives, error) {
  const known = error instanceof ApiError ? error : new ApiError(500, `The emulator failed: ${error.stack}`);
  const headers = { ...known.headers };
  if (transaction.record.generationId) headers['X-Generation-Id'] = transaction.record.generationId;
  return sendBody(transaction, directives, { status: known.status, headers, contentType: known.contentType, text: known.body });
}

module.exports.respond = respond;
