'use strict';

const { randomUUID } = require('node:crypto');

/**
 * A chat of several questions and answers: what is sent with the next question, and what it has cost. An exchange is a
 * question with its answer, which may be missing or cut off.
 */
class Conversation {
  model;
  system;
  /** `{ question, answer }`, the oldest first: the contents of the user's messages, and the messages of the models. */
  exchanges = [];
  /** The names of the files that go with the next question. */
  attachments;
  /** The answers whose cost is not known yet, by the ids of their generations. */
  unknown = new Set();
  cost = 0;
  answers = 0;
  tokens = 0;
  #parameters;
  #session;
  /** The question that failed last, for another try. */
  #failed = null;

  /**
   * @param {object} options
   * @param {{ model: string }} options.request the parameters of every question
   * @param {string} [options.system]
   * @param {string[]} [options.file] @param {string[]} [options.image] the files that go with the first question
   */
  constructor({ request: { model, session = randomUUID(), ...parameters }, system, file = [], image = [] }) {
    this.model = model;
    this.system = system;
    this.attachments = { file, image };
    this.#parameters = parameters;
    this.#session = session;
  }

  /** The messages that are said so far. */
  get messages() {
    const said = this.exchanges.flatMap(({ question, answer }) => [{ role: 'user', content: question }, answer]);
    return this.system === undefined ? said : [{ role: 'system', content: this.system }, ...said];
  }

  /** Returns the request for the answer to a question. The session keeps the chat with the provider whose cache is warm. */
  requestFor(question) {
    const messages = [...this.messages, { role: 'user', content: question }];
    return { ...this.#parameters, model: this.model, messages, session: this.#session, stream: true };
  }

  /**
   * Notes what was answered. A cut answer counts, because it was read and paid.
   * @param {string | object[]} question
   * @param {{ content: string, images?: object[] }} answer models take their images back, to change them
   */
  add(question, { content, images }) {
    this.exchanges.push({ question, answer: { role: 'assistant', content, ...(images.length > 0 && { images }) } });
    this.attachments = { file: [], image: [] };
    this.#failed = null;
  }

  /** Notes a question that has no answer. What was attached stays, for another try. */
  fail(question) {
    this.#failed = question;
  }

  /** Notes what an answer cost, or one that failed, whose cost is known later. */
  pay({ cost, usage, generationId }) {
    if (!generationId) return;
    this.answers += 1;
    this.tokens += usage?.total_tokens ?? 0;
    if (typeof cost === 'number') this.cost += cost;
    else this.unknown.add(generationId);
  }

  /** Returns the question for another try: the one that failed, else the last one. Null if there is none. */
  get lastQuestion() {
    return this.#failed ?? this.exchanges.at(-1)?.question ?? null;
  }

  /** Whether the last question has no answer. */
  get hasFailed() {
    return this.#failed !== null;
  }

  /** Takes back the last question that has an answer. Returns it with the answer, or undefined. */
  takeBack() {
    return this.exchanges.pop();
  }

  /** Forgets what was said, and begins another session. */
  reset() {
    this.replace([]);
  }

  /** Takes up an earlier chat. */
  replace(exchanges) {
    this.exchanges = exchanges;
    this.attachments = { file: [], image: [] };
    this.#failed = null;
    this.#session = randomUUID();
  }
}

module.exports = { Conversation };
