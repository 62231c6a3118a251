'use strict';

/**
 * The byte sequences that end an event, for each line end of the standard (LF, CR, CR LF). The LF of a last CR LF is not
 * required, because it may arrive later or not at all.
 */
const BLANK_LINES = ['\n\n', '\r\r', '\n\r', '\n\r\n'];
/** The number of bytes of a blank line that may be in an earlier part. */
const SEAM = 2;

/**
 * Splits the bytes of an event stream at the ends of events. An error event can be added only after a whole event, and a key
 * can be found only in a whole event. Clients are not affected, because they cannot use half an event either.
 */
class WholeEvents {
  /** The bytes after the last whole event. */
  #held = [];
  /** The last bytes of `#held`. */
  #seam = Buffer.alloc(0);

  /**
   * Adds a part of the stream.
   * @param {Uint8Array} part
   * @returns {Buffer | null} all events that are complete now; null if there are none
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

  /** Returns the bytes after the last whole event. */
  rest() {
    return Buffer.concat(this.#held);
  }
}

/** Returns the index behind the last event that ends in `bytes`; 0 if none does. */
function endOf(bytes) {
  const ends = BLANK_LINES.map((line) => {
    const at = bytes.lastIndexOf(line);
    return at < 0 ? 0 : at + line.length;
  });
  return Math.max(...ends);
}

module.exports.WholeEvents = WholeEvents;
