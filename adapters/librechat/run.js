'use strict';

const AUTO = 'openrouter/auto';

/** One answer that was asked for: what of it belongs to no other that the same client may be waiting for. */
class Run {
  /** Whether its tokens were billed. */
  isBilled = false;
  #text = '';
  #before;
  #hasMarker = false;

  /** @param {{ generation?: string, isEdited?: boolean }} opts of `sendMessage` */
  constructor({ generation, isEdited }) {
    const before = isEdited && typeof generation === 'string' ? generation : '';
    // As BaseClient joins them.
    this.#before = before === '' || /\s$/.test(before) ? before : `${before} `;
  }

  /** The text so far, after what was there before an edit; an abort saves it. */
  get text() {
    return this.#before + this.#text;
  }

  add(text) {
    this.#text += text;
  }

  /** Whether to tell the model now: once, before the first content, and only where a router chose it. */
  wantsMarker({ autoRouter, model }) {
    if (this.#hasMarker || this.#text !== '' || !(autoRouter || model === AUTO)) return false;
    this.#hasMarker = true;
    return true;
  }
}

module.exports = { Run };
