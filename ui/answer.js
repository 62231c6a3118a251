import { EventSourceParserStream } from 'eventsource-parser/stream';

import { ApiError, errorOf } from './api.js';
import { hasText, t } from './texts.js';

/** The finish reason of an answer that failed. */
const ERROR = 'error';

/** Whether an id names a router, which lets another model answer. */
export const isRouter = (id) => /^openrouter\/(?:auto|free|fusion|bodybuilder)/.test(id ?? '');

/** Whether two ids are the same model: providers add dates to ids, and suffixes choose a variant. */
export function isSameModel(one, other) {
  const [a, b] = [one, other].map((id) => String(id ?? '').replace(/^~/, '').replace(/:[\w-]+$/, ''));
  return a === b || a.startsWith(`${b}-`) || b.startsWith(`${a}-`);
}

/** An answer of a model, as it grows: the text, who gives it, by which attempts, how fast, for which price. */
export class Answer {
  /** `waiting`, `streaming`, `done`, `stopped` or `failed`. */
  state = 'waiting';
  model = null;
  provider = null;
  generationId = null;
  content = '';
  reasoning = '';
  reasoningDetails = [];
  refusal = '';
  toolCalls = [];
  images = [];
  sources = [];
  usage = null;
  finishReason = null;
  attempts = [];
  error = null;
  /** The pieces of the content, as they arrived. */
  pieces = [];
  firstTokenMs = null;
  durationMs = null;
  /** Whether the end of the stream was announced. */
  #isWhole = false;
  #start = performance.now();

  /** @param {{ requested?: string | null }} [about] the model that was asked for */
  constructor({ requested = null } = {}) {
    this.requested = requested;
  }

  /** Whether more may arrive. */
  get isRunning() {
    return this.state === 'waiting' || this.state === 'streaming';
  }

  get cost() {
    return typeof this.usage?.cost === 'number' ? this.usage.cost : null;
  }

  /** Tokens of the answer per second since the first; null until the usage is known. */
  get tokensPerSecond() {
    const tokens = this.usage?.completion_tokens;
    const ms = this.durationMs - this.firstTokenMs;
    return typeof tokens === 'number' && this.firstTokenMs !== null && this.durationMs !== null && ms > 0 ? (tokens * 1000) / ms : null;
  }

  /** The fallback that took place: `{ from, to, reason, attempts }`; null if there was none. */
  get fallback() {
    const { attempts, requested, model } = this;
    const failed = attempts.find((one) => one.model && !isSameModel(one.model, model) && !(one.status >= 200 && one.status < 300));
    if (model !== null && failed) return { from: failed.model, to: model, reason: reasonOf(failed), attempts };
    if (model === null || requested === null || isRouter(requested) || requested.startsWith('~') || isSameModel(requested, model)) return null;
    return { from: requested, to: model, reason: t('reason.unknown'), attempts };
  }

  /** The message to send back as history, or null if there is nothing to send. */
  get message() {
    const { content, reasoningDetails, toolCalls } = this;
    if (content === '' && toolCalls.length === 0) return null;
    return {
      role: 'assistant',
      content: content === '' ? null : content,
      ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(({ id, name, arguments: text }) => ({ id, type: 'function', function: { name, arguments: text } })) }),
      ...(reasoningDetails.length > 0 && { reasoning_details: reasoningDetails }),
    };
  }

  /** Adds a chunk of a stream, or a whole completion. */
  add(chunk) {
    if (chunk === null || typeof chunk !== 'object') return;
    if (this.state === 'waiting') this.state = 'streaming';
    if (chunk.error) throw errorOf(chunk.error);
    if (typeof chunk.id === 'string') this.generationId = chunk.id;
    if (typeof chunk.model === 'string' && chunk.model !== '' && !isRouter(chunk.model)) this.model = chunk.model;
    if (typeof chunk.provider === 'string') this.provider = chunk.provider;
    if (chunk.usage?.total_tokens) this.usage = chunk.usage;
    const attempts = chunk.openrouter_metadata?.attempts ?? chunk._metadata?.attempts;
    if (Array.isArray(attempts) && attempts.length > 0) this.attempts = attempts.filter((one) => one && typeof one === 'object');
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : null;
    if (choice) this.#addChoice(choice);
  }

  #addChoice(choice) {
    if (choice.error) throw errorOf(choice.error);
    const part = choice.delta ?? choice.message ?? {};
    if (textOf(part.content) !== '') {
      this.#noteToken();
      this.content += textOf(part.content);
      this.pieces.push(textOf(part.content));
    }
    const reasoning = textOf(part.reasoning ?? part.reasoning_content);
    if (reasoning !== '') {
      this.#noteToken();
      this.reasoning += reasoning;
    }
    if (Array.isArray(part.reasoning_details)) this.#addDetails(part.reasoning_details);
    if (typeof part.refusal === 'string') this.refusal += part.refusal;
    for (const [at, call] of listOf(part.tool_calls).entries()) this.#addToolCall(call, at);
    for (const image of listOf(part.images)) if (typeof image?.image_url?.url === 'string') this.images.push(image.image_url.url);
    for (const note of listOf(part.annotations)) this.#addSource(note?.url_citation);
    if (choice.finish_reason) this.finishReason = choice.finish_reason;
    if (choice.finish_reason === ERROR) throw errorOf(null);
  }

  #noteToken() {
    this.firstTokenMs ??= Math.round(performance.now() - this.#start);
  }

  /** The pieces of one step are joined, because they must be sent back as one. */
  #addDetails(details) {
    for (const detail of details) {
      const last = this.reasoningDetails.at(-1);
      const isNext = last && last.type === detail?.type && last.index === detail.index && typeof last.text === 'string' && typeof detail.text === 'string';
      if (isNext) Object.assign(last, detail, { text: last.text + detail.text, signature: detail.signature ?? last.signature });
      else if (detail && typeof detail === 'object') this.reasoningDetails.push({ ...detail });
    }
  }

  #addToolCall(piece, at) {
    if (piece === null || typeof piece !== 'object') return;
    const index = piece.index ?? at;
    let call = this.toolCalls.find((one) => one.index === index);
    if (!call) {
      call = { index, id: '', name: '', arguments: '' };
      this.toolCalls.push(call);
    }
    call.id ||= piece.id ?? '';
    call.name ||= piece.function?.name ?? '';
    call.arguments += textOf(piece.function?.arguments);
    this.#noteToken();
  }

  #addSource(citation) {
    if (typeof citation?.url !== 'string' || this.sources.some(({ url }) => url === citation.url)) return;
    this.sources.push({ url: citation.url, title: textOf(citation.title) || citation.url });
  }

  /** Ends the answer: `done`, `stopped`, or `failed` with its error. What had come stays. */
  end(state, error = null) {
    if (!this.isRunning) return;
    this.durationMs = Math.round(performance.now() - this.#start);
    this.state = state;
    this.error = error;
  }

  /**
   * Reads the response of a handler to its end. Never rejects: a failure is the answer's `error`.
   * @param {Response | Promise<Response>} response
   * @param {{ signal?: AbortSignal, onChange?: () => void }} [options] `onChange` is called after each event
   */
  async read(response, { signal, onChange = () => {} } = {}) {
    try {
      const { headers, body } = await response;
      const type = headers.get('content-type') ?? '';
      if (type.includes('text/event-stream')) await this.#readEvents(body, onChange);
      else this.add(await new Response(body).json());
      this.end('done');
    } catch (error) {
      if (signal?.aborted) this.end('stopped');
      else this.end('failed', error instanceof ApiError ? error : new ApiError({ message: t('error.truncated'), code: 'connection_reset', cause: error }));
    }
    onChange();
    return this;
  }

  async #readEvents(body, onChange) {
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    const reader = events.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value.data === '[DONE]') {
        // The rest of the body is read, so that its end is not taken for a break of the connection.
        this.#isWhole = true;
        continue;
      }
      this.add(parsed(value.data));
      onChange();
    }
    if (!this.#isWhole && this.finishReason === null) throw new ApiError({ message: t('error.truncated'), code: 'stream_truncated' });
  }

  /** The facts as plain data, to be kept. The pieces are left out, because they are as long as the content. */
  toJSON() {
    const { pieces, error, ...facts } = this;
    return { ...facts, error: error && { message: error.message, status: error.status, code: error.code } };
  }

  /** Makes an answer of what {@link toJSON} returned. One that was still arriving then has been stopped since. */
  static from(facts) {
    const answer = Object.assign(new Answer(), facts, { error: facts.error ? new ApiError(facts.error) : null });
    if (answer.isRunning) answer.state = 'stopped';
    return answer;
  }

  /** Makes an answer of a whole completion, for example from a history. */
  static of(completion, about) {
    const answer = new Answer(about);
    try {
      answer.add(completion);
      answer.end('done');
    } catch (error) {
      answer.end('failed', error);
    }
    answer.durationMs = null;
    answer.firstTokenMs = null;
    return answer;
  }
}

/** Says why an attempt failed. */
function reasonOf({ reason, status }) {
  if (typeof reason === 'string' && reason !== '') return reason;
  if (!Number.isInteger(status)) return t('reason.unknown');
  return hasText(`reason.${status}`) ? t(`reason.${status}`) : t('reason.other', { status });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError({ message: t('error.truncated'), code: 'malformed_response', cause });
  }
}

/** Returns a text, or those in the parts of a message, which may also have images. */
function textOf(value) {
  if (typeof value === 'string') return value;
  return listOf(value).map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}
