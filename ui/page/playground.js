import { LitElement, css, html, nothing } from 'lit';
import { Answer } from 'openrouter-native/ui';

import { PROGRAMS } from './code.js';
import './compare.js';
import { History, titleOf } from './history.js';
import { controls } from './look.js';

const THEMES = ['system', 'light', 'dark'];
const QUESTIONS = ['Why is the sky blue?', 'Write a haiku about Rust', 'Explain server-sent events with a table'];
/** The model of a first visit: cheap, and able to do everything that the page shows. */
const FIRST_MODEL = 'openai/gpt-5-mini';

/** The page of `openrouter-native playground`: a chat, a comparison, a history, and what can go wrong. */
class Playground extends LitElement {
  static properties = {
    about: { state: true },
    failure: { state: true },
    scenario: { state: true },
    view: { state: true },
    conversations: { state: true },
    theme: { state: true },
    program: { state: true },
    isFresh: { state: true },
    kept: { state: true },
  };

  static styles = [controls, css`
    :host { display: grid; grid-template-rows: auto minmax(0, 1fr); height: 100dvh; }
    header { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; padding: 0.5rem 0.75rem; background: var(--surface); border-bottom: 1px solid var(--line); }
    h1 { font-size: 1.1rem; margin: 0; }
    .mode { padding: 0.1rem 0.6rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600; }
    .mode.emulator { background: light-dark(#fef3c7, #3a2f07); color: light-dark(#7a4508, #fde047); }
    .mode.real { background: light-dark(#dcfce7, #14301f); color: light-dark(#166534, #86efac); }
    .end { margin-inline-start: auto; }
    .body { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 0.75rem; padding: 0.75rem; min-height: 0; }
    nav { overflow-y: auto; display: grid; gap: 0.25rem; align-content: start; }
    nav ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.25rem; }
    nav li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.25rem; }
    nav li button:first-child { text-align: start; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    p.about { margin: 0; }
    nav h2 { font-size: 0.9375rem; margin: 0; }
    main { min-width: 0; min-height: 0; display: grid; grid-template-rows: auto minmax(0, 1fr); gap: 0.5rem; }
    .questions { display: flex; flex-wrap: wrap; gap: 0.4rem; }
    dialog { border: 1px solid var(--line); border-radius: 0.5rem; background: var(--surface); color: var(--text); width: min(48rem, 94vw); }
    dialog pre { overflow: auto; max-height: 60vh; background: var(--raised); padding: 0.6rem; border-radius: 0.5rem; font: 0.8125rem / 1.5 ui-monospace, monospace; }
    .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
    @media (max-width: 48rem) {
      .body { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr); padding: 0.4rem; }
      header { padding: 0.3rem 0.4rem; gap: 0.3rem 0.5rem; }
      h1 { font-size: 1rem; }
      nav { max-height: 4.6rem; }
      nav h2 { display: none; }
      .questions { display: none; }
    }
  `];

  #history = new History();
  #id = crypto.randomUUID();

  constructor() {
    super();
    Object.assign(this, { about: null, failure: '', scenario: 'normal', view: 'chat', conversations: [], theme: 'system', program: 'curl', isFresh: true, kept: true });
  }

  async connectedCallback() {
    super.connectedCallback();
    try {
      const response = await fetch('about.json');
      this.about = await response.json();
    } catch {
      this.failure = 'The server of the playground has been stopped. Start it again, and open the new address.';
      return;
    }
    await this.#list();
    await this.updateComplete;
    this.#chat.shadowRoot.querySelector('textarea').focus();
  }

  get #chat() {
    return this.renderRoot.querySelector('openrouter-chat');
  }

  /** What the scenario adds to a request to a model. */
  #extra(model) {
    const { directives = {} } = this.#scenario ?? {};
    const filled = JSON.parse(JSON.stringify(directives).replaceAll('$model', model));
    return Object.keys(filled).length > 0 ? { emulator: filled } : {};
  }

  get #scenario() {
    return this.about.scenarios.find(({ id }) => id === this.scenario);
  }

  get #base() {
    return new URL(this.#scenario?.service ?? 'main', document.baseURI).pathname;
  }

  /** Adds the faults of the scenario at the last moment, so that neither the history nor an export of settings has them. */
  #onSend({ detail: { params } }) {
    Object.assign(params, this.#extra(params.model));
    this.isFresh = false;
  }

  async #onScenario({ target }) {
    this.scenario = target.value;
    const { fallbacks } = this.#scenario;
    const chat = this.#chat;
    if (fallbacks && chat.fallbacks.length === 0) chat.fallbacks = fallbacks.filter((model) => model !== chat.model);
    // A chain needs a model that fails; the router would choose another one.
    if (fallbacks && chat.effectiveModel.startsWith('openrouter/')) Object.assign(chat, { model: FIRST_MODEL, autoRouter: false });
  }

  async #keep() {
    const { messages, model, autoRouter, zdr, fallbacks, provider, params, system } = this.#chat;
    if (messages.length === 0) return;
    const plain = JSON.parse(JSON.stringify({ messages, settings: { model, autoRouter, zdr, fallbacks, provider, params, system } }));
    try {
      await this.#history.keep({ id: this.#id, title: titleOf(messages), ...plain });
      await this.#list();
    } catch {
      this.kept = false;
    }
  }

  async #list() {
    try {
      this.conversations = await this.#history.list();
    } catch {
      this.kept = false;
    }
  }

  #load({ id, messages, settings }) {
    this.#id = id;
    this.view = 'chat';
    this.isFresh = false;
    Object.assign(this.#chat, settings, { messages: messages.map((one) => (one.answer ? { ...one, answer: Answer.from(one.answer) } : one)) });
  }

  async #remove(id) {
    await this.#history.remove(id);
    await this.#list();
    if (id === this.#id) this.#chat.clear();
  }

  #begin() {
    this.#id = crypto.randomUUID();
    this.isFresh = true;
  }

  #setTheme({ target }) {
    this.theme = target.value;
    if (this.theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }

  /** The request that the export shows: the conversation up to the last question. */
  get #request() {
    const chat = this.#chat;
    const last = chat.messages.findLastIndex(({ role }) => role === 'user') + 1;
    const messages = chat.messages.slice(0, last).map((one) => (one.answer ? one.answer.message : one)).filter(Boolean);
    const all = chat.system.trim() === '' ? messages : [{ role: 'system', content: chat.system }, ...messages];
    return chat.request(all.length > 0 ? all : [{ role: 'user', content: QUESTIONS[0] }]);
  }

  #saveJson() {
    const { messages, model, autoRouter, zdr, fallbacks, provider, params, system } = this.#chat;
    const text = JSON.stringify({ settings: { model, autoRouter, zdr, fallbacks, provider, params, system }, messages }, null, 2);
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    Object.assign(document.createElement('a'), { href: url, download: 'conversation.json' }).click();
    URL.revokeObjectURL(url);
  }

  render() {
    if (this.failure) return html`<main><p role="alert">${this.failure}</p></main>`;
    if (!this.about) return nothing;
    const { isEmulator } = this.about;
    return html`
      <header>
        <h1>OpenRouter playground</h1>
        <span class="mode ${isEmulator ? 'emulator' : 'real'}">${isEmulator ? 'Emulator: canned answers, play money' : 'OpenRouter: your credits pay'}</span>
        <span class="row" role="group" aria-label="View">
          ${[['chat', 'Chat'], ['compare', 'Compare']].map(([id, name]) => html`<button aria-pressed=${this.view === id} @click=${() => { this.view = id; }}>${name}</button>`)}
        </span>
        ${isEmulator ? html`<label class="small">What happens
          <select class="scenario" @change=${this.#onScenario}>${this.about.scenarios.map(({ id, title }) => html`<option value=${id} ?selected=${id === this.scenario}>${title}</option>`)}</select></label>` : nothing}
        <span class="row end">
          <button class="code" @click=${() => { this.requestUpdate(); this.renderRoot.querySelector('dialog').showModal(); }}>Code</button>
          <button class="json" @click=${this.#saveJson}>Save as JSON</button>
          <label class="small">Theme <select @change=${this.#setTheme}>${THEMES.map((theme) => html`<option>${theme}</option>`)}</select></label>
        </span>
      </header>
      <div class="body">
        ${this.#nav()}
        <main>
          <div>
            ${isEmulator && this.#scenario.id !== 'normal' ? html`<p class="small muted about">${this.#scenario.about}</p>` : nothing}
            ${this.isFresh && this.view === 'chat' ? html`<div class="questions">${QUESTIONS.map((text) => html`<button @click=${() => this.#chat.send(text)}>${text}</button>`)}</div>` : nothing}
          </div>
          <openrouter-chat ?hidden=${this.view !== 'chat'} model=${FIRST_MODEL} .base=${this.#base} @openrouter-send=${this.#onSend} @openrouter-answer=${this.#keep} @openrouter-error=${this.#keep} @openrouter-clear=${this.#begin}></openrouter-chat>
          <playground-compare ?hidden=${this.view !== 'compare'} .base=${this.#base} .extra=${(model) => this.#extra(model)}></playground-compare>
        </main>
      </div>
      ${this.#dialog()}`;
  }

  #nav() {
    return html`
      <nav aria-label="History">
        <h2>History</h2>
        ${this.kept ? nothing : html`<p class="small muted">This browser keeps no history here.</p>`}
        ${this.conversations.length === 0 && this.kept ? html`<p class="small muted">Conversations stay in this browser.</p>` : nothing}
        <ul>${this.conversations.map((one) => html`<li><button @click=${() => this.#load(one)}>${one.title}</button>
          <button aria-label=${`Delete ${one.title}`} @click=${() => this.#remove(one.id)}>×</button></li>`)}</ul>
      </nav>`;
  }

  #dialog() {
    const text = this.#chat ? PROGRAMS[this.program](this.#request) : '';
    return html`
      <dialog aria-label="The request as code">
        <div class="row" role="group" aria-label="Program">
          ${Object.keys(PROGRAMS).map((name) => html`<button aria-pressed=${name === this.program} @click=${() => { this.program = name; }}>${name}</button>`)}
          <button class="end copy" @click=${() => navigator.clipboard.writeText(text)}>Copy</button>
          <button @click=${() => this.renderRoot.querySelector('dialog').close()}>Close</button>
        </div>
        <pre tabindex="0">${text}</pre>
      </dialog>`;
  }
}

customElements.define('openrouter-playground', Playground);
