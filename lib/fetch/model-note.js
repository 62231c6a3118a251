'use strict';

const { isRouter, parametersIn } = require('./parameters.js');

/** The most of a reason that a note quotes, in characters. */
const MAX_REASON = 300;
/** How an event of a stream ends. */
const EVENT_END = /(\n\n|\r\n\r\n|\r\r)$/;
const CHATS = /\/chat\/completions\/?$/i;

/**
 * Puts a note into the reasoning of a streamed chat if another model answers than the one that was asked for: a fallback, or the
 * choice of a router. Programs show the reasoning, if at all, apart from the answer.
 */
class ModelNote {
  #requested;
  #id = '';
  #note = null;
  #isDone = false;
  /** The end of the last bytes that were delivered. */
  #tail = '\n\n';

  /** Returns a note for a request; undefined if its answer can have none. */
  static of({ method, url, body, requestedModel }) {
    if (method !== 'POST' || body === null || !CHATS.test(url.split(/[?#]/, 1)[0])) return undefined;
    return new ModelNote(requestedModel ?? parametersIn(body)?.model);
  }

  constructor(requested) {
    this.#requested = requested;
  }

  /** Notes the head of the response. Only a stream has a place for the note. */
  begin({ status, headers }) {
    const all = new Headers(headers);
    this.#isDone = status !== 200 || !/^text\/event-stream\b/i.test(all.get('content-type') ?? '');
    this.#id = all.get('x-generation-id') ?? '';
  }

  hear(event, value) {
    if (this.#isDone) return;
    if (event === 'fallback') this.#note = { model: value.to, text: `${value.to} answers instead of ${value.from}${reasonIn(value)}.` };
    else if (event === 'model' && isRouter(this.#requested)) this.#note = { model: value, text: `${value} answers, chosen by ${this.#requested}.` };
  }

  /** Returns the bytes to deliver before the next ones of the body; null for none. */
  before(bytes) {
    if (this.#isDone) return null;
    const note = this.#note;
    if (note === null) {
      this.#tail = Buffer.from(bytes.subarray(-4)).toString('latin1');
      return null;
    }
    this.#isDone = true;
    if (!EVENT_END.test(this.#tail)) return null;
    const delta = { role: 'assistant', content: '', reasoning: `${note.text}\n\n` };
    const choices = [{ index: 0, delta, finish_reason: null }];
    const chunk = { id: this.#id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1000), model: note.model, choices };
    // The stream takes the memory of its chunks, so that a Buffer of Node's pool would take that of others.
    return new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`);
  }
}

function reasonIn({ reason }) {
  if (!reason) return '';
  const words = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason.replace(/\.$/, '');
  return `: ${words}`;
}

module.exports = { ModelNote };
