'use strict';

const { inspect } = require('node:util');

const { once, toJSON } = require('./call.js');
const { OpenRouterError, errorFrom, traceOf } = require('./errors.js');
const { connect, deliver } = require('./hub.js');
const { callNumber, loggerNumber, unbidden } = require('./logging.js');
const { modelsOf } = require('./models.js');
const native = require('./native.js');
const { environment, keysOf, optionsJSON, plainHeaders } = require('./options.js');
const { ChatCompletionStream } = require('./stream.js');
const { takeTexts } = require('./texts.js');

const REDACTED = '[REDACTED]';

/** A client of OpenRouter. See `index.d.ts` for what each member promises, and the README for the options. */
class OpenRouterClient {
  #native;
  #logger;
  #apiKey;
  /** Whatever the caller keeps in here (requests, sockets, a key) is not for a log to print. */
  #options;

  constructor(apiKey, options) {
    const given = typeof apiKey === 'object' && apiKey !== null ? apiKey : (options ?? {});
    const key = given === apiKey ? undefined : apiKey;
    this.#logger = loggerNumber(given.logger);
    const made = native.createClient(
      connect(),
      optionsJSON(given),
      keysOf(key, given),
      environment(),
      this.#logger,
      unbidden(),
    );
    if (typeof made === 'string') throw errorFrom(JSON.parse(made), traceOf(new.target));
    // A process that ends right here should have said what it did.
    if (this.#logger !== 0) deliver();
    this.#native = made;
    this.#apiKey = made.apiKey();
    const { modelOptions, baseURL, siteUrl, siteName, autoRouter, zdr, cacheSettings } = JSON.parse(made.settings());
    this.baseURL = baseURL;
    this.siteUrl = siteUrl;
    this.siteName = siteName;
    this.modelOptions = modelOptions;
    this.autoRouter = autoRouter;
    this.zdr = zdr;
    this.cacheSettings = cacheSettings;
    this.usage = null;
    this.actualModelUsed = null;
    this.inputTokensKey = 'prompt_tokens';
    this.outputTokensKey = 'completion_tokens';
    this.#options = given;
  }

  get apiKey() {
    return this.#apiKey;
  }

  set apiKey(value) {
    this.#apiKey = value;
  }

  get options() {
    return this.#options;
  }

  set options(value) {
    this.#options = value;
  }

  buildHeaders() {
    return JSON.parse(this.#native.headers());
  }

  async chatCompletion(params) {
    const trace = traceOf(this.chatCompletion);
    const { signal, onProgress } = params ?? {};
    const sent = params?.headers ? { ...params, headers: plainHeaders(params.headers) } : params;
    const { marked, texts } = takeTexts(sent);
    const text = toJSON(marked, 'The request', 'invalid_request');
    const start = () => this.#native.chat(...this.#listeners(), text, texts);
    const previousModel = this.actualModelUsed;
    const { call, result } = await once(start, { signal, trace });
    if (!Array.isArray(result)) {
      this.usage = result.usage ?? null;
      this.actualModelUsed = result._metadata?.actualModelUsed ?? result.model ?? null;
      return result;
    }
    const onEnd = ({ usage, model }) => {
      this.usage = usage ?? null;
      this.actualModelUsed = model ?? null;
    };
    return new ChatCompletionStream(call, { signal, onProgress, onEnd, previousModel, trace });
  }

  async getCredits(forceRefresh = false, options) {
    const trace = traceOf(this.getCredits);
    const cached = forceRefresh ? null : this.#native.cachedCredits();
    if (cached !== null) return creditsFrom(JSON.parse(cached));
    const start = () => this.#native.credits(...this.#listeners(), Boolean(forceRefresh));
    const { result } = await once(start, { signal: options?.signal, trace });
    return creditsFrom(result);
  }

  async getModels(forceRefresh = false, options) {
    const version = forceRefresh ? 0 : this.#native.cachedModels();
    const cached = version === 0 ? null : modelsOf(version);
    if (cached !== null) return cached;
    const trace = traceOf(this.getModels);
    const start = () => this.#native.models(...this.#listeners(), Boolean(forceRefresh));
    const { call, result } = await once(start, { signal: options?.signal, trace });
    return modelsOf(result, () => call.modelsText());
  }

  async getGeneration(id, options) {
    const trace = traceOf(this.getGeneration);
    if (typeof id !== 'string' || id === '') {
      throw new OpenRouterError('getGeneration needs the id of a generation.', { code: 'invalid_request' });
    }
    const { result } = await once(() => this.#native.generation(...this.#listeners(), id), { signal: options?.signal, trace });
    return result;
  }

  /** Who hears of a call: the first arguments of each. */
  #listeners() {
    return [connect(), this.#logger, callNumber()];
  }

  getActualModelUsed() {
    return this.actualModelUsed;
  }

  toJSON() {
    return { ...this, apiKey: REDACTED };
  }

  [inspect.custom](depth, options) {
    const shown = { apiKey: REDACTED, ...this };
    return `${this.constructor.name} ${depth < 0 ? '[Object]' : inspect(shown, options)}`;
  }
}

/** Where a figure was read is there to be asked for, and not in the way of `toEqual`. */
function creditsFrom({ source, ...credits }) {
  Object.defineProperty(credits, 'source', { value: source });
  return credits;
}

module.exports = { OpenRouterClient };
