'use strict';

/** What ends an event, whatever ends its lines; the LF of its last CR LF may come later, or not at all. */
const BLANK_LINES = ['\n\n', '\r\r', '\n\r', '\n\r\n'];
/** As much of a blank line as may lie in an earlier part. */
const SEAM = 2;

/**
 * Cuts the bytes of an event stream where an event ends. No reader can tell the difference: it has no use for half an
 * event either. But an error can be told after whole events only, and a key is found in a whole event only.
 */
class WholeEvents {
  #held = [];
  /** The last bytes of what is held. */
  #seam = Buffer.alloc(0);

  /**
   * @param {Uint8Array} part
   * @returns {Buffer | null} all events that are whole by now
   */
  take(part) {
    const bytes = Buffer.concat([this.#seam, part]);
    const end = endOf(bytes) - this.#seam.length;
    const fresh = bytes.subarray(this.#seam.length);
    this.#seam = bytes.subarray(-SEAM);
    if (end <= 0) {
      this.#held.push(fresh);
      return null;
    }
    const whole = Buffer.concat([...this.#held, fresh.subarray(0, end)]);
    const rest = fresh.subarray(end);
    this.#held = [rest];
    this.#seam = rest.subarray(-SEAM);
    return whole;
  }

  /** What came after the last whole event. */
  rest() {
    return Buffer.concat(this.#held);
  }
}

/** Where the last event in `bytes` ends; 0 when none does. */
function endOf(bytes) {
  const ends = BLANK_LINES.map((line) => {
    const at = bytes.lastIndexOf(line);
    return at < 0 ? 0 : at + line.length;
  });
  return Math.max(...ends);
}

module.exports.WholeEvents = WholeEvents;
