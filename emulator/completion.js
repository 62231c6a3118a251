'use strict';

const { makeError } = require('./errors');
const { generationFacts } = require('./generations');
const { routerMetadata } = require('./routing');
const { usageOf } = require('./usage');

/** Returns the model of a route with the prices of its provider. */
function pricedAt({ models }, { model, provider }) {
  return { ...model, pricing: models.pricingOf(model, provider.slug) };
}

/** One completion: its JSON shapes, its cost, and the record for `GET /generation`. */
class Completion {
  #emulator;
  #key;
  #isSettled = false;

  /**
   * @param {object} made `sourceId`: the id of the cached answer that this one repeats; `onWhole`: is called once the answer is
   *   complete
   */
  constructor({ emulator, transaction, directives, key, body, prompt, id, route, script, sourceId = null, onWhole = () => {} }) {
    this.#emulator = emulator;
    this.#key = key;
    this.transaction = transaction;
    this.directives = directives;
    this.body = body;
    this.prompt = prompt;
    this.id = id;
    this.route = route;
    this.script = script;
    this.sourceId = sourceId;
    this.onWhole = onWhole;
    this.created = Math.floor(Date.now() / 1000);
    this.usage = usageOf(body, pricedAt(emulator, route), script.tokens, directives);
  }

  /** The fields beside `choices`, which a chunk and a whole completion share. */
  head(object, model = this.route.model.id) {
    const head = { id: this.id, provider: this.route.provider.name, model, object, created: this.created };
    if (this.body.service_tier) head.service_tier = this.body.service_tier;
    return head;
  }

  get metadata() {
    const { headers } = this.transaction.record;
    // OpenRouter sends no metadata with a cached answer.
    return wantsMetadata(headers) && this.sourceId === null ? { openrouter_metadata: routerMetadata(this.route, this.usage.is_byok) } : {};
  }

  /** The body of an answer that is not streamed. */
  get whole() {
    const { message, finish, nativeFinish } = this.script;
    const body = {
      ...this.head('chat.completion'),
      choices: [{ logprobs: null, finish_reason: finish, native_finish_reason: nativeFinish, index: 0, message }],
      system_fingerprint: null,
      ...this.metadata,
    };
    if (!this.directives.noUsage) body.usage = this.usage;
    return body;
  }

  /** The `error` object of a failure that happens after the 200 was sent. */
  get lateError() {
    const { errorCode = 502, kind, message, metadata, retryAfter, reset } = this.directives;
    const { model, provider } = this.route;
    return makeError(errorCode, kind, { model: model.id, provider: provider.name, prompt: this.prompt, message, metadata, retryAfter, reset }).detail;
  }

  /** Charges for the whole answer. Call it before the last byte is sent: a client may request its credits right after. */
  settle() {
    this.#settle(this.usage, { isCancelled: false, finish: this.script.finish, nativeFinish: this.script.nativeFinish });
    this.onWhole();
  }

  /** Charges for the deltas of an answer that ended early; nothing if the provider failed. No effect after `settle`. */
  settlePart(madeDeltas, { hasFailed }) {
    const share = Math.min(madeDeltas / Math.max(this.script.deltas.length, 1), 1);
    const directives = hasFailed ? { ...this.directives, cost: 0 } : this.directives;
    const usage = usageOf(this.body, pricedAt(this.#emulator, this.route), this.script.tokens, directives, share);
    const finish = hasFailed ? 'error' : null;
    this.#settle(usage, { isCancelled: this.transaction.record.closedBy === 'client', finish, nativeFinish: finish });
  }

  #settle(usage, { isCancelled, finish, nativeFinish }) {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { account, generations } = this.#emulator;
    account.charge(this.#key, usage.cost);
    const facts = generationFacts({
      id: this.id,
      route: this.route,
      usage,
      record: this.transaction.record,
      isStream: this.body.stream === true,
      isCancelled,
      finishReason: finish,
      nativeFinishReason: nativeFinish,
      body: this.body,
      sourceId: this.sourceId,
    });
    generations.add(facts, this.directives.pending);
  }
}

function wantsMetadata(headers) {
  return [headers['x-openrouter-metadata'], headers['x-openrouter-experimental-metadata']].includes('enabled');
}

module.exports.Completion = Completion;
module.exports.wantsMetadata = wantsMetadata;
