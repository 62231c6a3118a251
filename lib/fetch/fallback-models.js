'use strict';

const { wrongOption } = require('../errors.js');
const { isBackground } = require('./chains.js');
const { errorTextOf, withBody } = require('./error-body.js');
const { isChat, isRouter, parametersIn, textOf, withParameters } = require('./parameters.js');

/** The maximum number of fallback models that the API accepts with a request, and that the option has. */
const PER_REQUEST = 3;
const MAX_MODELS = 10;
/**
 * The statuses after which the next models are asked, as the client does: the models have failed. After 504 and 524 a gateway has
 * given up while a model may go on, which would be paid.
 */
const FAILED = new Set([408, 429, 500, 502, 503, 529]);
/** The codes of errors that another model may not have, with every status. */
const OF_MODEL = new Set(['no_endpoints', 'moderation']);

/** Whether the process was warned of models that are never asked. */
let isWarned = false;

/**
 * The fallback models of each chat: its own `models`, or else the option's. The first of them go with the request, and OpenRouter
 * asks them. If all have failed, another request asks the next ones.
 */
class FallbackModels {
  #models;
  #perRequest;
  /** Whether the models of a chat's own that are too many for one request are asked by further ones. */
  #continuesOwn;
  #isForChatsOnly;

  constructor(models, perRequest, chainFor) {
    this.#models = models;
    this.#perRequest = perRequest ?? PER_REQUEST;
    this.#continuesOwn = perRequest !== null;
    this.#isForChatsOnly = chainFor === 'chat';
  }

  /** Returns the options as an object of this class; null if no chat gets a further request. */
  static of({ fallbackModels, modelsPerRequest = null, chainFor, autoRouter }) {
    const models = fallbackModels ?? [];
    const isList = Array.isArray(models) && models.length <= MAX_MODELS && models.every(isId);
    if (!isList) throw wrongOption('fallbackModels', `a list of up to ${MAX_MODELS} ids of models`);
    // The auto router takes the place of the model and of its fallback models.
    if (autoRouter || (models.length === 0 && modelsPerRequest === null)) return null;
    return new FallbackModels([...new Set(models)], modelsPerRequest, chainFor);
  }

  /**
   * Sends a request to its models, then to the next ones, until one answers.
   * @param {object} request
   * @param {(request: object, chain?: Link) => Promise<Response>} once sends one request
   */
  async send(request, once) {
    const chain = this.#chainOf(request);
    if (chain === null) return once(request);
    const { parameters } = chain;
    let { rest } = chain;
    const asked = { ...request, isOfChain: true, requestedModel: request.requestedModel ?? parameters.model };
    let link = new Link(parameters.model, null);
    for (let model = parameters.model; ; ) {
      // A router that begins a request takes no fallback models.
      const models = isRouter(model) ? [] : rest.slice(0, this.#perRequest);
      rest = rest.slice(models.length);
      const response = await once(withParameters(asked, { ...parameters, model, models: models.length === 0 ? undefined : models }), link);
      if (rest.length === 0 || response.status < 400 || response.body === null) return response;
      const body = await errorTextOf(response);
      if (!link.mayGoOn(response.status)) return withBody(response, body);
      link = new Link(parameters.model, link.error);
      [model, ...rest] = rest;
    }
  }

  /** Returns the parameters of a chat, with its first model, and its fallback models; null for any other request. */
  #chainOf(request) {
    if (!isChat(request)) return null;
    const text = textOf(request.body);
    // Most chats have no models of their own, and need not be parsed.
    if (this.#models.length === 0 && !text.includes('"models"')) return null;
    const parameters = parametersIn(text);
    if (parameters === null) return null;
    const isOwn = parameters.models !== undefined;
    const models = isOwn ? this.#ownModelsOf(parameters) : [parameters.model, ...this.#models];
    if (models === null || !models.every(isId) || isRouter(models[0])) return null;
    if (!isOwn && this.#isForChatsOnly && isBackground(parameters)) return null;
    const [model, ...rest] = new Set(models);
    return { parameters: { ...parameters, model }, rest };
  }

  /** Returns a chat's own models, the first one included, if they are too many for one request; otherwise null: they stay as they are. */
  #ownModelsOf({ model = null, models }) {
    if (!this.#continuesOwn || !Array.isArray(models)) return null;
    const all = [...new Set(model === null ? models : [model, ...models])];
    if (all.length - 1 <= this.#perRequest) return null;
    const dropped = all.slice(1 + MAX_MODELS);
    if (dropped.length > 0 && !isWarned) {
      isWarned = true;
      process.emitWarning(`A chat asks ${MAX_MODELS} fallback models at most, so these of models are never asked: ${dropped.join(', ')}.`, 'OpenRouterWarning');
    }
    return all.slice(0, 1 + MAX_MODELS);
  }
}

/** One request of a chain: what is known of the models that were asked before, and how this one fails. */
class Link {
  /** The error of this request; null while there is none. */
  error = null;
  #from;
  #before;
  #isTold = false;

  /**
   * @param {string} from the model that the caller asked for
   * @param {Error | null} before the error of the models that were asked before
   */
  constructor(from, before) {
    this.#from = from;
    this.#before = before;
  }

  /**
   * Returns the events of which the hooks are called for one event of this request. The API does not know that an answer to a further
   * request is a fallback from the first model, so that event is added here.
   * @returns {Array<[event: string, value: unknown]>}
   */
  eventsFor(event, value) {
    if (event === 'error') this.error ??= value;
    if (this.#before === null || (event !== 'model' && event !== 'fallback')) return [[event, value]];
    const fallback = { from: this.#from, to: value.to ?? value, reason: this.#before.message, attempts: value.attempts ?? [] };
    const told = this.#isTold ? [] : [['fallback', fallback]];
    this.#isTold = true;
    return event === 'model' ? [[event, value], ...told] : told;
  }

  /** Whether the next models may be asked after an error status. */
  mayGoOn(status) {
    const { error } = this;
    // Without the API's own error the connection was lost, after which a model may be paid.
    if ((error?.status ?? null) === null || (error.partial ?? null) !== null) return false;
    return FAILED.has(status) || OF_MODEL.has(error.code) || error.errorType === 'context_length_exceeded';
  }
}

function isId(model) {
  return typeof model === 'string' && model.trim() !== '';
}

module.exports = { FallbackModels };
