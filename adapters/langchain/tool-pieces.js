'use strict';

/**
 * Tool calls on their way. LangChain joins the pieces of a call by their index alone, and providers number them in
 * many ways, repeat them, or leave the number out (T1, T2). So only pieces that cannot be misunderstood are shown as
 * they come; from the first odd one on they are held back, and come whole at the end, as the addon put them together.
 */
class ToolPieces {
  /** The calls that were shown, by their index. */
  #shown = new Map();
  #isPlain = true;

  /** Those of a delta's pieces that can be shown now. */
  live(pieces) {
    return pieces.flatMap((piece) => {
      this.#isPlain &&= this.#take(piece);
      if (!this.#isPlain) return [];
      const { id, function: called } = piece;
      // What is empty would replace what is known.
      return [{ ...piece, id: id || undefined, function: { ...called, name: called?.name || undefined } }];
    });
  }

  #take({ index, id, function: { name, arguments: text } = {} }) {
    const args = text ?? '';
    if (!Number.isInteger(index) || typeof args !== 'string') return false;
    const call = this.#shown.get(index);
    if (call === undefined) {
      if (!id || !name || [...this.#shown.values()].some((other) => other.id === id)) return false;
      this.#shown.set(index, { id, name, args });
      return true;
    }
    const isOther = (id && id !== call.id) || (name && name !== call.name);
    if (isOther || (/^\s*[{}]/.test(args) && isJSON(call.args))) return false;
    call.args += args;
    return true;
  }

  /** What the calls of the whole answer have beyond what was shown, as pieces. */
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
