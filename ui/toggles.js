import { css, html } from 'lit';

import { OpenRouterElement, define } from './element.js';
import { icons } from './icons.js';
import { t } from './texts.js';

/** The model that stands for the auto router. */
export const AUTO = 'openrouter/auto';

/** The lightning of the auto router and the shield of zero retention. A model that is chosen by hand turns the router off. */
export class OpenRouterToggles extends OpenRouterElement {
  static properties = {
    /** Whether OpenRouter chooses the model. */
    autoRouter: { type: Boolean, attribute: 'auto-router', reflect: true },
    /** Whether only providers answer that retain no data. */
    zdr: { type: Boolean, reflect: true },
  };

  static styles = [OpenRouterElement.styles, css`
    :host { display: inline-block; }
    .row { flex-wrap: nowrap; }
    button { display: inline-flex; align-items: center; gap: 0.35rem; white-space: nowrap; }
    button[aria-pressed='true'] { font-weight: 600; border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
    button.router[aria-pressed='true'] { color: var(--accent); }
    button.zdr[aria-pressed='true'], button.zdr[aria-pressed='true']:hover { color: var(--yellow); background: var(--yellow-back); }
    button[aria-pressed='true'] svg { fill: currentColor; }
    @media (max-width: 48rem) {
      button { position: relative; }
      button span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    }
  `];

  #group;

  constructor() {
    super();
    this.autoRouter = false;
    this.zdr = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#group = this.closest('[openrouter-group]') ?? this.getRootNode();
    this.#group.addEventListener('openrouter-model', this.#onModel);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#group.removeEventListener('openrouter-model', this.#onModel);
  }

  #onModel = ({ detail }) => {
    // A picker that adds to a list, such as that of the fallback chain, does not choose the model of the chat.
    if (!detail.isMain) return;
    const isAuto = detail.model === AUTO;
    if (isAuto !== this.autoRouter) this.#set({ autoRouter: isAuto });
  };

  #set(change) {
    Object.assign(this, change);
    this.tell('toggle', { autoRouter: this.autoRouter, zdr: this.zdr });
  }

  render() {
    return html`
      <div class="row" role="group" aria-label=${t('toggles.label')}>
        <button class="router" aria-pressed=${this.autoRouter} title=${t('toggles.router.hint')} @click=${() => this.#set({ autoRouter: !this.autoRouter })}>
          ${icons.lightning}<span>${t('toggles.router')}</span></button>
        <button class="zdr" aria-pressed=${this.zdr} title=${t('toggles.zdr.hint')} @click=${() => this.#set({ zdr: !this.zdr })}>
          ${icons.shield}<span>${t('toggles.zdr')}</span></button>
      </div>`;
  }
}

define('openrouter-toggles', OpenRouterToggles);
