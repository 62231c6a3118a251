import { LitElement } from 'lit';

import { apiOf } from './api.js';
import { shared } from './styles.js';
import { onTexts } from './texts.js';

/** What all elements have: the base path, the shared look, and texts that can change. */
export class OpenRouterElement extends LitElement {
  static properties = {
    /** The base path of the handler, such as `/api/openrouter`. */
    base: { type: String },
  };

  static styles = [shared];

  #endTexts;

  constructor() {
    super();
    this.base = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.#endTexts = onTexts(() => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#endTexts();
  }

  /** The API of the base path. */
  get api() {
    return apiOf(this.base);
  }

  /** Tells the page something. Events leave the shadow roots, so that any ancestor can listen. */
  tell(name, detail, { cancelable = false } = {}) {
    return this.dispatchEvent(new CustomEvent(`openrouter-${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }
}

/** Registers an element. A page that loads this module twice keeps the first definition. */
export function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}
