'use strict';

const { rawBytes } = require('./body');
const { now } = require('./clock');
const { Outlet } = require('./outlet');

const EOL = { lf: '\n', crlf: '\r\n', cr: '\r' };
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const COMMENT = ': OPENROUTER PROCESSING';
const LEADING_COMMENTS = 3;
const NO_USAGE_YET = { null: null, zeros: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } };

/** The event stream of one completion, with the faults and the framing that the directives ask for. */
class EventStream {
  #completion;
  #transaction;
  #directives;
  #outlet;
  #eol;
  #chunks = 0;
  #events = 0;
  #hasFailed = false;
  /** How many deltas had been sent when faults were last looked for. -1: never. */
  #passed = -1;

  constructor(completion) {
    this.#completion = completion;
    this.#transaction = completion.transaction;
    this.#directives = completion.directives;
    this.#outlet = new Outlet(completion.transaction, completion.directives);
    this.#eol = EOL[completion.directives.eol ?? 'lf'];
  }

  /** Streams the answer until it ends or fails, and charges for the deltas that were sent. */
  async run() {
    const { id } = this.#completion;
    this.#outlet.open(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', 'X-Generation-Id': id });
    try {
      const raw = rawBytes(this.#directives);
      if (raw) await this.#sendRaw(raw);
      else if (await this.#sendDeltas()) await this.#sendEnd();
    } finally {
      this.#completion.settlePart(this.#transaction.record.deltas, { hasFailed: this.#hasFailed });
    }
  }

  async #sendRaw(bytes) {
    this.#completion.settle();
    await this.#outlet.send(bytes);
    await this.#close();
  }

  /** Sends the deltas. Resolves to `false` if a fault or the client ended the stream. */
  async #sendDeltas() {
    const { bom, processing = LEADING_COMMENTS, firstDelay, gap = 0, commentsEvery } = this.#directives;
    const { body, script } = this.#completion;
    if (bom) await this.#outlet.send(BOM);
    for (let sent = 0; sent < processing; sent += 1) await this.#sendComment();
    if (!(await this.#pause(firstDelay))) return false;
    if (body.debug?.echo_upstream_body === true) await this.#sendChunk({ choices: [], debug: { echo_upstream_body: body } });

    if (!(await this.#passPoint(0))) return false;
    await this.#sendChoice({ role: 'assistant', content: '' });
    for (const delta of script.deltas) {
      if (!(await this.#pause(gap))) return false;
      if (!(await this.#sendChoice(delta))) return false;
      this.#transaction.record.deltas += 1;
      if (commentsEvery && this.#transaction.record.deltas % commentsEvery === 0) await this.#sendComment();
      if (!(await this.#passPoint(this.#transaction.record.deltas))) return false;
    }
    // A fault whose position is beyond the last delta comes right before the regular end.
    return this.#passPoint(Infinity);
  }

  /** Applies the faults that have become due with this many deltas. Resolves to `false` if the stream has ended. */
  async #passPoint(deltas) {
    const { garbage, errorAt, errorIn200, cut, cutHow, stall } = this.#directives;
    const passed = this.#passed;
    this.#passed = deltas;
    const isDue = (point) => point > passed && point <= deltas;
    if (isDue(garbage)) await this.#sendGarbage();
    if (isDue(errorIn200 ? 0 : errorAt)) {
      await this.#fail();
      return false;
    }
    if (isDue(cut)) {
      await this.#outlet.cut(cutHow);
      return false;
    }
    if (isDue(stall)) {
      await this.#stall();
      return false;
    }
    return !this.#transaction.gone;
  }

  async #sendEnd() {
    const { script, metadata, usage } = this.#completion;
    const { usageAt = 'after', noUsage, noDone, commentsEvery } = this.#directives;
    const place = noUsage ? 'nowhere' : usageAt;
    // Charge before the end is sent: a client may request its credits right after it.
    this.#completion.settle();

    if (place === 'before') await this.#sendUsage(null, null, {});
    const isLast = place !== 'after';
    const more = { ...(place === 'with' && { usage }), ...(isLast && metadata) };
    await this.#sendChoice({ content: '' }, script.finish, script.nativeFinish, more);
    if (place === 'after') await this.#sendUsage(script.finish, script.nativeFinish, metadata);
    if (!noDone) await this.#sendEvent('[DONE]');
    if (place === 'after-done') await this.#sendUsage(script.finish, script.nativeFinish, {});
    if (commentsEvery) await this.#sendComment();
    await this.#close();
  }

  async #close() {
    if (this.#directives.hold) await this.#stall();
    else await this.#outlet.finish();
  }

  #sendUsage(finish, nativeFinish, metadata) {
    const more = { usage: this.#completion.usage, ...metadata };
    switch (this.#directives.usageShape) {
      case 'choices-empty': return this.#sendChunk({ choices: [], ...more });
      case 'choices-null': return this.#sendChunk({ choices: null, ...more });
      case 'choices-missing': return this.#sendChunk(more);
      default: return this.#sendChoice({ role: 'assistant', content: '' }, finish, nativeFinish, more);
    }
  }

  #sendChoice(delta, finish = null, nativeFinish = null, more = {}) {
    return this.#sendChunk({ choices: [choice(delta, finish, nativeFinish)], ...more });
  }

  #sendChunk(content) {
    const { lateModel = 0, usageNoise } = this.#directives;
    const { route } = this.#completion;
    const model = this.#chunks < lateModel ? route.requested : undefined;
    this.#chunks += 1;
    const noise = usageNoise ? { usage: NO_USAGE_YET[usageNoise] } : {};
    return this.#sendJson({ ...this.#completion.head('chat.completion.chunk', model), ...noise, ...content });
  }

  async #fail() {
    const { errorShape, errorDone } = this.#directives;
    this.#hasFailed = true;
    const error = this.#completion.lateError;
    const failed = choice({ content: '' }, 'error', 'error');
    switch (errorShape) {
      case 'bare': await this.#sendJson({ error }); break;
      case 'string-code': await this.#sendChunk({ error: { ...error, code: 'server_error' }, choices: [failed] }); break;
      case 'finish': await this.#sendChunk({ choices: [failed] }); break;
      case 'choice': await this.#sendChunk({ choices: [{ ...failed, error }] }); break;
      case 'choices-empty': await this.#sendChunk({ error, choices: [] }); break;
      default: await this.#sendChunk({ error, choices: [failed] });
    }
    if (errorDone) await this.#sendEvent('[DONE]');
    await this.#close();
  }

  #sendGarbage() {
    const json = JSON.stringify({ ...this.#completion.head('chat.completion.chunk'), choices: [choice({ content: 'lost' })] });
    switch (this.#directives.garbageHow) {
      case 'truncated': return this.#sendEvent(json.slice(0, -20));
      case 'glued': return this.#sendEvent(`${json.slice(0, json.indexOf('bs":null'))}data: ${json}`);
      default: return this.#sendEvent('this is not JSON');
    }
  }

  /** Waits, and sends comments meanwhile if `comments` is set. Resolves to `false` once the connection is closed. */
  async #pause(ms = 0) {
    const { comments } = this.#directives;
    if (ms === 0) return !this.#transaction.gone;
    if (!comments) return this.#transaction.sleep(ms);
    const until = now() + ms;
    for (let left = ms; left > 0; left = until - now()) {
      if (!(await this.#transaction.sleep(Math.min(left, comments)))) return false;
      if (now() < until) await this.#sendComment();
    }
    return true;
  }

  /** Sends nothing more, or only comments if `comments` is set, until the client closes the connection. */
  async #stall() {
    const { comments } = this.#directives;
    if (!comments) return this.#transaction.record.closed;
    while (await this.#transaction.sleep(comments)) await this.#sendComment();
  }

  #sendComment() {
    const line = this.#directives.rewrap ? `data: ${COMMENT}` : COMMENT;
    return this.#sendLines([line, '']);
  }

  #sendJson(value) {
    return this.#sendEvent(this.#directives.frame === 'multi-line' ? JSON.stringify(value, null, 1) : JSON.stringify(value));
  }

  #sendEvent(data) {
    this.#events += 1;
    switch (this.#directives.frame) {
      case 'no-space': return this.#sendLines([`data:${data}`, '']);
      case 'multi-line': return this.#sendLines([...data.split('\n').map((line) => `data: ${line}`), '']);
      case 'named': return this.#sendLines(['event: message', `id: ${this.#events}`, 'retry: 1000', `data: ${data}`, '']);
      default: return this.#sendLines([`data: ${data}`, '']);
    }
  }

  #sendLines(lines) {
    return this.#outlet.send(lines.map((line) => line + this.#eol).join(''));
  }
}

function choice(delta, finish = null, nativeFinish = null) {
  return { index: 0, delta, finish_reason: finish, native_finish_reason: nativeFinish, logprobs: null };
}

module.exports.EventStream = EventStream;
