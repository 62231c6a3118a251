'use strict';

const AUTO = 'openrouter/auto';

/** The state of one `sendCompletion`. A client may run several at the same time, so that each needs its own. */
class Run {
  #text = '';
  #before;
  #hasMarker = false;

  /** @param {{ generation?: string, isEdited?: boolean }} opts the options of `sendMessage` */
  constructor({ generation, isEdited }) {
    const before = isEdited && typeof generation === 'string' ? generation : '';
    // BaseClient joins the older text and the answer in the same way.
    this.#before = before === '' || /\s$/.test(before) ? before : `${before} `;
  }

  /** The text of the answer so far, preceded by the text that an edit continues. LibreChat saves it after an abort. */
  get text() {
    return this.#before + this.#text;
  }

  add(text) {
    this.#text += text;
  }

  /**
   * Returns whether the marker with the model is due, and notes that it is sent: once, before the first content, and only if a
   * router chose the model.
   */
  takeMarker({ autoRouter, model }) {
    if (this.#hasMarker || this.#text !== '' || !(autoRouter || model === AUTO)) return false;
    this.#hasMarker = true;
    return true;
  }
}

module.exports = { Run };
