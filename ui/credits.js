import { css, html, nothing } from 'lit';

import { OpenRouterElement, define } from './element.js';
import { money, time } from './format.js';
import { icons } from './icons.js';
import { t } from './texts.js';

const MINUTE = 60_000;

/** The balance, in green above 5 USD, yellow from 1, red below. A click refreshes it. */
export class OpenRouterCredits extends OpenRouterElement {
  static properties = {
    /** Also shows what was used and bought, and when that was asked. */
    details: { type: Boolean },
    /** After how many minutes the balance is asked again; 0 for never. */
    refresh: { type: Number },
    /** What the server answered. */
    credits: { attribute: false },
    failure: { state: true },
    isBusy: { state: true },
    refreshedAt: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    :host { display: inline-block; }
    button { display: inline-flex; align-items: center; gap: 0.4rem; font-variant-numeric: tabular-nums; font-weight: 600; border-color: currentColor; }
    .green { background: var(--green-back); color: var(--green); }
    .yellow { background: var(--yellow-back); color: var(--yellow); }
    .red { background: var(--red-back); color: var(--red); }
    button.green:hover, button.yellow:hover, button.red:hover { filter: brightness(0.97); }
    button.green:hover { background: var(--green-back); }
    button.yellow:hover { background: var(--yellow-back); }
    button.red:hover { background: var(--red-back); }
    .busy svg { animation: turn 1s linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    dl { display: grid; grid-template-columns: auto 1fr; gap: 0.1rem 0.8rem; margin: 0.5rem 0; }
    dd { margin: 0; font-variant-numeric: tabular-nums; }
    .alert, .note { margin-top: 0.4rem; }
  `];

  #timer;

  constructor() {
    super();
    this.details = false;
    this.refresh = 5;
    this.credits = null;
    this.failure = null;
    this.isBusy = false;
    this.refreshedAt = null;
  }

  connectedCallback() {
    super.connectedCallback();
    // The server and the page may be set by properties after the element was inserted.
    queueMicrotask(() => this.isConnected && this.credits === null && this.load());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  updated(changed) {
    if (changed.has('refresh')) {
      clearInterval(this.#timer);
      if (this.refresh > 0) this.#timer = setInterval(() => this.load(), this.refresh * MINUTE);
    }
    if (changed.has('base') && changed.get('base') !== undefined) this.load(true);
  }

  /** Asks for the balance; with `isForced` past the cache of the server. */
  async load(isForced = false) {
    this.isBusy = true;
    try {
      this.credits = await this.api.credits(isForced);
      this.failure = null;
      this.refreshedAt = new Date();
      this.tell('credits', this.credits);
    } catch (error) {
      this.failure = error;
      this.tell('error', { error });
    } finally {
      this.isBusy = false;
    }
  }

  render() {
    const { credits, failure } = this;
    const amount = credits === null ? t(failure ? 'credits.failed' : 'credits.loading') : this.#amount(credits.balance);
    const level = credits?.level ?? 'unknown';
    return html`
      <button class="${level} ${this.isBusy ? 'busy' : ''}" part="button" title=${failure?.message ?? nothing} aria-busy=${this.isBusy}
        aria-label=${t('credits.refresh', { amount })} @click=${() => this.load(true)}>${icons.refresh}<span>${amount}</span></button>
      <span role="status">${level === 'red' ? html`<p class="alert small">${t('credits.low', { amount })}</p>` : nothing}</span>
      ${this.details ? this.#details(credits, failure) : nothing}`;
  }

  #details(credits, failure) {
    return html`
      ${failure ? html`<p class="alert" role="alert">${failure.message}</p>` : nothing}
      ${credits ? html`<dl><dt>${t('credits.used')}</dt><dd>${this.#amount(credits.usage)}</dd><dt>${t('credits.total')}</dt><dd>${this.#amount(credits.total)}</dd></dl>` : nothing}
      ${this.refreshedAt ? html`<p class="small muted">${t('credits.refreshed', { time: time(this.refreshedAt) })}</p>` : nothing}`;
  }

  #amount(value) {
    return typeof value === 'number' ? money(value) : t('credits.unknown');
  }
}

define('openrouter-credits', OpenRouterCredits);
