'use strict';

const { OpenRouterError } = require('../errors.js');

// Reads the beginning of a JSON text, as it is while an answer is streamed: what is complete, and the text of a string so far.
// A number, a name or a literal that may go on is left out, because it would change its meaning.

/** The depth at which a text is refused, because reading it would fill the stack. */
const MAX_DEPTH = 500;

/** Stands for a value of which nothing can be said yet. */
const NOTHING = Symbol('nothing');

const LITERALS = { true: true, false: false, null: null };
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[a-z]+/y;

/** Returns the value of the beginning of a JSON text; undefined if there is none yet, or if it is no JSON. */
function parsePartial(text) {
  const value = new Reader(text).value(0);
  return value === NOTHING ? undefined : value;
}

class Reader {
  #text;
  #at = 0;
  /** Whether the text has ended within a value. Nothing more is read then. */
  #isCut = false;

  constructor(text) {
    this.#text = text;
  }

  value(depth) {
    if (depth > MAX_DEPTH) throw new OpenRouterError('The answer is JSON that is nested too deep.', { code: 'malformed_response' });
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case '{': return this.#object(depth);
      case '[': return this.#array(depth);
      case '"': return this.#string(true);
      default: return this.#scalar();
    }
  }

  #object(depth) {
    const object = {};
    this.#at += 1;
    while (!this.#isOver('}')) {
      const name = this.#text[this.#at] === '"' ? this.#string(false) : this.#cut();
      if (name === NOTHING || !this.#take(':')) return object;
      const value = this.value(depth + 1);
      if (value !== NOTHING) Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
      if (!this.#goesOn('}')) return object;
    }
    return object;
  }

  #array(depth) {
    const array = [];
    this.#at += 1;
    while (!this.#isOver(']')) {
      const value = this.value(depth + 1);
      if (value !== NOTHING) array.push(value);
      if (!this.#goesOn(']')) return array;
    }
    return array;
  }

  /** Reads a string. Of one that is cut, the part so far is returned where `mayBeCut`. */
  #string(mayBeCut) {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const isWhole = end < this.#text.length;
    this.#at = end + 1;
    if (!isWhole) {
      this.#isCut = true;
      if (!mayBeCut) return NOTHING;
    }
    const body = this.#text.slice(start, end);
    return isWhole ? this.#parsed(`"${body}"`) : this.#parsed(`"${withoutCutEscape(body)}"`);
  }

  #scalar() {
    const start = this.#at;
    const text = this.#match(NUMBER) || this.#match(WORD);
    // At the end of the text, a number may have more digits, and a word more letters.
    if (text === '' || this.#at === this.#text.length || !/[\s,\]}]/.test(this.#text[this.#at])) {
      this.#at = start;
      return this.#cut();
    }
    if (Object.hasOwn(LITERALS, text)) return LITERALS[text];
    return this.#parsed(text);
  }

  #parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return this.#cut();
    }
  }

  /** Whether a list has ended, before its first value or behind a comma. */
  #isOver(bracket) {
    if (this.#isCut) return true;
    this.#match(SPACE);
    if (this.#at >= this.#text.length) this.#isCut = true;
    else if (this.#text[this.#at] === bracket) this.#at += 1;
    else return false;
    return true;
  }

  /** Whether another value of a list follows. */
  #goesOn(bracket) {
    if (this.#isCut || this.#take(',')) return !this.#isCut;
    if (this.#text[this.#at] === bracket) this.#at += 1;
    else this.#cut();
    return false;
  }

  #take(mark) {
    this.#match(SPACE);
    if (this.#text[this.#at] !== mark) {
      if (this.#at >= this.#text.length) this.#isCut = true;
      return false;
    }
    this.#at += 1;
    this.#match(SPACE);
    return true;
  }

  #cut() {
    this.#isCut = true;
    return NOTHING;
  }

  #match(pattern) {
    pattern.lastIndex = this.#at;
    const [text] = pattern.exec(this.#text) ?? [''];
    this.#at += text.length;
    return text;
  }
}

/** Returns the body of a cut string without an escape that has not ended, and without half of a surrogate pair. */
function withoutCutEscape(body) {
  const whole = body.replace(/\\(?:u[\da-fA-F]{0,3})?$/, (escape, at) => (isEscaped(body, at) ? escape : ''));
  return whole.replace(/(?:[\uD800-\uDBFF]|\\u[dD][89abAB][\da-fA-F]{2})$/, '');
}

/** Whether the backslash at a position is itself escaped. */
function isEscaped(body, at) {
  let before = 0;
  while (body[at - 1 - before] === '\\') before += 1;
  return before % 2 === 1;
}

module.exports = { parsePartial };
