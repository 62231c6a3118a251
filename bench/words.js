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

  /** Returns the delay of each word in ms. Throws if the words are not `count` ones, in the order in which they were sent. */
  delays(count) {
    const words = this.#deltas.flatMap(([arrived, text]) => text.trim().split(' ').map((word) => [Number(word), arrived]));
    if (words.length !== count) throw new Error(`${words.length} words arrived instead of ${count}.`);
    if (words.some(([sent], at) => !(sent >= (words[at - 1]?.[0] ?? 0)))) throw new Error('The words arrived in another order.');
    return words.map(([sent, arrived]) => arrived - sent);
  }
}

/** Returns the figures of the words of all chats. */
function figuresOf(chats, count) {
  const delays = chats.flatMap((chat) => chat.delays(count));
  const deltas = chats.reduce((sum, chat) => sum + chat.deltas, 0) / chats.length;
  return { delayMs: quantile(delays, 0.5), delayP95Ms: quantile(delays, 0.95), deltas };
}

module.exports = { Words, figuresOf };
