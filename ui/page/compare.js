import { LitElement, css, html, nothing } from 'lit';
import { Answer, apiOf } from 'openrouter-native/ui';

import { controls } from './look.js';

/** One prompt to two models, side by side, with the speed and the cost of each. */
export class PlaygroundCompare extends LitElement {
  static properties = {
    base: { type: String },
    /** Returns the parameters that the scenario adds, for a model. */
    extra: { attribute: false },
    models: { state: true },
    answers: { state: true },
    isBusy: { state: true },
  };

  static styles = [controls, css`
    :host { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; height: 100%; min-height: 20rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem; }
    .columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.75rem; padding: 0.75rem; overflow-y: auto; align-items: start; }
    .column { display: grid; gap: 0.5rem; min-width: 0; }
    table { border-collapse: collapse; margin: 0 0.75rem; font-variant-numeric: tabular-nums; font-size: 0.875rem; }
    th, td { text-align: start; padding: 0.15rem 1rem 0.15rem 0; }
    caption { text-align: start; font-weight: 600; padding-top: 0.5rem; }
    .best { font-weight: 700; }
    .best::after { content: ' ✓'; }
    form { display: flex; gap: 0.5rem; padding: 0.5rem; border-top: 1px solid var(--line); align-items: end; }
    textarea { width: 100%; field-sizing: content; max-height: 8rem; }
    @media (max-width: 48rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
  `];

  #abort = null;

  constructor() {
    super();
    Object.assign(this, { base: '', extra: () => ({}), models: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4.5'], answers: [], isBusy: false });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  /** Asks both models. Resolves to the answers, also to failed ones. */
  async ask(content) {
    if (this.isBusy) return this.answers;
    const abort = new AbortController();
    const { signal } = abort;
    this.#abort = abort;
    this.isBusy = true;
    this.answers = this.models.map((requested) => new Answer({ requested }));
    await this.updateComplete;
    const shown = [...this.renderRoot.querySelectorAll('openrouter-message')];
    await Promise.all(this.answers.map((answer, at) => {
      const params = { ...this.extra(answer.requested), model: answer.requested, messages: [{ role: 'user', content }], stream: true };
      return answer.read(apiOf(this.base).chat(params, signal), { signal, onChange: () => shown[at].grew() });
    }));
    this.isBusy = false;
    return this.answers;
  }

  #submit(event) {
    event.preventDefault();
    const field = this.renderRoot.querySelector('textarea');
    const text = field.value.trim();
    if (text !== '') this.ask(text);
  }

  render() {
    return html`
      ${this.#table()}
      <div class="columns">
        ${this.models.map((model, at) => html`<div class="column">
          <openrouter-models label=${`Model ${at + 1}`} .base=${this.base} .value=${model} @openrouter-model=${({ detail }) => { this.models = this.models.with(at, detail.model); }}></openrouter-models>
          ${this.answers[at] ? html`<openrouter-message .answer=${this.answers[at]}></openrouter-message>` : nothing}
        </div>`)}
      </div>
      <form @submit=${this.#submit}>
        <textarea rows="1" aria-label="Prompt for both models" placeholder="Ask both models" @keydown=${(event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && this.#submit(event)}></textarea>
        ${this.isBusy ? html`<button type="button" @click=${() => this.#abort.abort()}>Stop</button>` : html`<button class="primary">Ask both</button>`}
      </form>`;
  }

  #table() {
    if (this.answers.length === 0 || this.isBusy) return html`<span></span>`;
    const rows = [
      ['First token, ms', (answer) => answer.firstTokenMs, Math.min, 0],
      ['Tokens per second', (answer) => answer.tokensPerSecond, Math.max, 1],
      ['Whole answer, ms', (answer) => answer.durationMs, Math.min, 0],
      ['Cost, USD', (answer) => answer.cost, Math.min, 6],
    ];
    return html`<table><caption>Comparison</caption>
      <thead><tr><th></th>${this.answers.map(({ model, requested }) => html`<th scope="col">${model ?? requested}</th>`)}</tr></thead>
      <tbody>${rows.map(([name, valueOf, better, digits]) => {
        const values = this.answers.map((answer) => (answer.error ? null : valueOf(answer)));
        const best = better(...values.filter((value) => value !== null));
        const isTied = new Set(values).size === 1;
        return html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td class=${value === best && !isTied ? 'best' : ''}>${value === null ? '–' : value.toFixed(digits)}</td>`)}</tr>`;
      })}</tbody></table>`;
  }
}

customElements.define('playground-compare', PlaygroundCompare);
