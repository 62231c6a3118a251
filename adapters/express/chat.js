'use strict';

const { bodyOf, paramsOf } = require('./body.js');
const { pipe } = require('./stream.js');

/** Matches an id that may be sent in a header. Without such an id the header is left out. */
const ID = /^[\w.:-]{1,200}$/;

/** `POST /chat/completions`: responds with the completion as JSON, or as an event stream if `stream` is true in the body. */
async function chat(context) {
  const { req, outlet, rules, signal, limit } = context;
  // Set like a parser does, so that `getClient` can choose a client by the parameters.
  req.body = await bodyOf(req, limit);
  const params = paramsOf(req.body);
  rules.check(params);
  const client = await context.client();
  if (signal.aborted) throw signal.reason;
  const answer = await client.chatCompletion({ ...rules.completed(params, client.modelOptions), coalesce: context.coalesce, signal });
  const isStream = typeof answer.toReadableStream === 'function';
  const id = isStream ? answer.generationId : answer.id;
  if (ID.test(id ?? '')) outlet.set('X-Generation-Id', id);
  if (isStream) {
    await pipe(answer, context);
    return;
  }
  outlet.set('Cache-Control', 'no-store');
  outlet.json(200, answer);
}

module.exports.chat = chat;
