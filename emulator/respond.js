'use strict';

const { sendBody } = require('./body');
const { DirectiveError, readDirectives, promptOf, withoutFaults } = require('./directives');
const { ApiError, makeError } = require('./errors');
const { findRoute } = require('./routes');

/** Handles one request: reads its body, applies the directives, and sends the response. */
async function respond(transaction, emulator) {
  const { record } = transaction;
  const isWhole = await transaction.readBody();
  const problem = isWhole ? parseBody(record) : new ApiError(413, 'Request body is too large');
  record.prompt = promptOf(record.body);
  emulator.announce(record);
  if (transaction.gone) return;

  let directives = {};
  try {
    const route = findRoute(record.method, record.path);
    const { authorization } = transaction;
    const key = route.isPublic ? emulator.account.keyIn(authorization) : emulator.account.signIn(authorization);
    if (problem) throw problem;
    const prepared = await emulator.answers.choose(record);
    directives = directivesFor(transaction, emulator, prepared.directives);
    record.directives = directives;
    transaction.extraHeaders = directives.headers;
    if (await dropConnection(transaction, directives)) return;
    if (directives.hangup !== undefined) transaction.hangUpAfter(directives.hangup);
    if (directives.delay && !(await transaction.sleep(directives.delay))) return;
    if (isError(directives)) throw askedError(transaction, directives);
    await route.handle({ transaction, emulator, directives, failing: prepared.failing, key, params: route.params });
  } catch (error) {
    await sendError(transaction, directives, error);
  }
}

function parseBody(record) {
  if (!['POST', 'PATCH', 'PUT'].includes(record.method)) return undefined;
  // Forms have no directives. What has no body has no fields.
  if (/^multipart\//.test(record.headers['content-type'] ?? '') || record.rawBody === '') record.body = {};
  if (record.body !== undefined) return undefined;
  try {
    record.body = JSON.parse(record.rawBody);
  } catch {
    return new ApiError(400, 'Invalid JSON in request body');
  }
  if (typeof record.body === 'object' && record.body !== null && !Array.isArray(record.body)) return undefined;
  return new ApiError(400, 'Request body must be a JSON object');
}

/** Returns the directives of a request: its own before those of the answer that the test prepared, and those before the defaults. */
function directivesFor(transaction, emulator, prepared) {
  const directives = readDirectives({
    base: { ...emulator.directives, ...prepared },
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

/** Whether the directives ask for an error. A 200 with an answer is what there is without a status. */
function isError({ status, text, toolCalls }) {
  return status !== undefined && !(status === 200 && (text !== undefined || toolCalls !== undefined));
}

function askedError({ record, authorization }, { status, kind, message, metadata, retryAfter, reset, location }) {
  const error = makeError(status, kind, {
    model: record.body?.model ?? 'openrouter/auto',
    provider: 'Emulated Provider',
    prompt: promptOf(record.body),
    authorization,
    message,
    metadata,
    retryAfter,
    reset,
  });
  if (location !== undefined) error.headers = { ...error.headers, Location: location };
  return error;
}

function sendError(transaction, directives, error) {
  const known = asApiError(error);
  const headers = { ...known.headers };
  if (transaction.record.generationId) headers['X-Generation-Id'] = transaction.record.generationId;
  return sendBody(transaction, directives, { status: known.status, headers, contentType: known.contentType, text: known.body });
}

function asApiError(error) {
  if (error instanceof ApiError) return error;
  if (error instanceof DirectiveError) return new ApiError(400, error.message);
  return new ApiError(500, `The emulator failed: ${error.stack}`);
}

module.exports.respond = respond;
