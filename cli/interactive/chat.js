'use strict';

const { explain } = require('../advice.js');
const { contentOf } = require('../chat/attachments.js');
const { listModels } = require('../model-list.js');
const { showAnswer, tellAbout } = require('../output/answer.js');
const { tokens } = require('../output/figures.js');
const { COMMANDS, commandIn, completionsOf } = require('./commands.js');
const { Conversation } = require('./conversation.js');
const { History } = require('./history.js');
const { Keyboard } = require('./keyboard.js');

const PROMPT = '> ';
const HINT = 'Type a question. /help lists the commands, Ctrl-D leaves.';
/** The share of a model's context from which on the user is warned. */
const NEARLY_FULL = 0.9;
const REMEDY = '/undo takes back the last question, /reset begins a new chat, and /model takes a model with a longer context.';

/** An interactive chat: it reads questions and commands from a terminal, until the user leaves. */
class Chat {
  isOver = false;
  #options;
  /** The promise of the models, and the models once they are known. */
  #listed = null;
  #known = [];
  /** Ends the request for the models when the user leaves: the process would wait for it. */
  #left = new AbortController();

  /**
   * @param {object} context that of the command
   * @param {object} service
   * @param {object} options those of the command, with `client`, and `request`: the parameters of every question
   */
  constructor(context, service, options) {
    const { terminal, env, stdin, stdout } = context;
    this.#options = options;
    this.terminal = terminal;
    this.client = options.client;
    this.conversation = new Conversation(options);
    this.models = () => this.#models(context, service);
    const history = History.of(env, { isKept: options.history }, (trouble) => terminal.warn(trouble));
    this.keyboard = new Keyboard({ stdin, stdout }, history, (line) => completionsOf(this, line));
  }

  /** Runs until the user leaves. */
  async run() {
    const { conversation, keyboard, terminal } = this;
    terminal.note(`${conversation.model} · ${HINT}`);
    // For Tab, and for the size of the context. Nothing waits for it yet.
    this.models().catch(() => {});
    try {
      while (!this.isOver) {
        const line = await keyboard.line(terminal.paint('cyan', PROMPT));
        if (line === null) break;
        if (line.trim() !== '') await this.#answer(line);
      }
    } finally {
      keyboard.close();
      this.#left.abort();
    }
    if (!this.isOver) terminal.say('');
  }

  /** Does what a line says. An error is shown, and the chat goes on. */
  async #answer(line) {
    try {
      const command = commandIn(line);
      if (command === null) await this.ask(await contentOf(line.replace(/^\/\//, '/'), this.conversation.attachments));
      else await this.#obey(command);
    } catch (error) {
      if (error.code === 'aborted') this.terminal.tell('Stopped.');
      // An option that names a file is a command here.
      else this.terminal.fail(explain(error).replace(/^--(?=file |image )/, '/'));
    }
  }

  async #obey({ name, text }) {
    const command = COMMANDS[name];
    if (command === undefined) throw new Error(`There is no command /${name}. /help lists them; // begins a question that begins with /.`);
    await command.run(this, text);
  }

  /** Returns the ids of the models; none where the list cannot be read. */
  async modelIds() {
    return this.models().then((all) => all.map(({ id }) => id), () => []);
  }

  /** Asks a question, and shows its answer. What had come when it is stopped or fails stays in the chat. */
  async ask(question) {
    const { conversation, keyboard, terminal } = this;
    const { model } = conversation;
    const answer = { stream: null, content: '', images: [] };
    let error = {};
    try {
      await keyboard.during((signal) => this.#receive(question, answer, signal));
      tellAbout(terminal, answer.stream, { isQuiet: this.#options.quiet });
    } catch (caught) {
      error = caught;
      if (error.code !== 'aborted') throw overfull(error, model);
      terminal.tell(answer.content === '' ? 'Stopped.' : 'Stopped. What had come stays in the chat.');
    } finally {
      if (answer.content === '' && answer.images.length === 0) conversation.fail(question);
      else conversation.add(question, answer);
      conversation.pay(answer.stream ?? error);
    }
    this.#warnWhenFull(answer.stream);
  }

  /** Shows an answer while it arrives, and saves its images and its sound. Fills `answer` with what has come. */
  async #receive(question, answer, signal) {
    const { client, conversation, terminal } = this;
    const { outputs, reasoning, quiet: isQuiet } = this.#options;
    const start = async () => {
      answer.stream = await client.chatCompletion({ ...conversation.requestFor(question), signal });
      answer.stream.on('content', (text) => { answer.content += text; });
      return answer.stream;
    };
    const { stream, isEmpty } = await showAnswer(terminal, start, { model: conversation.model, showsReasoning: reasoning?.isShown, isQuiet });
    const message = (await stream.finalCompletion()).choices?.[0]?.message;
    answer.images = message?.images ?? [];
    const transcript = isEmpty ? (message?.audio?.transcript ?? '') : '';
    if (transcript !== '') terminal.say(transcript);
    answer.content += transcript;
    const kinds = outputs.save(terminal, message);
    if (isEmpty && transcript === '' && kinds.size === 0) terminal.warn(`The answer contains no text (${stream.finishReason ?? 'no reason was given'}).`);
  }

  /** Warns when the next question may not fit into the model's context any more. */
  #warnWhenFull(stream) {
    const used = stream?.usage?.total_tokens;
    if (typeof used !== 'number') return;
    // The list may still be on its way. The user does not wait for it.
    const info = this.#known.find(({ id }) => id === stream.model)?.info;
    if (!(used > NEARLY_FULL * info?.contextLength)) return;
    this.terminal.warn(`The chat has ${tokens(used)} of the ${tokens(info.contextLength)} tokens that ${stream.model} can read. ${REMEDY}`);
  }

  /** Lists the models once, until Ctrl-C. A failure is not kept: the next call tries again. */
  #models(context, service) {
    this.#listed ??= listModels(context, service, this.#left.signal).then(
      (all) => (this.#known = all),
      (error) => {
        this.#listed = null;
        throw error;
      },
    );
    return this.keyboard.during((signal) => Promise.race([this.#listed, abortOf(signal)]));
  }
}

/** Rejects when a signal is aborted. */
function abortOf(signal) {
  return new Promise((_, reject) => {
    const error = Object.assign(new Error('Stopped.'), { code: 'aborted' });
    if (signal.aborted) reject(error);
    signal.addEventListener('abort', () => reject(error), { once: true });
  });
}

/** Gives the error of a chat that is too long a remedy that can be typed. */
function overfull(error, model) {
  const isTooLong = error.errorType === 'context_length_exceeded' || /context (length|window)/i.test(error.message);
  if (isTooLong) error.remedy = `The chat is too long for ${model}. ${REMEDY}`;
  return error;
}

module.exports = { Chat };
