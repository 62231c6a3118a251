'use strict';

const { paramsOf } = require('./body.js');
const { pipe } = require('./stream.js');

/** Matches an id that may be sent in a header. Without such an id the header is left out. */
const ID = /^[\w.:-]{1,200}$/;

/** `POST /chat/completions`: responds with the completion as JSON, or as an event stream if `stream` is true in the body. */
async function chat(exchange) {
  const { outlet, rules, signal } = exchange;
  const params = paramsOf(await exchange.body());
  rules.check(params);
  const client = await exchange.client(params);
  if (signal.aborted) throw signal.reason;
  const answer = await client.chatCompletion({ ...rules.completed(params, client.modelOptions), coalesce: exchange.coalesce, signal });
  const isStream = typeof answer.toReadableStream === 'function';
  const id = isStream ? answer.generationId : answer.id;
  exchange.note(id);
  if (ID.test(id ?? '')) outlet.set('X-Generation-Id', id);
  if (isStream) {
    await pipe(answer, exchange);
    return;
  }
  outlet.set('Cache-Control', 'no-store');
  outlet.json(200, answer);
}

module.exports.chat = chat;
