import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import { OpenRouterElement, define } from './element.js';
import { number, perMillion } from './format.js';
import './order-list.js';
import { t } from './texts.js';

const ROLES = ['any', 'order', 'only', 'ignore'];
const SORTS = ['price', 'throughput', 'latency'];

/** Which providers may answer, in which order, by which rules. */
export class OpenRouterProviders extends OpenRouterElement {
  static properties = {
    /** The preferences, as the field `provider` of a request has them. */
    provider: { type: Object },
    /** Shows only the providers of this model, with its price and uptime at each. */
    model: { type: String },
    list: { state: true },
    query: { state: true },
    failure: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    .stack { display: grid; gap: 0.6rem; }
    label { display: flex; gap: 0.5rem; align-items: center; }
    fieldset { margin: 0; padding: 0.4rem 0.6rem; border: 1px solid var(--line); border-radius: var(--radius); display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; }
    input[type='number'] { width: 7rem; }
    .list { max-height: 14rem; overflow-y: auto; border: 1px solid var(--line); border-radius: var(--radius); margin: 0; padding: 0.2rem 0.5rem; list-style: none; }
    .list li { display: flex; justify-content: space-between; gap: 0.5rem; align-items: center; padding: 0.15rem 0; }
    .list span { overflow-wrap: anywhere; min-width: 0; }
    .list select { flex: none; }
  `];

  constructor() {
    super();
    Object.assign(this, { provider: {}, model: '', list: [], query: '', failure: null });
  }

  connectedCallback() {
    super.connectedCallback();
    queueMicrotask(() => this.isConnected && this.load());
  }

  updated(changed) {
    if ((changed.has('model') && changed.get('model') !== undefined) || (changed.has('base') && changed.get('base') !== undefined)) this.load();
  }

  /** Loads the providers of the model, or all. */
  async load() {
    const { model } = this;
    try {
      const list = model && !model.startsWith('openrouter/') ? endpointsAsProviders((await this.api.endpoints(model)).endpoints) : await this.api.providers();
      // A slower answer for a model that was chosen before must not replace that of the present one.
      if (model !== this.model) return;
      this.list = list;
      this.failure = null;
    } catch (error) {
      this.failure = error;
      this.tell('error', { error });
    }
  }

  #roleOf(slug) {
    return ROLES.find((role) => this.provider[role]?.includes(slug)) ?? 'any';
  }

  #setRole(slug, role) {
    const change = {};
    for (const name of ROLES.slice(1)) {
      const others = (this.provider[name] ?? []).filter((one) => one !== slug);
      change[name] = name === role ? [...others, slug] : others;
    }
    this.#set(change);
  }

  /** Empty lists and values that are not set are left out, because the API refuses an empty `only`. */
  #set(change) {
    const isSet = (value) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
    this.provider = Object.fromEntries(Object.entries({ ...this.provider, ...change }).filter(([, value]) => isSet(value)));
    this.tell('provider', { provider: this.provider });
  }

  #setPrice(kind, text) {
    const price = { ...this.provider.max_price };
    if (text === '' || !(Number(text) >= 0)) delete price[kind];
    else price[kind] = Number(text);
    this.#set({ max_price: Object.keys(price).length > 0 ? price : undefined });
  }

  render() {
    const { provider } = this;
    const words = this.query.toLowerCase().trim();
    const shown = this.list.filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(words));
    const nameOf = (slug) => this.list.find((one) => one.slug === slug)?.name ?? slug;
    return html`
      <div class="stack" role="group" aria-label=${t('providers.label')}>
        <label>${t('providers.sort')}
          <select @change=${({ target }) => this.#set({ sort: target.value || undefined })}>
            <option value="">${t('providers.sort.default')}</option>
            ${SORTS.map((sort) => html`<option value=${sort} ?selected=${sort === (provider.sort?.by ?? provider.sort)}>${t(`providers.sort.${sort}`)}</option>`)}
          </select></label>
        ${this.#check('data_collection', 'providers.collection', provider.data_collection === 'deny', (isOn) => (isOn ? 'deny' : undefined))}
        ${this.#check('require_parameters', 'providers.parameters', provider.require_parameters === true, (isOn) => isOn || undefined)}
        ${this.#check('allow_fallbacks', 'providers.fallbacks', provider.allow_fallbacks !== false, (isOn) => (isOn ? undefined : false))}
        <fieldset><legend class="small">${t('providers.price')}</legend>
          ${['prompt', 'completion'].map((kind) => html`<label>${t(`providers.price.${kind}`)}
            <input type="number" min="0" step="any" inputmode="decimal" .value=${String(provider.max_price?.[kind] ?? '')} @change=${({ target }) => this.#setPrice(kind, target.value)}></label>`)}
        </fieldset>
        ${provider.order?.length > 0
          ? html`<span class="small muted">${t('providers.order')}</span><openrouter-order .label=${t('providers.order')} .items=${provider.order.map((slug) => ({ key: slug, name: nameOf(slug) }))} @order-change=${({ detail }) => this.#set({ order: detail.keys })}></openrouter-order>`
          : nothing}
        <input type="search" aria-label=${t('providers.search')} placeholder=${t('providers.search')} .value=${this.query} @input=${({ target }) => { this.query = target.value; }}>
        ${this.failure ? html`<p class="alert" role="alert">${t('providers.failed', { message: this.failure.message })} <button @click=${() => this.load()}>${t('models.retry')}</button></p>` : nothing}
        <ul class="list" tabindex="0" aria-label=${t('providers.table')}>
          ${repeat(shown, ({ slug }) => slug, ({ name, slug, facts }) => html`<li><span>${name}${facts ? html` <span class="small muted">${facts()}</span>` : nothing}</span>
            <select aria-label=${t('providers.role', { name })} .value=${this.#roleOf(slug)} @change=${({ target }) => this.#setRole(slug, target.value)}>
              ${ROLES.map((role) => html`<option value=${role} ?selected=${role === this.#roleOf(slug)}>${t(`providers.role.${role}`)}</option>`)}
            </select></li>`)}
        </ul>
      </div>`;
  }

  #check(name, key, isOn, valueOf) {
    return html`<label><input type="checkbox" .checked=${isOn} @change=${({ target }) => this.#set({ [name]: valueOf(target.checked) })}>${t(key)}</label>`;
  }
}

/** The endpoints of a model, one for each provider, with what a user chooses by. */
function endpointsAsProviders(endpoints = []) {
  const bySlug = new Map();
  for (const { tag, provider_name: name, pricing = {}, uptime_last_1d: uptime, zdr } of endpoints) {
    // A tag may name a variant, such as `deepinfra/fp4`. A preference for the provider takes both.
    const slug = String(tag ?? name).split('/')[0];
    const facts = () => [
      Number(pricing.prompt) >= 0 ? `${perMillion(Number(pricing.prompt))} / ${perMillion(Number(pricing.completion))}` : t('models.varies'),
      typeof uptime === 'number' ? `${number(uptime)} %` : '',
      zdr ? t('providers.zdr') : '',
    ].filter(Boolean).join(' · ');
    if (!bySlug.has(slug)) bySlug.set(slug, { slug, name, facts });
  }
  return [...bySlug.values()];
}

define('openrouter-providers', OpenRouterProviders);
