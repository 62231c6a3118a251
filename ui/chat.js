import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import { Answer } from './answer.js';
import './credits.js';
import { OpenRouterElement, define } from './element.js';
import './fallbacks.js';
import { icons } from './icons.js';
import './message.js';
import './models.js';
import './providers.js';
import { t } from './texts.js';
import { AUTO } from './toggles.js';

/** How near to its end a conversation must be scrolled to follow the answer. */
const NEAR_PX = 80;

/** A whole chat: models, routing, credits, settings, and the conversation. */
export class OpenRouterChat extends OpenRouterElement {
  static properties = {
    /** The id of the model to ask. */
    model: { type: String, reflect: true },
    autoRouter: { type: Boolean, attribute: 'auto-router', reflect: true },
    zdr: { type: Boolean, reflect: true },
    /** The fallback chain. */
    fallbacks: { type: Array },
    /** The provider preferences. */
    provider: { type: Object },
    /** Further parameters of each request, such as `temperature` and `tools`. */
    params: { type: Object },
    /** The system message. */
    system: { type: String },
    /** The conversation: `{ role: 'user', content }` and `{ role: 'assistant', answer }` or messages of the API. */
    messages: { attribute: false },
    pieces: { type: Boolean },
    isOpen: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    :host { height: 100%; min-height: 20rem; }
    .chat { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; height: 100%; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
    .bar { padding: 0.5rem; border-bottom: 1px solid var(--line); align-items: start; }
    .bar > .end { margin-inline-start: auto; }
    .middle { display: grid; grid-template-columns: minmax(0, 1fr); min-height: 0; }
    .middle.open { grid-template-columns: minmax(0, 1fr) minmax(0, 24rem); }
    .log { overflow-y: auto; padding: 0.75rem; display: flex; flex-direction: column; gap: 1rem; position: relative; }
    .settings { overflow-y: auto; border-inline-start: 1px solid var(--line); padding: 0.75rem; display: grid; gap: 0.5rem; align-content: start; }
    .settings h2 { margin: 0.4rem 0 0; font-size: 1rem; }
    .settings label { display: grid; gap: 0.2rem; }
    .settings label.check { display: flex; gap: 0.5rem; align-items: center; }
    form { display: flex; gap: 0.5rem; align-items: end; padding: 0.5rem; border-top: 1px solid var(--line); }
    textarea { width: 100%; resize: vertical; field-sizing: content; max-height: 12rem; }
    @media (max-width: 48rem) {
      .middle.open { grid-template-columns: minmax(0, 1fr); }
      .middle.open .log { display: none; }
      .settings { border-inline-start: 0; }
    }
  `];

  #abort = null;
  #follows = true;

  constructor() {
    super();
    Object.assign(this, { model: AUTO, autoRouter: false, zdr: false, fallbacks: [], provider: {}, params: {}, system: '', messages: [], pieces: false, isOpen: false });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
  }

  willUpdate(changed) {
    // The toggle and the model are one choice. The model that was chosen before is kept for when the router is turned off.
    if (changed.has('model') && this.model === AUTO) this.autoRouter = true;
  }

  updated() {
    const log = this.renderRoot.querySelector('.log');
    if (this.#follows) log.scrollTop = log.scrollHeight;
  }

  /** The model that the next request names. */
  get effectiveModel() {
    return this.autoRouter || !this.model ? AUTO : this.model;
  }

  /** Whether an answer is being received. */
  get isBusy() {
    return this.#abort !== null;
  }

  /** The parameters of a request with these messages, or with those of the conversation. */
  request(messages = this.history) {
    const model = this.effectiveModel;
    return {
      ...this.params,
      model,
      messages,
      stream: true,
      // The auto router chooses by itself; a chain beside it would be refused.
      ...(model !== AUTO && this.fallbacks.length > 0 && { models: [...this.fallbacks] }),
      ...(Object.keys(this.provider).length > 0 && { provider: this.provider }),
      ...(this.zdr && { zdr: true }),
    };
  }

  /** The conversation as the API takes it. An answer that came to nothing is left out. */
  get history() {
    const messages = this.messages.map((one) => (one.answer ? one.answer.message : one)).filter(Boolean);
    return this.system.trim() === '' ? messages : [{ role: 'system', content: this.system }, ...messages];
  }

  /** Sends a message. Resolves to the answer, also after a failure; null if the page prevented it. */
  async send(content) {
    if (this.isBusy) return null;
    const messages = [...this.messages, { role: 'user', content }];
    return this.#ask(messages);
  }

  /** Asks the last question again. */
  async retry() {
    if (this.isBusy) return null;
    return this.#ask(this.messages.slice(0, this.messages.findLastIndex(({ role }) => role === 'user') + 1));
  }

  async #ask(messages) {
    const before = this.messages;
    this.messages = messages;
    const params = this.request();
    if (!this.tell('send', { params }, { cancelable: true })) {
      this.messages = before;
      return null;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#follows = true;
    const answer = new Answer({ requested: params.model });
    this.messages = [...messages, { role: 'assistant', answer }];
    await this.updateComplete;
    const shown = this.renderRoot.querySelector('openrouter-message:last-of-type');
    const { signal } = abort;
    await answer.read(this.api.chat(params, signal), { signal, onChange: () => this.#grew(shown) });
    this.#abort = null;
    this.requestUpdate();
    this.tell(answer.error ? 'error' : 'answer', { answer, error: answer.error, params });
    this.renderRoot.querySelector('openrouter-credits')?.load();
    return answer;
  }

  async #grew(shown) {
    shown.grew();
    await shown.updateComplete;
    const log = this.renderRoot.querySelector('.log');
    if (this.#follows) log.scrollTop = log.scrollHeight;
  }

  /** Ends the answer that is being received. What had come stays. */
  stop() {
    this.#abort?.abort();
  }

  /** Begins a new conversation. */
  clear() {
    this.stop();
    this.messages = [];
    this.tell('clear', {});
  }

  async #submit() {
    const field = this.renderRoot.querySelector('textarea');
    const text = field.value.trim();
    if (text === '' || this.isBusy) return;
    field.value = '';
    await this.send(text);
  }

  #onKey(event) {
    // While a word is being composed, Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #set(change) {
    Object.assign(this, change);
    const { model, autoRouter, zdr, fallbacks, provider, params, system } = this;
    this.tell('settings', { model, autoRouter, zdr, fallbacks, provider, params, system });
  }

  #onModel({ detail }) {
    if (detail.isMain) this.#set({ model: detail.model, autoRouter: detail.model === AUTO });
  }

  #setParam(name, text) {
    const params = { ...this.params };
    if (text === '' || !Number.isFinite(Number(text))) delete params[name];
    else params[name] = Number(text);
    this.#set({ params });
  }

  render() {
    const hasTools = Array.isArray(this.params.tools) && this.params.tools.length > 0;
    return html`
      <section class="chat" aria-label=${t('chat.label')} @openrouter-model=${this.#onModel}>
        <div class="bar row">
          <openrouter-models .base=${this.base} .value=${this.effectiveModel} needs=${hasTools ? 'tools' : ''}></openrouter-models>
          <openrouter-toggles .autoRouter=${this.autoRouter} .zdr=${this.zdr} @openrouter-toggle=${({ detail }) => this.#set({ ...detail })}></openrouter-toggles>
          <span class="row end">
            <openrouter-credits .base=${this.base}></openrouter-credits>
            <button class="icon" aria-label=${t('chat.clear')} title=${t('chat.clear')} @click=${this.clear}>${icons.plus}</button>
            <button class="icon settings-button" aria-label=${t('chat.settings')} title=${t('chat.settings')} aria-expanded=${this.isOpen} @click=${() => { this.isOpen = !this.isOpen; }}>${icons.settings}</button>
          </span>
        </div>
        <div class="middle ${this.isOpen ? 'open' : ''}">
          <div class="log" role="log" aria-label=${t('chat.log')} tabindex="0" @scroll=${({ target }) => { this.#follows = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR_PX; }}>
            ${this.messages.length === 0 ? html`<p class="muted">${t('chat.empty')}</p>` : nothing}
            ${repeat(this.messages, (_, at) => at, (one, at) => this.#message(one, at))}
          </div>
          ${this.isOpen ? this.#settings() : nothing}
        </div>
        <form @submit=${(event) => { event.preventDefault(); this.#submit(); }}>
          <textarea rows="1" aria-label=${t('chat.prompt')} placeholder=${t('chat.placeholder')} @keydown=${this.#onKey}></textarea>
          ${this.isBusy ? html`<button type="button" class="stop" @click=${this.stop}>${t('chat.stop')}</button>` : html`<button class="primary send">${t('chat.send')}</button>`}
        </form>
      </section>`;
  }

  #message(one, at) {
    const isLast = at === this.messages.length - 1;
    const before = this.messages.slice(0, at).findLast(({ answer }) => answer?.model)?.answer.model ?? '';
    return html`<openrouter-message from=${one.role} .content=${typeof one.content === 'string' ? one.content : ''} .answer=${one.answer ?? null}
      .previousModel=${before} ?pieces=${this.pieces} .canRetry=${isLast} @openrouter-retry=${() => this.retry()}></openrouter-message>`;
  }

  #settings() {
    const { base, params } = this;
    return html`
      <div class="settings" role="group" aria-label=${t('chat.settings')}>
        <h2>${t('chat.group.model')}</h2>
        <openrouter-fallbacks .base=${base} .models=${this.fallbacks} .model=${this.autoRouter ? '' : this.model} .autoRouter=${this.autoRouter}
          @openrouter-fallbacks=${({ detail }) => this.#set({ fallbacks: detail.models })}></openrouter-fallbacks>
        <h2>${t('chat.group.providers')}</h2>
        <openrouter-providers .base=${base} .provider=${this.provider} .model=${this.effectiveModel}
          @openrouter-provider=${({ detail }) => this.#set({ provider: detail.provider })}></openrouter-providers>
        <h2>${t('chat.group.credits')}</h2>
        <openrouter-credits details .base=${base}></openrouter-credits>
        <h2>${t('chat.group.answer')}</h2>
        <label>${t('chat.system')}<textarea rows="2" .value=${this.system} @change=${({ target }) => this.#set({ system: target.value })}></textarea></label>
        <label>${t('chat.temperature')}<input type="number" min="0" max="2" step="0.1" .value=${String(params.temperature ?? '')} @change=${({ target }) => this.#setParam('temperature', target.value)}></label>
        <label>${t('chat.max')}<input type="number" min="1" step="1" .value=${String(params.max_tokens ?? '')} @change=${({ target }) => this.#setParam('max_tokens', target.value)}></label>
        <label class="check"><input type="checkbox" .checked=${this.pieces} @change=${({ target }) => { this.pieces = target.checked; }}>${t('chat.tokens')}</label>
      </div>`;
  }
}

define('openrouter-chat', OpenRouterChat);
