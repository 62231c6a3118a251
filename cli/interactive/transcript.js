'use strict';

const fs = require('node:fs');
const path = require('node:path');

const MAX_BYTES = 64 << 20;
const TITLES = { system: 'System', user: 'You', assistant: 'Answer' };

/** The forms in which a chat is saved, by the suffix of the file. */
const FORMS = { '.md': markdownOf, '.markdown': markdownOf, '.json': jsonOf };

/**
 * Saves a chat.
 * @param {string} file
 * @param {{ model: string, messages: object[] }} chat
 * @param {{ mayReplace: boolean }} how whether a file of this name may be replaced; else the error has the code `EEXIST`
 */
function saveChat(file, chat, { mayReplace }) {
  const form = FORMS[path.extname(file).toLowerCase()];
  if (form === undefined) throw new Error(`Give a name that ends with ${Object.keys(FORMS).join(', ')}.`);
  fs.writeFileSync(file, form(chat), { flag: mayReplace ? 'w' : 'wx', mode: 0o600 });
}

/** Loads a chat that was saved as JSON. Returns its model, the system message and the exchanges. */
function loadChat(file) {
  if (fs.statSync(file).size > MAX_BYTES) throw new Error(`${file} is too large for a chat.`);
  const { model, messages } = parsed(fs.readFileSync(file, 'utf8'), file);
  const [first, ...rest] = messages;
  const system = first?.role === 'system' ? first.content : undefined;
  const said = system === undefined ? messages : rest;
  const exchanges = [];
  for (let at = 0; at < said.length; at += 2) {
    const [question, answer] = [said[at], said[at + 1]];
    if (question.role !== 'user' || answer?.role !== 'assistant') throw noChat(file);
    exchanges.push({ question: question.content, answer });
  }
  return { model, system, exchanges };
}

function parsed(text, file) {
  let saved;
  try {
    saved = JSON.parse(text);
  } catch {
    throw noChat(file);
  }
  const { model, messages } = Array.isArray(saved) ? { messages: saved } : (saved ?? {});
  const isMessage = (one) =>
    Object.hasOwn(TITLES, one?.role) && (typeof one.content === 'string' || (one.role === 'user' && Array.isArray(one.content))) &&
    (one.images === undefined || Array.isArray(one.images));
  if (!Array.isArray(messages) || !messages.every(isMessage)) throw noChat(file);
  return { model: typeof model === 'string' ? model : undefined, messages };
}

function noChat(file) {
  return new Error(`${file} holds no chat: /save writes one into a file that ends with .json.`);
}

function jsonOf({ model, messages }) {
  return `${JSON.stringify({ model, messages }, null, 2)}\n`;
}

function markdownOf({ model, messages }) {
  const parts = messages.map(({ role, content, images = [] }) => `## ${TITLES[role]}\n\n${textOf(content)}\n${images.map(() => '\n*[image]*\n').join('')}`);
  return [`# Chat with ${model}\n`, ...parts].join('\n');
}

/** Returns the text of a message. A part that is no text is named, because Markdown cannot hold it. */
function textOf(content) {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : `*[${part.file?.filename ?? part.type}]*`)).join('\n\n');
}

module.exports = { loadChat, saveChat, textOf };
