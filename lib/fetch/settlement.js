'use strict';

const { kindOf } = require('../util/request-kind.js');
const { after, now } = require('../util/timers.js');
const { parametersIn } = require('./parameters.js');
const { bytesOf } = require('./request.js');

/**
 * The waits before the API is asked for the cost of an answer whose end was not read. The figure is there some seconds after the
 * answer. All waits and lookups together last about two minutes at most.
 */
const WAITS_MS = [300, 700, 1500, 3000, 6000, 12_000, 25_000, 50_000];
/** How long one lookup may take. */
const LOOKUP_MS = 10_000;
/** How long a wait for the cost keeps the process alive, counted from the end of the answer. */
const HOLD_MS = 5000;
/** The statuses after which a lookup is repeated: the record is not there yet, or the API is busy. */
const PASSING = new Set([404, 408, 429, 500, 502, 503, 504, 524, 529]);
/** The largest record of a generation, in bytes. */
const MAX_RECORD = 1 << 20;

/**
 * Finds out what one answer cost, and tells it once: from the usage that came with the answer, else from the API's record of the
 * generation, because an answer that was aborted or cut may have been charged as well.
 */
class Settlement {
  #send;
  #announce;
  #tell;
  #record;
  #headers;
  #usage = null;
  #hasFailed = false;
  #isPaid = false;
  #isOver = false;

  /**
   * @param {{ url: string, headers: Headers, body: string | Uint8Array | null, requestedModel?: string }} request `requestedModel`: what
   *   the caller asked for, if the body names a fallback model
   * @param {object} by
   * @param {(request: object) => Promise<Response>} by.send sends a lookup
   * @param {(answer: object) => void} by.announce is called when an answer begins whose cost will be told
   * @param {(answer: object) => void} by.tell is called once with the cost
   */
  constructor({ url, headers, body, requestedModel }, { send, announce, tell }) {
    const parameters = parametersIn(body);
    this.#send = send;
    this.#announce = announce;
    this.#tell = tell;
    // Nothing else of the request is kept: its body may be large, and a lookup may last minutes.
    this.#headers = credentialsOf(headers);
    this.#record = {
      generationId: null,
      model: null,
      requestedModel: nonEmpty(requestedModel ?? parameters?.model),
      kind: kindOf(parameters),
      user: nonEmpty(parameters?.user),
      sessionId: nonEmpty(parameters?.session_id) ?? headers.get('x-session-id'),
      url: url.split('?', 1)[0],
    };
  }

  /** Notes the head of the response. An answer with an error status costs nothing. */
  begin({ status, headers }) {
    this.#isPaid = status >= 200 && status < 300;
    this.#record.generationId = new Headers(headers).get('x-generation-id');
    if (this.#isPaid) this.#announce({ ...this.#record });
  }

  /** Notes an event that the addon found in the answer. */
  hear(event, value) {
    if (event === 'model') this.#record.model = value;
    else if (event === 'usage') this.#usage = value;
    else if (event === 'error') this.#hasFailed = true;
  }

  /**
   * Notes that the body will not be read any further.
   * @param {'complete' | 'aborted' | 'failed'} how
   */
  end(how) {
    if (this.#isOver || !this.#isPaid) return;
    this.#isOver = true;
    const { generationId } = this.#record;
    if (this.#usage === null && generationId === null) return;
    // The usage comes last: a reader that leaves after it has missed nothing.
    const isWhole = how === 'complete' || (how === 'aborted' && this.#usage !== null);
    this.#record.outcome = this.#hasFailed ? 'failed' : isWhole ? 'complete' : how;
    if (Number.isFinite(this.#usage?.cost)) this.#settle(this.#usage.cost, tokensOf(this.#usage));
    else if (generationId === null) this.#settle(null, tokensOf(this.#usage));
    else this.#ask(0, now() + HOLD_MS);
  }

  #settle(cost, tokens) {
    this.#headers = null;
    this.#tell({ ...this.#record, cost, ...tokens, usage: this.#usage });
  }

  /** Asks for the record of the generation until it is there. */
  #ask(attempt, heldUntil) {
    if (attempt === WAITS_MS.length) {
      this.#settle(null, tokensOf(this.#usage));
      return;
    }
    const isHeld = now() < heldUntil;
    after(WAITS_MS[attempt], async () => {
      const found = await this.#look().catch(() => null);
      if (found === null) this.#ask(attempt + 1, heldUntil);
      else if (found === REFUSED) this.#settle(null, tokensOf(this.#usage));
      else this.#settleBy(found);
    }, isHeld);
  }

  #settleBy({ total_cost: cost, model, native_tokens_prompt: prompt, native_tokens_completion: completion }) {
    this.#record.model = nonEmpty(model) ?? this.#record.model;
    this.#settle(cost, this.#usage === null ? { promptTokens: prompt ?? null, completionTokens: completion ?? null } : tokensOf(this.#usage));
  }

  /** Returns the record of the generation; null if it is not there yet, and `REFUSED` if asking again is in vain. */
  async #look() {
    const limit = new AbortController();
    const forget = after(LOOKUP_MS, () => limit.abort());
    try {
      const url = `${baseOf(this.#record.url)}/generation?id=${encodeURIComponent(this.#record.generationId)}`;
      const request = { method: 'GET', url, headers: this.#headers, body: null, redirect: 'error', signal: limit.signal };
      const response = await this.#send(request);
      const text = await readText(response, limit.signal);
      if (!response.ok) return PASSING.has(response.status) ? null : REFUSED;
      const { data } = JSON.parse(text);
      return Number.isFinite(data?.total_cost) ? data : null;
    } finally {
      forget();
    }
  }
}

/** Returned by a lookup that the API refuses, as it does without the right to read the record. */
const REFUSED = Symbol('refused');

/** Returns the headers of a request that tell whose generations may be read. */
function credentialsOf(headers) {
  const names = ['authorization', 'x-api-key', 'cookie'];
  return new Headers(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));
}

/** Returns the base URL of the API to which a request went. */
function baseOf(url) {
  const [versioned] = /^.*?\/v1(?=\/)/.exec(url) ?? [];
  return versioned ?? url.replace(/\/(chat\/completions|[^/]+)\/?$/, '');
}

/** Returns the tokens of a usage, which chats and `/responses` name differently. */
function tokensOf(usage) {
  const count = (...values) => values.find((value) => Number.isFinite(value)) ?? null;
  return {
    promptTokens: count(usage?.prompt_tokens, usage?.input_tokens),
    completionTokens: count(usage?.completion_tokens, usage?.output_tokens),
  };
}

async function readText(response, signal) {
  if (response.body === null) return '';
  const bytes = await bytesOf(response.body, signal);
  return bytes.length > MAX_RECORD ? '' : bytes.toString();
}

function nonEmpty(value) {
  return typeof value === 'string' && value !== '' ? value : null;
}

module.exports = { Settlement };
