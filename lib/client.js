'use strict';

const { inspect } = require('node:util');

const { checkSignal, resultOf } = require('./bridge/call.js');
const { CallPromise } = require('./bridge/call-promise.js');
const { OpenRouterError, errorFrom, traceOf, wrongOption } = require('./errors.js');
const { connect, deliver } = require('./bridge/hub.js');
const { backgroundContextId, contextId, hasSubscribers, loggerId } = require('./logging.js');
const { awaited, expecting } = require('./missing-await.js');
const native = require('./bridge/native.js');
const { refuseOtherNames } = require('./other-names.js');
const {
  CLIENT_NAMES,
  MODELS_NAMES,
  budgetIds,
  connectOptions,
  environment,
  estimateOptions,
  generationOptions,
  givenKeys,
  lookupOptions,
  optionsJSON,
  optionsOf,
  sendableHeaders,
  withCallOptions,
} = require('./options.js');
const { toJSON } = require('./util/json.js');
const { PREWARM, SEND } = require('./util/send.js');
const { takeTexts } = require('./bridge/placeholders.js');

const REDACTED = '[REDACTED]';

/** The settings that are resolved when a client is constructed. The addon has its own copy, which no assignment changes. */
const SETTINGS = ['baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'cacheSettings'];

/** The endpoints beside chats, which the modules of `lib/api` implement. */
const ENDPOINTS = [
  'responses', 'messages', 'completions', 'embeddings', 'rerank', 'images', 'speech', 'transcription', 'videos', 'getVideo',
  'getVideoContent', 'decisions', 'getModel', 'getEndpoints', 'getProviders', 'getUserModels', 'getZdrEndpoints',
  'getEmbeddingModels', 'getImageModels', 'getImageEndpoints', 'getVideoModels', 'countModels', 'getKey', 'getActivity',
  'getBenchmarks', 'getTaskClassifications', 'getGenerationContent', 'sendFeedback',
];
/** What belongs to an account, see `lib/api/management.js`. */
const MANAGED = [
  'keys', 'guardrails', 'presets', 'workspaces', 'byok', 'observability', 'organization', 'analytics', 'files', 'scim', 'vault',
  'containers', 'datasets',
];

/** Modules that the first call that needs them loads, while its request is in flight. */
let completions;
let models;
let streams;
let requests;

/** A client of OpenRouter. `index.d.ts` documents its members and options. */
class OpenRouterClient {
  #native;
  /** The id of the logger for the addon, and the logger itself, which the module `logging.js` holds only weakly. */
  #loggerId;
  #logger;
  #apiKey;
  #settings;
  /**
   * The options as given. They are private, because they may hold requests, sockets or a key, which a log must not print.
   */
  #options;

  /**
   * The properties of a client that show its settings. An assignment throws an error, because it would not change the
   * addon's copy: a caller who sets `zdr` would believe that later requests have it.
   */
  static #properties = Object.fromEntries(SETTINGS.map((name) => [name, {
    enumerable: true,
    get() {
      return this.#settings[name];
    },
    set() {
      throw readOnly(name);
    },
  }]));

  constructor(apiKey, options) {
    const isOnly = typeof apiKey === 'object' && apiKey !== null;
    if (isOnly && options !== undefined && options !== null) throw wrongOption('options', 'one object, with apiKey in it');
    const given = optionsOf(isOnly ? apiKey : options);
    CLIENT_NAMES.check(given, new.target);
    const key = isOnly ? undefined : apiKey;
    this.#logger = given.logger;
    this.#loggerId = loggerId(given.logger);
    const made = native.createClient(
      connect(),
      optionsJSON(given),
      givenKeys(key, given),
      environment(),
      this.#loggerId,
      backgroundContextId(),
      hasSubscribers(),
    );
    if (typeof made === 'string') throw errorFrom(JSON.parse(made), traceOf(new.target));
    // Flush log lines now, in case the process exits right after the client is constructed.
    if (this.#loggerId !== 0) deliver();
    this.#native = made;
    this.#apiKey = made.apiKey();
    this.#settings = JSON.parse(made.settings());
    Object.defineProperties(this, OpenRouterClient.#properties);
    this.usage = null;
    this.actualModelUsed = null;
    this.inputTokensKey = 'prompt_tokens';
    this.outputTokensKey = 'completion_tokens';
    this.#options = given;
  }

  get apiKey() {
    return this.#apiKey;
  }

  set apiKey(_value) {
    throw readOnly('apiKey');
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

  chatCompletion(params, options) {
    return awaited('chatCompletion', async (exchange) => {
      const request = withCallOptions(params, options, this.chatCompletion);
      const { signal, onProgress } = request ?? {};
      const trace = traceOf(this.chatCompletion);
      const inSession = request?.session !== undefined && request.session !== null;
      const session = inSession ? await require('./helpers/session.js').openSession(this, request) : null;
      const call = this.#chat(session === null ? request : session.params, signal);
      exchange.call = call;
      const previousModel = this.actualModelUsed;
      const answer = resultOf(call, { signal, trace });
      completions ??= require('./completion.js');
      streams ??= require('./stream.js');
      const result = await (session === null ? answer : session.follow(answer));
      // A stream reports that it is open, `["open", null]`; a completion is an object.
      if (Array.isArray(result)) {
        return new streams.ChatCompletionStream(call, { client: this, signal, onProgress, previousModel, session, trace });
      }
      session?.note(result);
      this.usage = result.usage ?? null;
      this.actualModelUsed = result._metadata?.actualModelUsed ?? result.model ?? null;
      return completions.withText(result);
    });
  }

  /** Starts a chat. It is a separate function, so that the pending promise does not keep the text of the request alive. */
  #chat(params, signal) {
    let sent = params?.headers ? { ...params, headers: sendableHeaders(params.headers) } : params;
    let budgets;
    if (params?.budget) {
      budgets = budgetIds(params.budget);
      sent = { ...sent, budget: undefined };
    }
    const texts = [];
    const text = toJSON(sent, 'The request', 'invalid_request', (request) => JSON.stringify(takeTexts(request, texts)));
    checkSignal(signal, this.chatCompletion);
    return this.#native.chat(...this.#reporting(), text, texts, budgets);
  }

  async runTools(params, options) {
    return require('./helpers/run-tools.js').runTools(this, withCallOptions(params, options, this.runTools));
  }

  async parse(params, options) {
    return require('./helpers/parse.js').parse(this, withCallOptions(params, options, this.parse));
  }

  async continueCompletion(partial, params, options) {
    return require('./helpers/continue.js').continueCompletion(this, partial, withCallOptions(params, options, this.continueCompletion));
  }

  async connect(options) {
    const { signal } = connectOptions(options, 'client.connect', this.connect);
    checkSignal(signal, this.connect);
    await resultOf(this.#native.connect(...this.#reporting()), { signal, trace: traceOf(this.connect) });
  }

  [PREWARM]() {
    this.#native.prewarm();
  }

  estimateCost(params, options) {
    return CallPromise.of(async (exchange) => {
      const { signal, answerTokens } = estimateOptions(options, this.estimateCost);
      const text = toJSON(params, 'The request', 'invalid_request');
      checkSignal(signal, this.estimateCost);
      exchange.call = this.#native.estimate(...this.#reporting(), text, answerTokens);
      return resultOf(exchange.call, { signal, trace: traceOf(this.estimateCost) });
    });
  }

  getCredits(forceRefresh, options) {
    return awaited('getCredits', async (exchange) => {
      const { force, signal } = lookupOptions(forceRefresh, options, this.getCredits);
      checkSignal(signal, this.getCredits);
      const cached = force ? null : this.#native.cachedCredits();
      if (cached !== null) return creditsFrom(JSON.parse(cached));
      exchange.call = this.#native.credits(...this.#reporting(), force);
      return creditsFrom(await resultOf(exchange.call, { signal, trace: traceOf(this.getCredits) }));
    });
  }

  getModels(forceRefresh, options) {
    const filtered = guarded(() => filteredModels(this, typeof forceRefresh === 'object' ? (forceRefresh ?? options) : options), this.getModels);
    if (filtered !== null) return filtered;
    return awaited('getModels', async (exchange) => {
      const { force, signal } = lookupOptions(forceRefresh, options, this.getModels, MODELS_NAMES);
      checkSignal(signal, this.getModels);
      const version = force ? 0 : this.#native.cachedModels();
      const cached = version === 0 ? null : (models ??= require('./models.js')).modelsOf(version);
      if (cached !== null) return cached;
      const call = this.#native.models(...this.#reporting(), force);
      exchange.call = call;
      const answer = resultOf(call, { signal, trace: traceOf(this.getModels) });
      models ??= require('./models.js');
      return models.modelsOf(await answer, () => call.modelsText());
    });
  }

  getGeneration(id, options) {
    return awaited('getGeneration', async (exchange) => {
      if (typeof id !== 'string' || id === '') {
        throw new OpenRouterError('getGeneration needs the id of a generation: that of a completion, stream.generationId or error.generationId.', { code: 'invalid_request' });
      }
      const { signal, text } = generationOptions(options, this.getGeneration);
      checkSignal(signal, this.getGeneration);
      exchange.call = this.#native.generation(...this.#reporting(), id, text);
      return resultOf(exchange.call, { signal, trace: traceOf(this.getGeneration) });
    });
  }

  request(method, path, options) {
    return expecting('request', this[SEND]({ method, path, options, caller: this.request }));
  }

  [SEND](request) {
    requests ??= require('./api/request.js');
    return requests.send((settings, body, budgets) => this.#native.request(...this.#reporting(), settings, body, budgets), request);
  }

  /**
   * Returns the first arguments of every native call, which say where it reports: the hub for its result, the id of the
   * logger for its log lines, the id of the async context of both, and whether its events are published.
   */
  #reporting() {
    const isPublished = hasSubscribers();
    return [connect(), this.#loggerId, contextId(this.#loggerId !== 0 || isPublished), isPublished];
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

for (const name of ENDPOINTS) {
  const { [name]: method } = { [name](...given) { return guarded(() => endpoint(this, name, given, method), method); } };
  Object.defineProperty(OpenRouterClient.prototype, name, { value: method, writable: true, configurable: true });
}

for (const name of MANAGED) {
  const get = function get() {
    const value = require('./api/management.js').manager(this, name, guarded);
    Object.defineProperty(this, name, { value, writable: true, configurable: true });
    return value;
  };
  Object.defineProperty(OpenRouterClient.prototype, name, { get, configurable: true });
}

/** Calls a function of `lib/api`, whose first parameter is the client, and whose last one is the function that the user called. */
function endpoint(client, name, given, caller) {
  const work = require('./api/index.js')[name];
  const parameters = Array.from({ length: work.length - 2 }, (_, at) => given[at]);
  return work(client, ...parameters, caller);
}

/** Returns the models that match the filters in `options`; null if there are none. */
function filteredModels(client, options) {
  if (!options?.filters) return null;
  const { filters, force: _, ...settings } = options;
  return endpoint(client, 'filteredModels', [filters, settings], client.getModels);
}

/** Returns the promise of a call that `work` returns. What it throws rejects it; its stack begins where `caller` was called. */
function guarded(work, caller) {
  try {
    return expecting(caller.name, work());
  } catch (error) {
    if (error instanceof OpenRouterError) error.stack = `${error.name}: ${error.message}${framesOf(traceOf(caller))}`;
    return CallPromise.of(async () => { throw error; });
  }
}

/** Returns the frames of a stack, without its first line. */
function framesOf({ stack = '' }) {
  const at = stack.indexOf('\n    at ');
  return at < 0 ? '' : stack.slice(at);
}

refuseOtherNames(OpenRouterClient.prototype);

function readOnly(name) {
  const reason = 'because the settings of a client are fixed when it is constructed. Construct another client.';
  return new OpenRouterError(`client.${name} is read-only, ${reason}`, { code: 'invalid_option' });
}

/** Returns credits with `source` as a non-enumerable property, which comparisons such as `toEqual` ignore. */
function creditsFrom({ source, ...credits }) {
  Object.defineProperty(credits, 'source', { value: source });
  return credits;
}

module.exports = { OpenRouterClient };
