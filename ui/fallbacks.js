import { css, html, nothing } from 'lit';

import { OpenRouterElement, define } from './element.js';
import './models.js';
import './order-list.js';
import { t } from './texts.js';

/** OpenRouter takes at most this many models. */
const MOST = 10;
/** What a test asks, and how long the answer may be: the least that every provider takes. */
const QUESTION = { messages: [{ role: 'user', content: 'Answer with the word OK.' }], max_tokens: 16 };

/** The models that answer, in order, if the chosen one fails. A test asks each of them. */
export class OpenRouterFallbacks extends OpenRouterElement {
  static properties = {
    /** The ids of the models, first tried first. */
    models: { type: Array },
    /** The model before the chain: a test asks it, too. */
    model: { type: String },
    /** Says that the chain is not sent. */
    autoRouter: { type: Boolean, attribute: 'auto-router' },
    results: { state: true },
    isTesting: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    .stack { display: grid; gap: 0.5rem; }
    p { margin: 0; }
  `];

  #abort = null;

  constructor() {
    super();
    Object.assign(this, { models: [], model: '', autoRouter: false, results: new Map(), isTesting: false });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  #add(model) {
    if (this.models.length < MOST && !this.models.includes(model) && model !== this.model) this.#set([...this.models, model]);
  }

  #set(models) {
    this.models = models;
    this.tell('fallbacks', { models });
  }

  /** Asks each model of the chain, one after another. Resolves to the outcomes, by model. */
  async test() {
    const abort = new AbortController();
    this.#abort = abort;
    this.isTesting = true;
    this.results = new Map();
    for (const model of [this.model, ...this.models].filter(Boolean)) {
      const outcome = await this.#ask(model, abort.signal);
      if (abort.signal.aborted) break;
      this.results = new Map(this.results).set(model, outcome);
    }
    this.isTesting = false;
    this.tell('tested', { results: Object.fromEntries(this.results) });
    return this.results;
  }

  async #ask(model, signal) {
    const start = performance.now();
    try {
      const answer = await (await this.api.chat({ model, ...QUESTION }, signal)).json();
      return { ok: true, provider: answer.provider ?? answer.model, ms: Math.round(performance.now() - start) };
    } catch (error) {
      return { ok: false, message: error.message };
    }
  }

  #item(model) {
    const result = this.results.get(model);
    if (!result) return { key: model, name: model };
    return { key: model, name: model, tone: result.ok ? 'good' : 'bad', note: t(result.ok ? 'fallbacks.works' : 'fallbacks.broken', result) };
  }

  render() {
    const { models, isTesting } = this;
    const first = this.results.get(this.model);
    return html`
      <div class="stack" role="group" aria-label=${t('fallbacks.label')}>
        <p class="small muted">${t(models.length > 0 ? 'fallbacks.hint' : 'fallbacks.empty')}</p>
        ${this.autoRouter ? html`<p class="note">${t('fallbacks.router')}</p>` : nothing}
        ${first ? html`<p class="small" role="status">${this.model}: ${t(first.ok ? 'fallbacks.works' : 'fallbacks.broken', first)}</p>` : nothing}
        <openrouter-order .label=${t('fallbacks.label')} .items=${models.map((model) => this.#item(model))} @order-change=${({ detail }) => this.#set(detail.keys)}></openrouter-order>
        <div class="row">
          ${models.length < MOST
            ? html`<openrouter-models adds .base=${this.base} .label=${t('fallbacks.add')} @openrouter-model=${(event) => { event.stopPropagation(); this.#add(event.detail.model); }}></openrouter-models>`
            : html`<span class="small muted">${t('fallbacks.full', { count: MOST })}</span>`}
          ${isTesting
            ? html`<button @click=${() => this.#abort.abort()}>${t('fallbacks.stop')}</button><span class="small" role="status">${t('fallbacks.testing')}</span>`
            : html`<button title=${t('fallbacks.test.hint')} ?disabled=${models.length === 0} @click=${() => this.test()}>${t('fallbacks.test')}</button>`}
        </div>
      </div>`;
  }
}

define('openrouter-fallbacks', OpenRouterFallbacks);
