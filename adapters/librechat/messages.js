'use strict';

/** What the API takes of a message beside its role and content. */
const FIELDS = [
  'name', 'tool_calls', 'tool_call_id', 'function_call', 'reasoning', 'reasoning_details', 'refusal', 'audio',
  'cache_control',
];

/**
 * LibreChat's messages as the API takes them.
 * @param {unknown[]} messages in their order
 * @param {(message: object) => object | null} format formats what is neither LibreChat's nor the API's
 */
function apiMessages(messages, format) {
  const isMessage = (message) => typeof message === 'object' && message !== null;
  return messages.filter(isMessage).flatMap((message) => oneOrMore(message, format));
}

function oneOrMore(message, format) {
  // A message of the API, and not a row of LibreChat's database: nothing is to be known better.
  if (message.role && message.messageId === undefined && message.isCreatedByUser === undefined) {
    const { image_urls: images, ...plain } = message;
    return [images?.length ? { ...plain, content: withImages(plain.content, images) } : plain];
  }
  if (!message.role && message.isCreatedByUser === undefined) {
    const formatted = format(message);
    return formatted === null ? [] : [{ ...fieldsOf(message), ...formatted }];
  }
  const role = message.role ?? (message.isCreatedByUser ? 'user' : 'assistant');
  const own = { role, ...fieldsOf(message) };
  const parts = Array.isArray(message.content) ? message.content : null;
  const text = message.text || (parts === null ? (message.content ?? '') : '');
  if (parts === null || text !== '') return said({ ...own, content: text }, message);
  return role === 'assistant' ? replayed(own, parts, message) : said({ ...own, content: parts.filter(isSent).map(plainText) }, message);
}

/** The message, unless it is an assistant's that says nothing: providers refuse those. */
function said(api, { image_urls: images, fileContext }) {
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
 * An answer that LibreChat saved in parts, as the messages it was made of: text, calls, and what the tools said. Calls
 * without a result are left out, since the API refuses a call that nobody answered.
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
      replay.push(...said({ ...own, content: text }, message));
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
  return said({ ...own, content: '' }, message);
}

/** Parts that the API knows; LibreChat's own (thoughts, errors, agents' updates) are for its UI. */
const isSent = (part) => ['text', 'image_url', 'input_audio', 'video_url', 'file'].includes(part?.type);

/** A text part whose text is a string: LibreChat also keeps `{ value }`. */
function plainText(part) {
  if (part.type !== 'text' || typeof part.text === 'string') return part;
  return { ...part, text: part.text?.value ?? '' };
}

function fieldsOf(message) {
  const kept = FIELDS.filter((name) => message[name] !== undefined && message[name] !== null);
  return Object.fromEntries(kept.map((name) => [name, message[name]]));
}

/** `messages` with the user's instructions in front, unless they are there already. */
function withInstructions(messages, instructions) {
  const text = typeof instructions === 'string' ? instructions.trim() : '';
  const isThere = messages.some(({ role, content }) => role === 'system' && content === text);
  return text === '' || isThere ? messages : [{ role: 'system', content: text }, ...messages];
}

module.exports = { apiMessages, withInstructions };
