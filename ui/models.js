import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import { OpenRouterElement, define } from './element.js';
import { perMillion, tokens } from './format.js';
import { icons } from './icons.js';
import { FILTERS, SORTS, entriesOf, searched } from './model-search.js';
import { t } from './texts.js';

/** How many rows beyond the visible ones are drawn. */
const SPARE = 6;
/** The height of a row, before one was measured. */
const ROW_PX = 60;

/** A picker of models: search, sorting, filters, by mouse and keyboard. Only the visible rows of the list are drawn. */
export class OpenRouterModels extends OpenRouterElement {
  static properties = {
    /** The id of the chosen model. */
    value: { type: String, reflect: true },
    /** `default`, `price`, `context` or `newest`. */
    sort: { type: String },
    /** The ability that the page needs; a model without it gets a warning. Only `tools`. */
    needs: { type: String },
    /** Shows the list without a button. */
    inline: { type: Boolean },
    /** The text of the button while no model is chosen, and the name of the picker. */
    label: { type: String },
    /** Keeps the button's text, because the picker adds to a list. */
    adds: { type: Boolean },
    isOpen: { state: true },
    query: { state: true },
    filters: { state: true },
    active: { state: true },
    entries: { state: true },
    within: { state: true },
    failure: { state: true },
    top: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    :host { position: relative; display: inline-block; max-width: 100%; }
    :host([inline]) { display: block; }
    .chosen { display: inline-flex; align-items: center; gap: 0.4rem; max-width: 100%; text-align: start; position: relative; }
    .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .tip { display: none; position: absolute; inset-inline-start: 0; top: calc(100% + 0.3rem); z-index: 30; padding: 0.4rem 0.6rem; border-radius: var(--radius); background: var(--text); color: var(--surface); font-size: 0.8125rem; width: max-content; max-width: 20rem; }
    .chosen:hover + .tip, .chosen:focus-visible + .tip { display: block; }
    .chosen[aria-expanded='true'] + .tip { display: none; }
    .panel { display: flex; flex-direction: column; gap: 0.5rem; padding: 0.6rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
    :host(:not([inline])) .panel { position: absolute; z-index: 20; top: calc(100% + 0.3rem); inset-inline-start: 0; width: min(34rem, calc(100vw - 2rem)); box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 0.25); }
    .search { width: 100%; }
    .filters button { border-radius: 1rem; min-height: 1.75rem; padding: 0 0.6rem; font-size: 0.8125rem; }
    .filters button[aria-pressed='true'] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
    .list { height: var(--openrouter-list-height, 20rem); overflow-y: auto; border-top: 1px solid var(--line); contain: strict; }
    .option { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-content: center; gap: 0 0.6rem; height: 3.75rem; padding: 0 0.5rem; border-radius: var(--radius); cursor: pointer; }
    .option > * { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    .option.active { background: var(--raised); outline: 2px solid var(--accent); outline-offset: -2px; }
    .option[aria-selected='true'] .name { font-weight: 700; color: var(--accent); }
    .price { font-variant-numeric: tabular-nums; text-align: end; }
    .badge { display: inline-block; margin-inline-end: 0.25rem; padding: 0 0.35rem; border: 1px solid var(--line); border-radius: 0.7rem; font-size: 0.75rem; color: var(--muted); background: var(--surface); }
    .badge.lacks { color: var(--yellow); background: var(--yellow-back); border-color: transparent; }
  `];

  #rowPx = ROW_PX;
  #found = [];

  constructor() {
    super();
    Object.assign(this, { value: '', sort: 'default', needs: '', inline: false, label: '', adds: false });
    Object.assign(this, { isOpen: false, query: '', filters: new Set(), active: 0, entries: null, within: null, failure: null, top: 0 });
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener('focusout', this.#onLeave);
    queueMicrotask(() => this.isConnected && this.load());
  }

  updated(changed) {
    if (changed.has('base') && changed.get('base') !== undefined) this.load();
    const row = this.renderRoot.querySelector('.option');
    if (row && row.offsetHeight > 0) this.#rowPx = row.offsetHeight;
  }

  /** Loads the models; with `isForced` anew. */
  async load(isForced = false) {
    try {
      this.entries = entriesOf(await this.api.models({ force: isForced }));
      this.failure = null;
    } catch (error) {
      this.failure = error;
      this.tell('error', { error });
    }
  }

  /** The facts of a model of the list; undefined if the list does not have it. */
  entry(id) {
    return this.entries?.find((one) => one.id === id);
  }

  /** Opens the list and puts the cursor into the search. */
  async open() {
    this.isOpen = true;
    await this.updateComplete;
    this.renderRoot.querySelector('.search')?.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.renderRoot.querySelector('.chosen')?.focus();
  }

  #onLeave = ({ relatedTarget }) => {
    if (relatedTarget === null || !(this.contains(relatedTarget) || this.renderRoot.contains(relatedTarget))) this.isOpen = false;
  };

  #choose(entry) {
    if (!entry) return;
    if (!this.adds) this.value = entry.id;
    this.close();
    this.tell('model', { model: entry.id, info: entry.info, isMain: !this.adds });
  }

  #search(change) {
    Object.assign(this, change);
    this.active = 0;
    this.top = 0;
    const list = this.renderRoot.querySelector('.list');
    if (list) list.scrollTop = 0;
  }

  async #filter(name) {
    const filters = new Set(this.filters);
    if (!filters.delete(name)) filters.add(name);
    this.#search({ filters });
    if (name !== 'zdr') return;
    try {
      this.within = filters.has('zdr') ? new Set(entriesOf(await this.api.models({ zdr: true })).map(({ id }) => id)) : null;
    } catch (error) {
      this.failure = error;
    }
  }

  #onKey(event) {
    const page = Math.max(1, Math.floor((this.renderRoot.querySelector('.list')?.clientHeight ?? 0) / this.#rowPx) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key in steps) this.#move(this.active + steps[event.key]);
    else if (event.key === 'Enter') this.#choose(this.#found[this.active]);
    else if (event.key === 'Escape' && this.isOpen) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(to) {
    this.active = Math.min(Math.max(to, 0), this.#found.length - 1);
    const list = this.renderRoot.querySelector('.list');
    if (!list) return;
    const from = this.active * this.#rowPx;
    if (from < list.scrollTop) list.scrollTop = from;
    else if (from + this.#rowPx > list.scrollTop + list.clientHeight) list.scrollTop = from + this.#rowPx - list.clientHeight;
    this.top = list.scrollTop;
  }

  render() {
    const isShown = this.inline || this.isOpen;
    const chosen = this.entry(this.value);
    return html`
      ${this.inline ? nothing : this.#button(chosen)}
      ${isShown ? this.#panel() : nothing}
      ${!this.adds && this.#lacks(chosen) ? html`<p class="note" role="status">${t('models.unsupported', { model: chosen.model.name ?? chosen.id })}</p>` : nothing}`;
  }

  #lacks(entry) {
    return this.needs === 'tools' && entry !== undefined && !entry.has('tools') && !entry.id.startsWith('openrouter/');
  }

  #button(chosen) {
    const label = this.label || t('models.label');
    return html`
      <button class="chosen" aria-haspopup="dialog" aria-expanded=${this.isOpen}
        aria-describedby=${chosen && !this.adds ? 'tip' : nothing} @click=${() => (this.isOpen ? this.close() : this.open())}>
        ${this.adds ? icons.plus : html`<span class="unseen">${label}: </span>`}
        ${chosen && !this.adds
          ? html`<span class="name"><span class="muted">${chosen.maker ? `${chosen.maker}: ` : ''}</span>${chosen.name}</span>
            ${chosen.info.contextLength ? html`<span class="badge">${tokens(chosen.info.contextLength)}</span>` : nothing}`
          : html`<span class="name">${this.adds ? label : this.value || t('models.choose')}</span>`}
        ${icons.open}
      </button>
      ${chosen && !this.adds ? html`<span class="tip" id="tip" role="tooltip">${chosen.id}<br>${this.#context(chosen)}<br>${this.#prices(chosen)}<br>${chosen.badges.join(', ')}</span>` : nothing}`;
  }

  #panel() {
    this.#found = this.entries ? searched(this.entries, this) : [];
    const name = this.label || t('models.choose');
    const body = html`
      <input class="search" type="search" role="combobox" aria-expanded="true" aria-controls="list" aria-autocomplete="list" autocomplete="off" aria-label=${t('models.search')}
        placeholder=${t('models.search')} aria-activedescendant=${this.#found.length > 0 ? `option-${this.active}` : nothing}
        .value=${this.query} @input=${({ target }) => this.#search({ query: target.value })} @keydown=${this.#onKey}>
      <div class="row">
        <span class="row filters" role="group" aria-label=${t('models.filters')}>
          ${[...FILTERS, 'zdr'].map((filter) => html`<button aria-pressed=${this.filters.has(filter)} @click=${() => this.#filter(filter)}>${t(`models.capability.${filter}`)}</button>`)}
        </span>
        <label class="small">${t('models.sort')}
          <select .value=${this.sort} @change=${({ target }) => this.#search({ sort: target.value })}>
            ${SORTS.map((sort) => html`<option value=${sort} ?selected=${sort === this.sort}>${t(`models.sort.${sort}`)}</option>`)}
          </select></label>
      </div>
      <div class="small muted" role="status">${this.entries ? (this.#found.length > 0 ? t('models.count', { count: this.#found.length }) : t('models.none')) : this.failure ? nothing : t('models.loading')}</div>
      ${this.failure ? html`<p class="alert" role="alert">${t('models.failed', { message: this.failure.message })} <button @click=${() => this.load(true)}>${t('models.retry')}</button></p>` : nothing}
      ${this.#list()}`;
    return html`<div class="panel" role=${this.inline ? 'group' : 'dialog'} aria-label=${name} @keydown=${(event) => event.key === 'Escape' && this.close()}>${body}</div>`;
  }

  #list() {
    const first = Math.max(0, Math.floor(this.top / this.#rowPx) - SPARE);
    const shown = Math.ceil((this.renderRoot.querySelector?.('.list')?.clientHeight || 320) / this.#rowPx) + 2 * SPARE;
    const last = Math.min(this.#found.length, first + shown);
    const rows = this.#found.slice(first, last).map((entry, at) => [entry, first + at]);
    return html`
      <div class="list" id="list" role="listbox" tabindex="-1" aria-label=${t('models.list')} @scroll=${({ target }) => { this.top = target.scrollTop; }}>
        <div role="presentation" .style=${`height:${first * this.#rowPx}px`}></div>
        ${repeat(rows, ([entry]) => entry.id, ([entry, at]) => this.#option(entry, at))}
        <div role="presentation" .style=${`height:${(this.#found.length - last) * this.#rowPx}px`}></div>
      </div>`;
  }

  #option(entry, at) {
    const { info } = entry;
    return html`
      <div class="option ${at === this.active ? 'active' : ''}" role="option" id="option-${at}" aria-selected=${entry.id === this.value} aria-setsize=${this.#found.length} aria-posinset=${at + 1}
        title="${entry.id}\n${this.#prices(entry)}" @mousedown=${(event) => event.preventDefault()} @click=${() => this.#choose(entry)}>
        <span class="name"><span class="muted">${entry.maker ? `${entry.maker}: ` : ''}</span>${entry.name}</span>
        <span class="price small">${this.#shortPrice(info)}</span>
        <span>${this.#lacks(entry) ? html`<span class="badge lacks">${t('models.no-tools')}</span>` : nothing}${entry.badges.map((badge) => html`<span class="badge">${badge}</span>`)}</span>
        <span class="price small muted">${info.contextLength ? tokens(info.contextLength) : ''}</span>
      </div>`;
  }

  #shortPrice({ free, promptPrice, completionPrice }) {
    if (free) return t('models.free');
    return promptPrice === null || completionPrice === null ? t('models.varies') : t('models.short-price', { prompt: perMillion(promptPrice), completion: perMillion(completionPrice) });
  }

  #prices({ info: { promptPrice, completionPrice } }) {
    const words = (price) => (price === null ? t('models.varies') : perMillion(price));
    return t('models.price', { prompt: words(promptPrice), completion: words(completionPrice) });
  }

  #context({ info: { contextLength } }) {
    return contextLength ? t('models.context', { size: tokens(contextLength) }) : '';
  }
}

define('openrouter-models', OpenRouterModels);
