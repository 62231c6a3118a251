'use strict';

const { OpenRouterError, abortError } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');
const { reasonOf } = require('../util/signal.js');
const { after } = require('../util/timers.js');
const { Run } = require('./run.js');
const { HookFailure, runToolCalls } = require('./tool-calls.js');
const { Totals } = require('./totals.js');

/** Failures by which nothing can have been paid, beside those with an HTTP status. */
const UNPAID = new Set(['budget_exceeded', 'connection_failed', 'tls_error', 'proxy_error', 'invalid_request', 'invalid_option', 'privacy_not_possible']);

/** A conversation with a model that calls tools, until it answers. `types/run-tools.d.ts` documents its members. */
class ToolRun extends Run {
  #client;
  #request;
  #settings;
  #signal = null;
  /** Why the run was halted from within, which is no failure: `max_time`. */
  #halted = null;
  #totals = new Totals();
  #partial = null;
  /** The queue of `onApproval`: the user is asked one question at a time. */
  #approvals = Promise.resolve();

  /**
   * @param {object} client
   * @param {object} request the parameters of each request, without messages
   * @param {object} settings `messages`, `byName`, `maxSteps`, `maxTime`, `concurrency`, `onApproval`, `onProgress`, `signal`
   */
  constructor(client, request, settings) {
    super(settings.signal);
    this.#client = client;
    this.#request = request;
    this.#settings = settings;
    this.messages = [...settings.messages];
    this.steps = [];
  }

  get usage() {
    return this.#totals.usage;
  }

  get cost() {
    return this.#totals.cost;
  }

  get totalCost() {
    return this.#totals.totalCost;
  }

  get isCostComplete() {
    return this.#totals.isComplete;
  }

  async *work(signal) {
    this.#signal = signal;
    const { maxTime } = this.#settings;
    const forget = maxTime === undefined ? () => {} : after(maxTime, () => {
      this.#halted = 'max_time';
      this.abort();
    });
    try {
      let reason = null;
      while (reason === null) reason = yield* this.#step();
      return this.#resultOf(reason);
    } catch (error) {
      if (this.#halted === null) throw error;
      return this.#resultOf(this.#halted);
    } finally {
      forget();
    }
  }

  /** One request, and the tool calls of its answer. Returns why the run is over, or null. */
  async *#step() {
    const step = this.steps.length + 1;
    let completion;
    try {
      const answer = await this.#client.chatCompletion(this.#requestOf(step));
      completion = this.#request.stream === true ? yield* this.#read(answer, step) : answer;
    } catch (error) {
      this.#notePartial(error);
      // What has come is worth more than the failure of one more request.
      if (error?.code === 'budget_exceeded' && (step > 1 || this.#partial !== null)) return 'max_cost';
      throw error;
    }
    this.#totals.add(completion.usage);
    const choice = completion.choices?.[0];
    if (choice?.message === undefined) throw new OpenRouterError('The answer has no message.', { code: 'malformed_response' });
    const record = { completion, toolCalls: [] };
    this.steps.push(record);
    this.messages.push(choice.message);
    yield { type: 'usage', step, usage: completion.usage ?? null, total: { usage: this.usage, cost: this.cost } };
    const calls = choice.message.tool_calls ?? [];
    const outcomes = calls.length === 0 ? [] : yield* this.#runCalls(calls, step);
    record.toolCalls = outcomes.map((outcome) => outcome.record);
    this.messages.push(...outcomes.map(({ message }) => message).filter((message) => message !== null));
    yield { type: 'step', step, completion, toolCalls: record.toolCalls };
    const failure = outcomes.find((outcome) => outcome.failure !== undefined)?.failure;
    if (failure !== undefined) throw failure;
    if (this.#signal.aborted) return this.#stop();
    if (calls.length === 0) return choice.finish_reason ?? 'stop';
    if (outcomes.some(({ message }) => message === null)) return 'tool_calls';
    return step >= this.#settings.maxSteps ? 'max_steps' : null;
  }

  /** Reads the stream of an answer. Returns its completion. */
  async *#read(stream, step) {
    const { onProgress } = this.#settings;
    for await (const chunk of stream) {
      const { reasoning, content } = chunk.choices?.[0]?.delta ?? {};
      if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', step, text: reasoning };
      if (typeof content !== 'string' || content === '') continue;
      if (onProgress !== undefined) callSafely(onProgress, content);
      yield { type: 'text', step, text: content };
    }
    return stream.finalCompletion();
  }

  /** Runs tool calls, and yields their events as they happen. */
  async *#runCalls(calls, step) {
    const events = [];
    let wake = () => {};
    const tell = (event) => {
      // What the reader gets does not change any more.
      events.push({ ...event, step, call: { ...event.call } });
      wake();
    };
    const { byName, concurrency } = this.#settings;
    const running = runToolCalls(calls, {
      byName,
      concurrency,
      signal: this.#signal,
      approve: (tool, call) => this.#approve(tool, call, step),
      context: ({ id, name }, signal) => ({ toolCallId: id, name, signal, step, messages: this.messages }),
    }, tell);
    let outcomes = null;
    const ended = running.then((result) => { outcomes = result; wake(); });
    while (outcomes === null || events.length > 0) {
      if (events.length > 0) yield events.shift();
      else await new Promise((resolve) => { wake = resolve; });
    }
    await ended;
    return outcomes;
  }

  /** Asks whether a call may run. Resolves to true, or to the reason why not. */
  async #approve(tool, call, step) {
    const { onApproval } = this.#settings;
    const ask = (name, work) => Promise.resolve().then(work).catch((error) => { throw new HookFailure(name, error); });
    const needed = typeof tool.needsApproval === 'function'
      ? await ask(`needsApproval of the tool ${tool.name}`, () => tool.needsApproval(call.arguments))
      : (tool.needsApproval ?? onApproval !== undefined);
    if (needed === false) return true;
    const signal = this.#signal;
    const answer = this.#approvals.then(() => ask('onApproval', () => onApproval({ ...call }, { step, messages: this.messages, signal })));
    this.#approvals = answer.then(() => {}, () => {});
    const given = await untilAborted(answer, signal);
    if (given === true || given?.approved === true) return true;
    return typeof given === 'string' ? given : (typeof given?.reason === 'string' ? given.reason : '');
  }

  #requestOf(step) {
    const { tool_choice: choice, ...request } = this.#request;
    // A choice that demands a call holds for the first answer: the model could never answer otherwise.
    const isDemand = choice === 'required' || (choice !== null && typeof choice === 'object');
    const kept = choice === undefined || (step > 1 && isDemand) ? {} : { tool_choice: choice };
    return { ...request, ...kept, messages: [...this.messages], signal: this.#signal };
  }

  #stop() {
    if (this.#halted !== null) return this.#halted;
    throw abortError(reasonOf(this.#signal));
  }

  /** Keeps what a failed request has brought, and what it is known to have cost. */
  #notePartial(error) {
    this.#partial = error?.partial ?? null;
    const usage = this.#partial?.usage;
    if (usage !== undefined && usage !== null) this.#totals.add(usage);
    else if (this.#partial !== null || (error?.status === undefined && !UNPAID.has(error?.code))) this.#totals.add(null);
  }

  failed(error) {
    if (error instanceof Error && Object.isExtensible(error)) {
      const run = this.#resultOf('error');
      Object.defineProperty(error, 'run', { value: run, enumerable: false, writable: true, configurable: true });
    }
    return error;
  }

  #resultOf(stopReason) {
    const last = this.steps.at(-1);
    const message = last?.completion.choices[0].message;
    const messages = stopReason === 'error' ? withResults(this.messages) : [...this.messages];
    const { content } = this.#partial?.choices?.[0]?.message ?? message ?? {};
    const isPending = ({ result, error, durationMs }) => result === undefined && error === undefined && durationMs === undefined;
    return {
      text: textOfContent(content),
      stopReason,
      messages,
      newMessages: messages.slice(this.#settings.messages.length),
      steps: [...this.steps],
      completion: last?.completion ?? null,
      partial: this.#partial,
      pendingToolCalls: stopReason === 'tool_calls' ? last.toolCalls.filter(isPending) : [],
      usage: this.usage,
      cost: this.cost,
      totalCost: this.totalCost,
      isCostComplete: this.isCostComplete,
    };
  }
}

/** Returns a conversation in which each call of the last answer has a result, without which it could not be sent back. */
function withResults(messages) {
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  const answered = new Set(messages.slice(at + 1).map(({ tool_call_id: id }) => id));
  const open = (messages[at]?.tool_calls ?? []).filter(({ id }) => !answered.has(id));
  return [...messages, ...open.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'Error: The run was stopped before this call had a result.' }))];
}

/** Returns the text of a message's content: a string, or parts. */
function textOfContent(content) {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => part?.text ?? '').join('') : '';
}

/** Rejects when the signal is aborted before `promise` settles: a question to a user may stay open for ever. */
function untilAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(abortError(reasonOf(signal)));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

module.exports = { ToolRun };
