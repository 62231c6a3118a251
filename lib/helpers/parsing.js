'use strict';

const { OpenRouterError } = require('../errors.js');
const { parsePartial } = require('./partial-json.js');
const { Run } = require('./run.js');
const { withoutNulls } = require('./strict.js');
const { Totals } = require('./totals.js');

/** How much of a text must be new before it is read again: with a fixed amount, the time would grow with its square. */
const NEW_SHARE = 1 / 64;

/** An answer that is read as a value of a schema. Its events are the partial values. */
class Parsing extends Run {
  #client;
  #request;
  #settings;
  #totals = new Totals();

  /**
   * @param {object} client
   * @param {object} request the parameters of the request
   * @param {object} settings `checker`, `plain` (the JSON Schema of the answer), `isWrapped`, `isStrict`, `mayRepair`, `signal`
   */
  constructor(client, request, settings) {
    super(settings.signal);
    this.#client = client;
    this.#request = request;
    this.#settings = settings;
  }

  async *work(signal) {
    let request = { ...this.#request, signal };
    for (let isRepaired = false; ; isRepaired = true) {
      const completion = yield* this.#answer(request);
      this.#totals.add(completion.usage);
      const text = this.#textOf(completion);
      const read = await this.#read(text);
      if (read.problem === undefined) {
        const { usage, cost, totalCost } = this.#totals;
        return { value: read.value, text, completion, isRepaired, usage, cost, totalCost };
      }
      if (isRepaired || !this.#settings.mayRepair) throw invalid(read.problem, completion);
      request = { ...request, messages: [...request.messages, completion.choices[0].message, { role: 'user', content: repairText(read.problem) }] };
    }
  }

  async *#answer(request) {
    const answer = await this.#client.chatCompletion(request);
    if (request.stream !== true) return answer;
    let text = '';
    let readLength = 0;
    let last;
    for await (const piece of answer.text()) {
      text += piece;
      if (text.length - readLength < text.length * NEW_SHARE) continue;
      readLength = text.length;
      const partial = this.#partial(text);
      const json = JSON.stringify(partial);
      if (partial === undefined || json === last) continue;
      last = json;
      yield partial;
    }
    return answer.finalCompletion();
  }

  /** Returns the value of the beginning of an answer; undefined if there is none yet. */
  #partial(text) {
    const value = parsePartial(unfenced(text));
    if (!this.#settings.isWrapped) return value;
    return value !== null && typeof value === 'object' ? value.value : undefined;
  }

  /** Returns the text of a complete answer. Throws if the model has refused, or was cut off. */
  #textOf(completion) {
    const choice = completion.choices?.[0];
    const { refusal, content } = choice?.message ?? {};
    if ((typeof refusal === 'string' && refusal !== '') || choice?.finish_reason === 'content_filter') {
      throw failure('refusal', 'The model refused to answer. error.data.refusal has its words, if it gave any.', completion, { refusal: refusal ?? null });
    }
    if (choice?.finish_reason === 'length') {
      throw failure('incomplete_answer', 'The answer was cut off at the limit of its tokens, so that its JSON is incomplete. Raise max_tokens. error.partial has what came.', completion);
    }
    return Array.isArray(content) ? content.map((part) => part?.text ?? '').join('') : (content ?? '');
  }

  /** Reads an answer by the schema. */
  async #read(text) {
    const { checker, plain, isWrapped, isStrict } = this.#settings;
    let value;
    try {
      value = JSON.parse(unfenced(text));
    } catch (error) {
      return { problem: text.trim() === '' ? 'it is empty' : `it is no JSON: ${error.message}` };
    }
    if (isStrict) value = withoutNulls(plain, value);
    if (!isWrapped) return checker.check(value);
    if (value === null || typeof value !== 'object' || !('value' in value)) return { problem: 'the property value is missing' };
    return checker.check(value.value);
  }

  failed(error) {
    if (error instanceof OpenRouterError) error.usage = this.#totals.usage;
    return error;
  }
}

/** Returns a text without the fence of Markdown that some models put around JSON. */
function unfenced(text) {
  const [, inner] = /^\s*```(?:json)?[ \t]*\n([^]*?)(?:\n?```\s*)?$/.exec(text) ?? [];
  return inner ?? text;
}

function repairText(problem) {
  return `This answer does not match the JSON schema: ${problem}. Answer again with JSON that matches the schema, and nothing else.`;
}

function invalid(problem, completion) {
  const text = 'The answer does not match the schema. error.cause says where, error.partial has the answer. With repair: true the model is asked once more.';
  return failure('invalid_answer', text, completion, { problem }, new Error(problem));
}

function failure(code, message, completion, data, cause) {
  const { id: generationId, provider } = completion;
  return new OpenRouterError(message, { code, generationId, provider, partial: completion, data, cause });
}

module.exports = { Parsing };
