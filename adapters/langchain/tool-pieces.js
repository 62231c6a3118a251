'use strict';

/**
 * Selects the pieces of tool calls in a stream that LangChain can join. LangChain joins the pieces of a call only by their
 * index, and providers number the pieces in different ways, repeat them, or omit the number. Therefore only unambiguous
 * pieces are passed on as they arrive. From the first ambiguous piece on all are held back, and the calls follow at the end
 * as the addon has assembled them.
 */
class ToolPieces {
  /** The parts of calls that were passed on, by index. */
  #shown = new Map();
  /** Whether all pieces so far were unambiguous. */
  #isPlain = true;

  /** Returns the pieces of a delta that can be passed on now. */
  live(pieces) {
    return pieces.flatMap((piece) => {
      const text = this.#isPlain ? this.#take(piece) : null;
      this.#isPlain = text !== null;
      if (!this.#isPlain) return [];
      const { id, function: called } = piece;
      // An empty id or name is omitted, because it would replace the known one.
      return [{ ...piece, id: id || undefined, function: { ...called, name: called?.name || undefined, arguments: text } }];
    });
  }

  /** Adds a piece to its call. Returns the arguments of the piece; null if the piece is ambiguous. */
  #take({ index, id, function: called }) {
    const { name, arguments: text } = called ?? {};
    const args = text ?? '';
    if (!Number.isInteger(index) || typeof args !== 'string' || (id && typeof id !== 'string')) return null;
    const call = this.#shown.get(index);
    if (call === undefined) {
      if (!id || !name || [...this.#shown.values()].some((other) => other.id === id)) return null;
      // Arguments that stay blank are `{}`, which can follow nothing but an empty text.
      this.#shown.set(index, { id, name, args: args.trimStart() });
      return args.trimStart();
    }
    const isOther = (id && id !== call.id) || (name && name !== call.name);
    if (isOther || (/^\s*[{}]/.test(args) && isJSON(call.args))) return null;
    const more = call.args === '' ? args.trimStart() : args;
    call.args += more;
    return more;
  }

  /** Returns the parts of the whole answer's calls that were not passed on, as pieces. */
  rest(calls = []) {
    let free = Math.max(-1, ...this.#shown.keys());
    return calls.flatMap(({ id, type, function: { name, arguments: args } }) => {
      const [index, call] = [...this.#shown].find(([, shown]) => shown.id === id) ?? [];
      if (call === undefined) {
        free += 1;
        return [{ index: free, id, type, function: { name, arguments: args } }];
      }
      const more = args.startsWith(call.args) ? args.slice(call.args.length) : '';
      return more === '' ? [] : [{ index, function: { arguments: more } }];
    });
  }
}

function isJSON(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

module.exports = { ToolPieces };
