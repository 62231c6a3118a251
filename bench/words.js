'use strict';

const { quantile } = require('./statistics.js');

/** Returns the time in ms since 1970, with the fractions that `Date.now()` lacks. */
function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * Collects the text of a chat whose words are the times when the server sent them. Words are compared with the time of their
 * arrival only when the chat is over, so that little is measured beside the client.
 */
class Words {
  #deltas = [];

  /** Adds a piece of the text, which arrived now. */
  add(text) {
    if (text !== '') this.#deltas.push([now(), text]);
  }

  get deltas() {
    return this.#deltas.length;
  }

  /**
   * Returns for each word the time when it was sent and its delay in ms. Throws if the words are not `count` ones, in the order
   * in which they were sent.
   */
  delays(count) {
    const words = this.#deltas.flatMap(([arrived, text]) => text.trim().split(' ').map((word) => ({ sent: Number(word), delay: arrived - Number(word) })));
    if (words.length !== count) throw new Error(`${words.length} words arrived instead of ${count}.`);
    if (words.some(({ sent }, at) => !(sent >= (words[at - 1]?.sent ?? 0)))) throw new Error('The words arrived in another order.');
    return words;
  }
}

/**
 * Returns the figures of the words of all chats. The delay when all run is that of the words sent after the last chat has begun:
 * the start of an agent alone takes so much of the main thread that words wait for it, whatever the client.
 */
function figuresOf(chats, count) {
  const all = chats.map((chat) => chat.delays(count));
  const begun = Math.max(...all.map(([first]) => first.sent));
  const words = all.flat();
  const delaysOf = (some) => some.map(({ delay }) => delay);
  const running = delaysOf(words.filter(({ sent }) => sent >= begun));
  return {
    delayMs: quantile(running, 0.5),
    delayP95Ms: quantile(running, 0.95),
    wholeP95Ms: quantile(delaysOf(words), 0.95),
    deltas: chats.reduce((sum, chat) => sum + chat.deltas, 0) / chats.length,
  };
}

module.exports = { Words, figuresOf, now };
