'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient, OpenRouterError } = require('../../index.js');
const { isRealKey, wrongOption } = require('../../lib/options.js');
const { isSignal, ownSignal } = require('../../lib/util/signal.js');
const { floorsOf } = require('../../lib/util/switches.js');
const { setImmediate } = require('../../lib/util/timers.js');
const { textOf } = require('../shared/message.js');
const { Answers, choicesOf, imageBlocks } = require('./answers.js');
const { Deltas, isEmpty } = require('./deltas.js');
const { CLIENT, splitFields } = require('./fields.js');
const { extrasOf, historyOf } = require('./history.js');
const { llmOutputOf, metadataOf, usageOf } = require('./metadata.js');
const { checkCall } = require('./names.js');

/** The request parameters that a model and its calls have in addition to those of `ChatOpenAI`. */
const PARAMETERS = ['models', 'provider', 'plugins', 'extraBody'];

/** The switches of the client that a call may also set. */
const SWITCHES = ['autoRouter', 'zdr', 'dataCollection'];

/**
 * Creates the class `ChatOpenRouter`. It uses `ChatOpenAI` to build requests and to convert messages, sends the requests
 * with this package's client, and keeps the fields of answers that `ChatOpenAI` would drop. `index.d.ts` documents its
 * members.
 * @param {object} langchain the exports of `@langchain/openai` and `@langchain/core` that are used. LangChain has separate
 * classes for CommonJS and for ES modules, and the class must extend the one that the user loads.
 */
function defineChatOpenRouter(langchain) {
  const answers = new Answers(langchain);
  return class ChatOpenRouter extends langchain.ChatOpenAI {
    /** The options for the client. */
    #options;
    /**
     * The model of the last finished answer. The object is shared with the models that `bindTools` and `withConfig` derive.
     */
    #served = { model: null };

    constructor(modelOrFields, more) {
      const { client, fields } = splitFields(modelOrFields, more, new.target);
      super(fields);
      this.#options = client;
      for (const name of [...PARAMETERS, ...SWITCHES]) this[name] = fields[name];
      // The client retries, because it knows what may have been billed. LangChain's caller only limits concurrency
      // (`maxConcurrency`).
      this.caller = new langchain.AsyncCaller({ ...fields, maxRetries: 0 });
    }

    static lc_name() {
      return 'ChatOpenRouter';
    }

    _llmType() {
      return 'openrouter';
    }

    get lc_serializable_keys() {
      const local = ['logger', 'ca', 'proxy'];
      return [...super.lc_serializable_keys, ...PARAMETERS, ...CLIENT.filter((name) => !local.includes(name))];
    }

    get callKeys() {
      return [...super.callKeys, ...PARAMETERS, ...SWITCHES];
    }

    toJSON() {
      const json = super.toJSON();
      // LangChain's base class would name the variable OPENAI_API_KEY.
      return { ...json, kwargs: { ...json.kwargs, openai_api_key: { ...json.kwargs.openai_api_key, id: ['OPENROUTER_API_KEY'] } } };
    }

    [inspect.custom](depth, options) {
      const { kwargs } = this.toJSON();
      return `ChatOpenRouter ${depth < 0 ? '[Object]' : inspect({ ...kwargs, openai_api_key: '[REDACTED]' }, options)}`;
    }

    _identifyingParams() {
      const { baseURL } = this.#options;
      return { model_name: this.model, baseURL, ...this.#switches(), ...this.invocationParams() };
    }

    getLsParams(options) {
      return { ...super.getLsParams(options), ls_provider: 'openrouter' };
    }

    /** The Responses API is not used, because OpenRouter's chat completions serve all models and tools. */
    _useResponsesApi() {
      return false;
    }

    withConfig(config) {
      const copy = new this.constructor(this.fields);
      copy.defaultOptions = { ...this.defaultOptions, ...config };
      // The options are copied separately, because secret headers are not among the fields.
      copy.#options = this.#options;
      copy.#served = this.#served;
      return copy;
    }

    invocationParams(options) {
      const given = this._combineCallOptions(options);
      const { reasoning_effort: legacy, include_reasoning: include, ...params } = super.invocationParams(given);
      const reasoning = { ...params.reasoning, ...this.reasoning, ...given.reasoning };
      reasoning.effort ??= given.reasoningEffort ?? given.reasoning_effort ?? legacy;
      // `reasoning` and its older names are merged, because the API accepts only one of them in a request.
      const hasReasoning = Object.values(reasoning).some((value) => value !== undefined);
      return {
        ...params,
        models: given.models ?? this.models ?? params.models,
        plugins: given.plugins ?? this.plugins ?? params.plugins,
        provider: merged(params.provider, this.provider, given.provider),
        extraBody: merged(params.extraBody, this.extraBody, given.extraBody),
        reasoning: hasReasoning ? reasoning : undefined,
        include_reasoning: hasReasoning ? undefined : include,
      };
    }

    /** Returns the model of the last finished answer. Each answer also has its model in `response_metadata.model_name`. */
    getActualModelUsed() {
      return this.#served.model;
    }

    async invoke(input, options) {
      return super.invoke(input, withOwnSignal(options));
    }

    streamEvents(input, options, ...rest) {
      return super.streamEvents(input, withOwnSignal(options), ...rest);
    }

    async stream(input, options) {
      const left = new AbortController();
      const stream = await super.stream(input, { ...withOwnSignal(options), leaveSignal: left.signal });
      // LangChain's generators handle a `return()` only after the pending `next()`, so the request must be closed
      // separately.
      for (const name of ['return', 'throw', 'cancel']) {
        const leave = stream[name].bind(stream);
        stream[name] = (value) => {
          left.abort();
          return leave(value);
        };
      }
      return stream;
    }

    async _generate(messages, options, runManager) {
      if (this.streaming) {
        let whole;
        for await (const chunk of this._streamResponseChunks(messages, options, runManager)) whole = whole?.concat(chunk) ?? chunk;
        return { generations: [whole], llmOutput: llmOutputOf(whole.message.usage_metadata) };
      }
      const completion = await this.#send(messages, options, false);
      const metadata = metadataOf(completion);
      const usage = usageOf(completion.usage);
      const generations = choicesOf(completion).map((choice) => answers.whole(choice, completion, { metadata, usage }));
      this.#served.model = metadata.model_name ?? null;
      return { generations, llmOutput: llmOutputOf(usage) };
    }

    async *_streamResponseChunks(messages, options, runManager) {
      const stream = await this.#send(messages, options, true);
      options.leaveSignal?.addEventListener('abort', () => stream.abort(), { once: true });
      const deltas = new Deltas(stream);
      const tokens = { prompt: options.promptIndex ?? 0, completion: 0 };
      const notify = (chunk) => runManager?.handleLLMNewToken(chunk.text, tokens, undefined, undefined, undefined, { chunk });
      for await (const data of stream) {
        const delta = deltas.of(data);
        if (delta === null || isEmpty(delta)) continue;
        const chunk = answers.chunk(delta, data, this.logprobs ? { logprobs: data.choices[0].logprobs } : undefined);
        yield chunk;
        await notify(chunk);
      }
      const completion = await stream.finalCompletion();
      this.#served.model = stream.model;
      for (const chunk of answers.last(completion, deltas, stream)) {
        yield chunk;
        await notify(chunk);
      }
      // LangChain calls callbacks in the background, one after another, and listeners of a run stop at its end. One turn of
      // the event loop lets them receive all tokens.
      if (runManager) await new Promise((resolve) => { setImmediate(resolve); });
    }

    async *_streamChatModelEvents(messages, options) {
      const stream = await this.#send(messages, options, true);
      const deltas = new Deltas(stream);
      const served = this.#served;
      let completion;
      const source = async function* source() {
        for await (const data of stream) {
          const delta = deltas.of(data);
          // LangChain's converter of events takes content only as text.
          yield withDelta(data, delta && { ...delta, content: textOf(delta.content) });
        }
        completion = await stream.finalCompletion();
        served.model = stream.model;
        yield withDelta({ id: completion.id }, deltas.rest(choicesOf(completion)[0].message));
      };
      let blocks = 0;
      for await (const event of langchain.convertOpenAICompletionsStream(source(), { provider: 'openrouter' })) {
        blocks += event.event === 'content-block-start' ? 1 : 0;
        if (event.event !== 'message-finish') {
          yield event;
          continue;
        }
        const { message } = completion.choices[0];
        for (const content of imageBlocks(message)) {
          yield { event: 'content-block-start', index: blocks, content };
          yield { event: 'content-block-finish', index: blocks, content };
          blocks += 1;
        }
        const facts = { ...metadataOf(completion, stream.generationId), additional_kwargs: extrasOf(message) };
        if (message.reasoning) facts.additional_kwargs.reasoning_content = message.reasoning;
        yield { ...event, usage: usageOf(completion.usage), responseMetadata: facts };
      }
    }

    #switches() {
      const { autoRouter, zdr, dataCollection } = this;
      return { autoRouter, zdr, dataCollection };
    }

    /** Sends a request. Resolves to the completion or to its stream. */
    #send(messages, options, stream) {
      const given = this._combineCallOptions(options);
      checkCall(given);
      const { signal, maxRetries, timeouts, options: { headers } = {} } = given;
      const params = { ...this.invocationParams(options), stream, messages: historyOf(langchain, messages, this.model) };
      for (const name of SWITCHES) if (given[name] !== undefined) params[name] = given[name];
      // A call replaces settings of the model, but must not take a floor away that the model has in one of them.
      const places = [this, this.modelKwargs, this.defaultOptions, given];
      const floors = floorsOf([...places, ...places.map((place) => place?.extraBody)]);
      if (floors.zdr) params.zdr = true;
      if (floors.dataCollection) params.dataCollection = floors.dataCollection;
      return this.caller.callWithOptions({ signal }, async () => {
        const apiKey = typeof this.apiKey === 'function' ? await this.apiKey() : this.apiKey;
        // Without this check the client would take the server's own key from the environment.
        if (!isRealKey(apiKey)) throw new OpenRouterError('The function apiKey gave no API key. It must return one, or a promise of one.', { code: 'missing_api_key' });
        const client = new OpenRouterClient(apiKey, { ...this.#options, ...this.#switches() });
        return client.chatCompletion({ ...params, signal, maxRetries, timeouts, headers });
      });
    }
  };
}

/** Returns call options with a signal of Node, because LangChain takes no other. */
function withOwnSignal(options) {
  const { signal } = options ?? {};
  if (signal === undefined || signal === null) return options;
  if (!isSignal(signal)) throw wrongOption('signal', 'an AbortSignal');
  return { ...options, signal: ownSignal(signal) };
}

/** Merges objects, so that a call which sets one of their fields does not drop the others. Later ones take precedence. */
function merged(...objects) {
  const all = objects.filter((one) => one !== undefined && one !== null);
  return all.length === 0 ? undefined : Object.assign({}, ...all);
}

/** Returns a chunk with another delta. */
function withDelta(data, delta) {
  return { ...data, choices: delta === null ? (data.choices ?? []) : [{ ...data.choices?.[0], delta }] };
}

module.exports = { defineChatOpenRouter };
