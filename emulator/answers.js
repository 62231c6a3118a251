'use strict';

const { parseDirectives } = require('./directives');
const { ApiError } = require('./errors');
const { matchesPattern, requestedModels, stripSuffixes } = require('./routing');
const { isObject } = require('./values');

/** The server asks SDKs not to repeat a request that the test did not expect: they would hide the mistake for seconds. */
const NO_RETRY = { 'x-should-retry': 'false' };

/** Returns an answer in its one form: directives by camelCase name, or the function that will return it. */
function readAnswer(answer, what) {
  if (typeof answer === 'function') return answer;
  if (typeof answer === 'string') return { text: answer };
  if (isObject(answer)) return parseDirectives(answer);
  throw new TypeError(`${what} must be a text, an object of directives, or a function that returns one of them.`);
}

/** The answers that a test prepares: by model, by a script, or by a function. */
class Answers {
  #scenarios;
  #script = null;
  #handler = null;

  /** @param {Object<string, unknown>} scenarios an answer for each model; `*` in a name stands for any characters */
  constructor(scenarios = {}) {
    if (!isObject(scenarios)) throw new TypeError('scenarios must be an object with an answer for each model.');
    this.#scenarios = new Map(Object.entries(scenarios).map(([model, answer]) => [model, readAnswer(answer, `The scenario of ${model}`)]));
  }

  /** The models that have a scenario of their own. */
  get models() {
    return [...this.#scenarios.keys()].filter((model) => !model.includes('*'));
  }

  /** How many answers of the script have not been given. */
  get left() {
    return this.#script ? this.#script.answers.length - this.#script.given : 0;
  }

  /** Answers the next POST requests with these, in order. `null` ends the script. */
  script(answers) {
    if (answers === null) {
      this.#script = null;
      return;
    }
    if (!Array.isArray(answers)) throw new TypeError('script() takes a list of answers, or null.');
    this.#script = { answers: answers.map((answer, at) => readAnswer(answer, `Answer ${at + 1} of the script`)), given: 0 };
  }

  /** Asks this function for the answer to each request. `null` ends that. */
  respond(handler) {
    if (handler !== null && typeof handler !== 'function') throw new TypeError('respond() takes a function, or null.');
    this.#handler = handler;
  }

  /** Forgets the script and the function. The scenarios remain. */
  reset() {
    this.#script = null;
    this.#handler = null;
  }

  /**
   * Returns the prepared answer to a request.
   * @returns {Promise<{ directives: object, failing: Map<string, object> }>} `failing`: the models that fail before one answers
   */
  async choose(record) {
    const isScripted = this.#script !== null && record.method === 'POST';
    const directives = isScripted
      ? (await resolved(this.#nextOfScript(record), record, 'The script')) ?? {}
      : this.#handler && (await resolved(this.#handler, record, 'The function given to respond()'));
    return directives ? { directives, failing: new Map() } : this.#byModel(record);
  }

  #nextOfScript({ method, path, body }) {
    const { answers, given } = this.#script;
    this.#script.given += 1;
    if (given < answers.length) return answers[given];
    const model = body?.model === undefined ? '' : ` for ${body.model}`;
    throw new ApiError(500, `The emulator's script has ${answers.length} answers, and ${method} ${path}${model} is request ` +
      `${given + 1}. Add an answer to the script, or end it with emulator.script(null).`, { headers: NO_RETRY });
  }

  /** Tries the models of a request in order, as the router does: a model whose scenario is an error leaves the next to answer. */
  async #byModel(record) {
    const asksModel = ['model', 'models', 'messages'].some((name) => record.body?.[name] !== undefined);
    const ids = asksModel ? requestedModels(record.body) : [];
    const failing = new Map();
    let directives;
    for (const [at, id] of ids.entries()) {
      const scenario = this.#scenarioOf(id);
      const isAnswered = directives !== undefined;
      // The models after the one that answers matter only if that one fails for another reason. Their functions are not called.
      const isCalled = !isAnswered || typeof scenario !== 'function';
      const found = (isCalled && (await resolved(scenario, record, `The scenario of ${id}`))) || {};
      const fails = found.status >= 400 && found.times === undefined;
      if (fails && (isAnswered || at < ids.length - 1)) failing.set(id, found);
      else directives ??= inTurn(id, found, record.body);
    }
    return { directives: directives ?? {}, failing };
  }

  #scenarioOf(id) {
    const bare = stripSuffixes(id).id;
    const exact = this.#scenarios.get(id) ?? this.#scenarios.get(bare);
    if (exact) return exact;
    const found = [...this.#scenarios.keys()].find((model) => model.includes('*') && matchesPattern(model, bare));
    return this.#scenarios.get(found);
  }
}

/**
 * Returns the part of a model's scenario that fits the turn of the conversation: the tool calls first, and the text after
 * their results. Otherwise an agent would call the tools for ever.
 */
function inTurn(id, scenario, body) {
  const directives = scenario.times === undefined ? scenario : { id: `scenario ${id}`, ...scenario };
  if (!directives.toolCalls) return directives;
  const { toolCalls, text, ...rest } = directives;
  const hasResults = Array.isArray(body.messages) && body.messages.at(-1)?.role === 'tool';
  if (!hasResults) return { ...rest, toolCalls };
  return text === undefined ? { ...rest, calls: 0 } : { ...rest, text };
}

/**
 * Returns the directives of an answer; calls it if it is a function, which may return none. Throws a 500 that says what went wrong
 * in the test.
 */
async function resolved(answer, record, what) {
  if (typeof answer !== 'function') return answer;
  try {
    const given = await answer(record);
    if (given === undefined || given === null) return undefined;
    const read = readAnswer(given, 'The answer that it returned');
    if (typeof read === 'function') throw new TypeError('it returned another function');
    return read;
  } catch (error) {
    throw new ApiError(500, `${what} failed: ${error?.message ?? error}`, { headers: NO_RETRY });
  }
}

module.exports.Answers = Answers;
