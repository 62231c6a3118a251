'use strict';

/**
 * The property `text` of completions. It is a getter, so that a caller who changes the message sees the change, and not
 * enumerable, so that copies, comparisons and JSON have only what the API sent.
 */
const TEXT = {
  configurable: true,
  get() {
    return textOf(this.choices?.[0]?.message?.content);
  },
};

/** Returns a completion with the property `text`, unless the API has sent a field of that name. */
function withText(completion) {
  return Object.hasOwn(completion, 'text') ? completion : Object.defineProperty(completion, 'text', TEXT);
}

/** Returns content as a string. Servers other than OpenRouter's may send it as a list of parts. */
function textOf(content) {
  if (Array.isArray(content)) return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
  return typeof content === 'string' ? content : '';
}

module.exports = { withText };
