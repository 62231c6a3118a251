'use strict';

// Reads the message of an answer that was not streamed by the rules by which the addon assembles the message of a stream, so that
// both ways have the same outcome. A message of a stream passes unchanged.

/** Returns a list of the objects in `value`; everything else is dropped. */
function objectsIn(value) {
  return Array.isArray(value) ? value.filter((one) => one !== null && typeof one === 'object') : [];
}

/**
 * Returns content as a text if it is a text or has only parts with text and with the model's thoughts, else the list of the other
 * parts.
 */
function contentOf(content) {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  const parts = objectsIn(content).filter((part) => !isThought(part));
  return parts.every(isText) ? textOf(parts) : parts;
}

/** Returns the text in content. */
function textOf(content) {
  return Array.isArray(content) ? objectsIn(content).map((part) => (isText(part) ? part.text : '')).join('') : contentOf(content);
}

/** Returns the model's thoughts in the parts of content, as some providers send them; an empty text if there are none. */
function thoughtsOf(content) {
  return objectsIn(content).filter(isThought).map(({ thinking }) => (Array.isArray(thinking) ? textOf(thinking) : String(thinking ?? ''))).join('');
}

function isText({ type, text }) {
  return (type === undefined || type === 'text') && typeof text === 'string';
}

function isThought({ type }) {
  return type === 'thinking';
}

/**
 * Returns the tool calls of a message, each once, with an id, and with its arguments as text. Their result must name the id, so
 * a call without one gets one.
 */
function toolCallsOf(calls) {
  const all = objectsIn(calls).map(({ index: _, id, function: called, name, arguments: args, ...fields }) => ({
    ...fields,
    id: typeof id === 'number' ? String(id) : id,
    type: fields.type ?? 'function',
    // Some servers put the fields of `function` into the call itself.
    function: { ...(called ?? { name, arguments: args }) },
  }));
  const seen = new Set();
  return all.flatMap((call, at) => {
    const { name, arguments: args } = call.function;
    const hasId = typeof call.id === 'string' && call.id !== '';
    const whole = { ...call, id: hasId ? call.id : `call_${at}`, function: { ...call.function, name: name ?? '', arguments: argumentsOf(args) } };
    const identity = JSON.stringify([whole.id, whole.function.name, whole.function.arguments]);
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [whole];
  });
}

function argumentsOf(args) {
  const text = typeof args === 'string' ? args : JSON.stringify(args ?? {});
  return text.trim() === '' ? '{}' : text;
}

module.exports = { contentOf, objectsIn, textOf, thoughtsOf, toolCallsOf };
