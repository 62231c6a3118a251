'use strict';

const { bodyOf, paramsOf } = require('./body.js');
const { redact } = require('../shared/redaction.js');
const { pipe } = require('./stream.js');

/** What may stand in a header; without an id there is none. */
const ID = /^[\w.:-]{1,200}$/;

/** `POST /chat/completions`: the completion as JSON, or as an event stream where the body says so. */
async function chat(context) {
  const { req, res, signal, limit } = context;
  // As parsers do it: a getClient may choose by what is asked.
  req.body = await bodyOf(req, limit);
  const client = await context.client();
  if (signal.aborted) throw signal.reason;
  const answer = await client.chatCompletion({ ...paramsOf(req.body), signal });
  const isStream = typeof answer.toReadableStream === 'function';
  const id = isStream ? answer.generationId : answer.id;
  if (ID.test(id ?? '')) res.set('X-Generation-Id', id);
  if (isStream) await pipe(answer, context, client.apiKey);
  else res.set('Cache-Control', 'no-store').type('json').send(redact(Buffer.from(JSON.stringify(answer)), client.apiKey));
}

module.exports.chat = chat;
