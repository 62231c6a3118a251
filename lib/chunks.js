'use strict';

/**
 * A chunk with another content in it. Content that comes alone is put into a copy of the last whole chunk; the addon
 * makes sure that nothing else differs and that nothing nested is shared.
 */
function withContent(chunk, content) {
  const choice = chunk.choices[0];
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, content } }] };
}

/** A copy of a chunk that is to be a template: its first reader may change the one it is given. */
function copyOf(chunk) {
  return withContent(chunk, chunk.choices[0].delta.content);
}

module.exports = { withContent, copyOf };
