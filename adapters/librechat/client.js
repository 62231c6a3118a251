'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient: NativeClient, OpenRouterError } = require('../..');
const { CallContext } = require('../../lib/util/call-context.js');
const { autoRouterOf, floorsOf } = require('../../lib/util/switches.js');
const { environmentKey, givenKeys, lookupOptions, optionsJSON, optionsOf, withCallOptions, wrongOption } = require('../../lib/options.js');
const { AccountCache } = require('./account.js');
const { asObject, asString, fillWithCalls, shapeFor } = require('./completion.js');
const { exactPrices } = require('./exact-prices.js');
const { failureOf } = require('./failure.js');
const { apiMessages, withInstructions } = require('./messages.js');
const { PARTS, checkOptions } = require('./names.js');
const { mergeOptions } = require('./options.js');
const { requestParameters } = require('./parameters.js');
const { StreamResponse } = require('./response.js');
const { Run } = require('./run.js');
const { nativeOptions, propertiesOf } = require('./settings.js');
const { NEW_CHAT, titleOf, titleRequest } = require('./title.js');
const { currentCount, estimate, promptCount, wordsOf } = require('./tokens.js');

/**
 * Creates LibreChat's class `OpenRouterClient`, for `api/app/clients`. `index.d.ts` documents its members.
 * @param {object} parts the parts of LibreChat that the class uses, `BaseClient` among them
 */
function createOpenRouterClient(parts) {
  PARTS.check(optionsOf(parts, 'parts'), createOpenRouterClient);
  const { BaseClient, logger, getResponseSender, EModelEndpoint, formatMessage, encodeAndFormat, spendTokens } = parts ?? {};
  if (typeof BaseClient !== 'function') throw wrongOption('BaseClient', "LibreChat's BaseClient class");
  const shape = parts.completionShape ?? shapeFor(BaseClient);
  if (shape !== 'string' && shape !== 'object') throw wrongOption('completionShape', "'string' or 'object'");
  const asAwaited = shape === 'object' ? asObject : asString;
  const hasMarker = parts.modelMarker ?? true;
  const countTokens = parts.countTokens ?? estimate;

  return class OpenRouterClient extends BaseClient {
    /** The package's client, and the options that it was constructed from, as JSON text. */
    #native = null;
    #nativeOptions = null;
    #account = new AccountCache(this);
    /** The privacy floors that the options have set so far. */
    #floors = { zdr: false, dataCollection: undefined };
    /** The latest `sendCompletion`. */
    #run = null;
    /** The models that gave the answers, by the usage of the answer, which identifies it. */
    #models = new WeakMap();
    /** The usages of the answers that were billed. */
    #billed = new WeakSet();

    constructor(apiKey, options = {}) {
      super(apiKey, options);
      this.modelOptions = {};
      setApiKey(this, givenKeys(apiKey, options ?? {})[0] ?? environmentKey(process.env));
      this.#merge(options ?? {});
      Object.assign(this, propertiesOf(this.options));
      this.cache = this.#account.empty();
      this.inputTokensKey = 'prompt_tokens';
      this.outputTokensKey = 'completion_tokens';
      this.usage = null;
      this.actualModelUsed = null;
      this.lastCompletion = null;
    }

    setOptions(incoming) {
      this.#merge(incoming ?? {});
      Object.assign(this, propertiesOf(this.options, incoming ?? {}));
    }

    buildHeaders() {
      return this.#client().buildHeaders();
    }

    async chatCompletion(params, options) {
      const { onProgress, ...request } = this.#requestOf(withCallOptions(params, options, this.chatCompletion) ?? {});
      const answer = await this.#client().chatCompletion(request);
      if (!request.stream) {
        this.#remember(answer);
        return answer;
      }
      answer.on('model', (model) => this.#setModel(model));
      answer.on('usage', (usage) => this.#setUsage(usage));
      return new StreamResponse(answer, `${this.baseURL}/chat/completions`);
    }

    async getCompletion(input, options = {}) {
      const { messages, prompt, ...own } = Array.isArray(input) ? { messages: input } : (input ?? {});
      const all = checkedMessages(messages ?? prompt, 'getCompletion');
      return this.chatCompletion({ messages: all, ...requestParameters(this.modelOptions), ...own, ...options });
    }

    async sendCompletion(payload, opts) {
      const { onProgress, abortController } = opts ?? {};
      const { messages, prompt, model, ...own } = Array.isArray(payload) ? { messages: payload } : (payload ?? {});
      const request = this.#requestOf({
        ...requestParameters(this.modelOptions),
        ...own,
        messages: checkedMessages(messages ?? prompt, 'sendCompletion'),
        model: this.modelOptions?.model ?? model,
        signal: abortController?.signal,
      });
      const run = new Run(opts ?? {});
      this.#run = run;
      [this.usage, this.actualModelUsed, this.lastCompletion] = [null, null, null];
      let completion;
      try {
        completion = await (onProgress ? this.#stream(run, request, onProgress) : this.#ask(request));
      } catch (error) {
        this.#setUsage(error.partial?.usage ?? null);
        throw error;
      }
      this.#remember(completion);
      await this.#bill(completion);
      return asAwaited(completion);
    }

    async titleConvo({ text, conversationId, responseText = '', abortController } = {}) {
      try {
        this.conversationId = conversationId;
        const titleModel = this.options.titleModel ?? this.options.endpointOption?.titleModel;
        const { model } = this.modelOptions;
        const request = titleRequest({ text, responseText, titleModel, model }, parts);
        const completion = await this.#ask(this.#requestOf({ ...request, signal: abortController?.signal }));
        // The title has a cost, so the cached balance is outdated.
        this.#account.forget('credits');
        return titleOf(completion);
      } catch (error) {
        // The package's client has already logged the failure.
        logger?.debug?.(`[OpenRouterClient] No title: ${error.message}`);
        return NEW_CHAT;
      }
    }

    async getCredits(forceRefresh, options) {
      const { force, signal } = lookupOptions(forceRefresh, options, this.getCredits);
      return this.#account.get('credits', force, (isForced) => this.#client().getCredits(isForced, { signal }));
    }

    async getModels(forceRefresh, options) {
      const { force, signal } = lookupOptions(forceRefresh, options, this.getModels);
      return this.#account.get('models', force, (isForced) => this.#client().getModels(isForced, { signal }));
    }

    async handleError(response) {
      return failureOf(response, this.apiKey);
    }

    getSaveOptions() {
      const { options } = this;
      const names = ['promptPrefix', 'maxContextTokens', 'resendFiles', 'imageDetail', 'artifacts', 'iconURL', 'greeting', 'spec'];
      const shown = names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
      return { endpoint: this.#endpoint(), modelLabel: options.modelLabel, ...Object.fromEntries(shown), ...this.modelOptions };
    }

    getBuildMessagesOptions() {
      return { isChatCompletion: true, isChatGptModel: true };
    }

    async buildMessages(messages, _parentMessageId, _options, opts) {
      if (!Array.isArray(messages) || messages.length === 0) return { prompt: [] };
      await this.#addAttachments(messages.at(-1));
      const { options, modelOptions } = this;
      const instructions = opts?.promptPrefix ?? options.promptPrefix ?? options.endpointOption?.promptPrefix ?? modelOptions.promptPrefix;
      const prompt = withInstructions(apiMessages(messages, (message) => this.#format(message)), instructions);
      return { prompt, ...promptCount(messages, instructions, countTokens) };
    }

    /**
     * Saves a message. An answer that only calls tools is saved with the calls in LibreChat's form, because it has no text.
     */
    async saveMessageToDatabase(message, ...rest) {
      const isAnswer = message?.isCreatedByUser === false && message.messageId === this.responseMessageId;
      if (isAnswer && this.lastCompletion) fillWithCalls(message, this.lastCompletion);
      return super.saveMessageToDatabase(message, ...rest);
    }

    getActualModelUsed() {
      return this.actualModelUsed || null;
    }

    getResponseModel() {
      return this.actualModelUsed || this.modelOptions?.model || null;
    }

    getStreamUsage() {
      return this.usage;
    }

    getStreamText() {
      return this.#run?.text ?? '';
    }

    getTokenCount(text) {
      return countTokens(String(text ?? ''));
    }

    getTokenCountForResponse(response) {
      return this.usage?.[this.outputTokensKey] || this.getTokenCount(wordsOf(response ?? {}));
    }

    calculateCurrentTokenCount(counts) {
      return currentCount(counts, this.inputTokensKey);
    }

    async recordTokenUsage({ promptTokens, completionTokens, usage = this.usage, ...more }) {
      if (!spendTokens || (usage && this.#billed.has(usage))) return;
      if (usage) this.#billed.add(usage);
      try {
        await this.#spend(usage, { promptTokens, completionTokens }, more);
      } catch (error) {
        // The answer is complete, so the user receives it.
        if (usage) this.#billed.delete(usage);
        logger?.error?.(`[OpenRouterClient] An answer could not be billed: ${error?.message ?? error}`);
      }
    }

    checkVisionRequest(attachments) {
      this.isVisionModel = Boolean(attachments?.some?.((file) => file?.type?.includes('image')));
    }

    async addImageURLs(message, attachments, mode) {
      if (!encodeAndFormat) return attachments;
      const endpoint = this.#endpoint();
      // LibreChat v0.8 expects the endpoint in an object.
      const where = shape === 'object' ? { endpoint, provider: 'openrouter' } : endpoint;
      const { files, image_urls: images } = await encodeAndFormat(this.options.req, attachments, where, mode);
      message.image_urls = images?.length ? images : undefined;
      return files;
    }

    /** Deletes the key and all cached values. Requests in flight are completed. */
    dispose() {
      [this.#native, this.#nativeOptions, this.#run] = [null, null, null];
      [this.apiKey, this.lastCompletion, this.cache] = [null, null, this.#account.empty()];
    }

    toJSON() {
      const { baseURL, sender, modelOptions, autoRouter, zdr, usage, actualModelUsed } = this;
      return { apiKey: '[REDACTED]', baseURL, sender, model: modelOptions?.model, autoRouter, zdr, usage, actualModelUsed };
    }

    [inspect.custom](depth, options) {
      return `OpenRouterClient ${depth < 0 ? '[Object]' : inspect(this.toJSON(), options)}`;
    }

    #merge(incoming) {
      checkOptions(incoming, logger, this.setOptions);
      const { options, floors, apiKey } = mergeOptions(this, incoming, this.#floorsNow());
      this.options = options;
      this.modelOptions = { ...options.modelOptions };
      this.autoRouter = options.autoRouter;
      this.zdr = floors.zdr;
      this.#floors = floors;
      if (apiKey !== undefined) setApiKey(this, apiKey);
      this.sender = options.sender ?? this.#senderName();
      this.isChatCompletion = true;
      this.isChatGptModel = true;
    }

    /** Returns the privacy floors that this client's options and properties have set. */
    #floorsNow() {
      return floorsOf([this.#floors, { zdr: this.zdr }, this.options, this.modelOptions]);
    }

    /**
     * Returns a client of the package for the current values of this client's properties, which LibreChat may have changed.
     */
    #client() {
      if (typeof this.apiKey !== 'string' || this.apiKey.trim() === '') {
        // The key of the environment is no substitute: a disposed client of one user must not use the key of another.
        const message = 'This OpenRouter client has no API key: none was given, or the client was disposed of.';
        throw new OpenRouterError(message, { code: 'missing_api_key' });
      }
      const options = { ...nativeOptions(this), ...this.#floorsNow() };
      const text = optionsJSON(options);
      if (text !== this.#nativeOptions || this.#native.apiKey !== this.apiKey.trim()) {
        this.#native = new NativeClient(this.apiKey, { ...options, logger });
        this.#nativeOptions = text;
      }
      return this.#native;
    }

    /** Returns `params` with this client's model and auto router as defaults. */
    #requestOf({ autoRouter, model, ...rest }) {
      const isOn = autoRouterOf([{ autoRouter }]) ?? Boolean(this.autoRouter || this.modelOptions?.autoRouter);
      return { ...rest, model: model || this.modelOptions?.model, autoRouter: isOn };
    }

    #ask(request) {
      return this.#client().chatCompletion({ ...request, stream: false });
    }

    async #stream(run, request, onProgress) {
      // The stream's listeners may run in the context of another user's call.
      const context = new CallContext();
      const tell = (text) => context.run(onProgress, text);
      const stream = await this.#client().chatCompletion({ ...request, stream: true });
      stream.on('model', (model) => {
        this.#setModel(model);
        if (hasMarker && run.takeMarker(request)) tell(`\n[OPENROUTER_MODEL:${model}]\n`);
      });
      stream.on('content', (text) => {
        run.add(text);
        tell(text);
      });
      return stream.finalCompletion();
    }

    #remember(completion) {
      const { usage } = completion;
      this.#setUsage(usage ?? null);
      this.#setModel(completion._metadata?.actualModelUsed ?? completion.model ?? null);
      if (usage) this.#models.set(usage, this.actualModelUsed);
      this.lastCompletion = completion;
    }

    #setModel(model) {
      this.actualModelUsed = model;
      // The options are gone if the client was disposed of in the meantime.
      if (this.options) this.options.openRouterActualModel = model;
    }

    #setUsage(usage) {
      this.usage = usage;
      // The cost has changed the balance in the cache of the process, so the value of this instance is outdated.
      this.#account.forget('credits');
    }

    /** Bills the reported usage, if this is the client's task: the BaseClient of LibreChat v0.8 does not do it. */
    async #bill({ usage }) {
      if (shape !== 'object' || !(usage?.[this.outputTokensKey] > 0)) return;
      await this.recordTokenUsage({ promptTokens: usage[this.inputTokensKey], completionTokens: usage[this.outputTokensKey], usage });
    }

    #spend(usage, counted, { model: named, context = 'message', balance }) {
      const { user, conversationId, options } = this;
      const model = (usage && this.#models.get(usage)) ?? this.getResponseModel() ?? named;
      const promptTokens = usage?.[this.inputTokensKey] ?? counted.promptTokens;
      const completionTokens = usage?.[this.outputTokensKey] ?? counted.completionTokens;
      const endpointTokenConfig = exactPrices(model, usage?.cost, (promptTokens ?? 0) + (completionTokens ?? 0)) ?? options?.endpointTokenConfig;
      return spendTokens({ user, conversationId, context, balance, endpointTokenConfig, model }, { promptTokens, completionTokens });
    }

    async #addAttachments(message) {
      if (!encodeAndFormat || !this.options.attachments || message === null) return;
      const attachments = await this.options.attachments;
      const isImage = (file) => file?.type?.includes('image');
      const images = attachments.filter(isImage);
      if (images.length === 0) return;
      const files = await this.addImageURLs(message, images);
      this.options.attachments = [...(files ?? images), ...attachments.filter((file) => !isImage(file))];
    }

    #format(message) {
      const plain = () => ({ role: 'user', content: message.text ?? message.content ?? '' });
      try {
        return formatMessage?.({ message, endpoint: this.#endpoint() }) ?? plain();
      } catch (error) {
        logger?.warn?.(`[OpenRouterClient] formatMessage failed: ${error.message}`);
        return plain();
      }
    }

    #senderName() {
      const { modelDisplayLabel, modelLabel } = this.options;
      const named = getResponseSender?.({ model: this.modelOptions.model, endpoint: this.#endpoint(), modelDisplayLabel, modelLabel });
      // `getResponseSender` has no name for this endpoint.
      return named || modelLabel || modelDisplayLabel || 'OpenRouter';
    }

    #endpoint() {
      return this.options?.endpoint ?? EModelEndpoint?.openrouter ?? 'openrouter';
    }
  };
}

/**
 * Sets the key as an own and writable property, as LibreChat's `disposeClient` needs it, but not enumerable, so that no log
 * shows it.
 */
function setApiKey(client, apiKey) {
  Object.defineProperty(client, 'apiKey', { value: apiKey, writable: true, configurable: true, enumerable: false });
}

function checkedMessages(messages, method) {
  if (Array.isArray(messages) && messages.length > 0) return messages;
  throw new OpenRouterError(`No messages provided to ${method}`, { code: 'invalid_request' });
}

module.exports = { createOpenRouterClient };
