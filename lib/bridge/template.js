'use strict';

// Of consecutive events that differ in one text only, the addon delivers the first one, as a template, and of the others the
// text, see `src/delivery/template.rs`. The events that are made of it share no object, because a reader may change them.

/**
 * How a text is inserted into a copy of a template, by the place where its event has the text. `copy` makes the copy that the
 * feed keeps, `fillOf` returns the function that makes an event of it.
 */
const PLACES = {
  'choices.delta.content': { copy: (chunk) => withContent(chunk, chunk.choices[0].delta.content), fillOf: () => withContent },
  'choices.text': { copy: (chunk) => withChoiceText(chunk, chunk.choices[0].text), fillOf: () => withChoiceText },
  delta: { copy: (event) => ({ ...event }), fillOf: fillOfDelta },
  'delta.text': { copy: copyWithDelta, fillOf: () => withText },
  'delta.thinking': { copy: copyWithDelta, fillOf: () => withThinking },
  'delta.signature': { copy: copyWithDelta, fillOf: () => withSignature },
  'delta.partial_json': { copy: copyWithDelta, fillOf: () => withPartialJSON },
};

/** The place in a chunk of a chat, which the addon does not name. */
const CHAT = 'choices.delta.content';

/** Returns the function that makes the next event of a copy of `template`, and that copy. */
function templateOf(template, place = CHAT) {
  const { copy, fillOf } = PLACES[place];
  return { copied: copy(template), fill: fillOf(template) };
}

function withContent(chunk, content) {
  const choice = chunk.choices[0];
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, content } }] };
}

function withChoiceText(chunk, text) {
  return { ...chunk, choices: [{ ...chunk.choices[0], text }] };
}

function copyWithDelta(event) {
  return { ...event, delta: { ...event.delta } };
}

function withText(event, text) {
  return { ...event, delta: { ...event.delta, text } };
}

function withThinking(event, thinking) {
  return { ...event, delta: { ...event.delta, thinking } };
}

function withSignature(event, signature) {
  return { ...event, delta: { ...event.delta, signature } };
}

function withPartialJSON(event, partial) {
  return { ...event, delta: { ...event.delta, partial_json: partial } };
}

/** Returns how the next event of the Responses API is made. The only list that it may have is an empty one. */
function fillOfDelta(event) {
  const isCounted = event.sequence_number !== undefined;
  if (Array.isArray(event.logprobs)) return isCounted ? withNumberAndLogprobs : withLogprobs;
  return isCounted ? withNumber : withDelta;
}

function withDelta(event, delta) {
  return { ...event, delta };
}

function withLogprobs(event, delta) {
  return { ...event, delta, logprobs: [] };
}

// The copy that the feed keeps counts the events.

function withNumber(event, delta) {
  event.sequence_number += 1;
  return { ...event, delta };
}

function withNumberAndLogprobs(event, delta) {
  event.sequence_number += 1;
  return { ...event, delta, logprobs: [] };
}

module.exports = { templateOf };
