'use strict';

/** The fields of a message that the API accepts, besides `role` and `content`. */
const FIELDS = [
  'name', 'tool_calls', 'tool_call_id', 'function_call', 'reasoning', 'reasoning_details', 'refusal', 'audio',
  'cache_control',
];

/**
 * Converts LibreChat's messages into messages of the API.
 * @param {unknown[]} messages in order; each may be a row of LibreChat's database or a message of the API
 * @param {(message: object) => object} format converts messages that are neither
 */
function apiMessages(messages, format) {
  const isMessage = (message) => typeof message === 'object' && message !== null;
  return messages.filter(isMessage).flatMap((message) => converted(message, format));
}

/** Converts one message. An answer with tool calls becomes several messages, and an empty one none. */
function converted(message, format) {
  // This is a message of the API and not a row of LibreChat's database, so it is sent as it is.
  if (message.role && message.messageId === undefined && message.isCreatedByUser === undefined) {
    const { image_urls: images, ...plain } = message;
    return [images?.length ? { ...plain, content: withImages(plain.content, images) } : plain];
  }
  if (!message.role && message.isCreatedByUser === undefined) return [{ ...fieldsOf(message), ...format(message) }];
  const role = message.role ?? (message.isCreatedByUser ? 'user' : 'assistant');
  const own = { role, ...fieldsOf(message) };
  const parts = Array.isArray(message.content) ? message.content : null;
  const text = message.text || (parts === null ? (message.content ?? '') : '');
  if (parts === null || text !== '') return unlessEmpty({ ...own, content: text }, message);
  return role === 'assistant' ? replayed(own, parts, message) : unlessEmpty({ ...own, content: parts.filter(isSent).map(plainText) }, message);
}

/**
 * Returns the message in a list, with its images and file context. The list is empty for an empty answer, which providers
 * refuse.
 */
function unlessEmpty(api, { image_urls: images, fileContext }) {
  const context = typeof fileContext === 'string' && fileContext !== '' ? fileContext : null;
  let { content } = api;
  if (context !== null) content = typeof content === 'string' ? `${context}\n${content}` : [{ type: 'text', text: context }, ...content];
  if (images?.length) content = withImages(content, images);
  const isEmpty = api.role === 'assistant' && content.length === 0 && !api.tool_calls?.length && !api.function_call;
  return isEmpty ? [] : [{ ...api, content }];
}

function withImages(content, images) {
  const before = Array.isArray(content) ? content : [content ?? ''].filter(Boolean).map((text) => ({ type: 'text', text }));
  return [...before, ...images];
}

/**
 * Converts an answer that LibreChat saved in parts back into the original messages: text, tool calls and the results of the
 * tools. Calls without a result are left out, because the API refuses them.
 */
function replayed(own, parts, message) {
  const replay = [];
  let text = '';
  let calls = [];
  const flush = () => {
    if (calls.length > 0) {
      replay.push({ ...own, content: text || null, tool_calls: calls.map(({ call }) => call) });
      replay.push(...calls.map(({ call, output }) => ({ role: 'tool', tool_call_id: call.id, content: output })));
    } else if (text !== '') {
      replay.push(...unlessEmpty({ ...own, content: text }, message));
    }
    [text, calls] = ['', []];
  };
  for (const part of parts) {
    if (part?.type === 'text') {
      if (calls.length > 0) flush();
      text += plainText(part).text;
    } else if (part?.type === 'tool_call' && typeof part.tool_call?.output === 'string') {
      const { id, name, args, output } = part.tool_call;
      const json = typeof args === 'string' ? args : JSON.stringify(args ?? {});
      calls.push({ call: { id, type: 'function', function: { name, arguments: json } }, output });
    }
  }
  flush();
  if (replay.length > 0) return replay;
  return unlessEmpty({ ...own, content: '' }, message);
}

/**
 * Whether the API knows a part. LibreChat's own parts (reasoning, errors, updates of agents) are for its user interface
 * only.
 */
const isSent = (part) => ['text', 'image_url', 'input_audio', 'video_url', 'file'].includes(part?.type);

/**
 * Returns a text part with its text as a string, because LibreChat also stores it as `{ value }`. Other parts are unchanged.
 */
function plainText(part) {
  if (part.type !== 'text' || typeof part.text === 'string') return part;
  return { ...part, text: part.text?.value ?? '' };
}

function fieldsOf(message) {
  const kept = FIELDS.filter((name) => message[name] !== undefined && message[name] !== null);
  return Object.fromEntries(kept.map((name) => [name, message[name]]));
}

/** Returns the messages with the user's instructions as a system message in front, unless they already contain it. */
function withInstructions(messages, instructions) {
  const text = typeof instructions === 'string' ? instructions.trim() : '';
  const isThere = messages.some(({ role, content }) => role === 'system' && content === text);
  return text === '' || isThere ? messages : [{ role: 'system', content: text }, ...messages];
}

module.exports = { apiMessages, withInstructions };
