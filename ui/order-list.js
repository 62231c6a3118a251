import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import { OpenRouterElement, define } from './element.js';
import { icons } from './icons.js';
import { t } from './texts.js';

/** A list that is brought into order by dragging, by buttons, or by Alt and the arrow keys. Other elements contain it. */
export class OpenRouterOrder extends OpenRouterElement {
  static properties = {
    /** The items: `{ key, name, note?, tone? }`. */
    items: { attribute: false },
    /** What is ordered. */
    label: { type: String },
    said: { state: true },
  };

  static styles = [OpenRouterElement.styles, css`
    ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.3rem; }
    li { display: grid; grid-template-columns: auto auto minmax(0, 1fr) auto; align-items: center; gap: 0.4rem; padding: 0.25rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
    .handle { cursor: grab; touch-action: none; display: grid; place-items: center; width: 1.75rem; height: 2rem; color: var(--muted); }
    .rank { font-variant-numeric: tabular-nums; color: var(--muted); }
    .name { overflow-wrap: anywhere; }
    .dragged { background: var(--raised); outline: 2px solid var(--accent); }
    .dragged .handle { cursor: grabbing; }
    .good { color: var(--green); }
    .bad { color: var(--red); }
  `];

  /** The drag in progress: the key of its item, and the order from before it. */
  #drag = null;

  constructor() {
    super();
    this.items = [];
    this.label = '';
    this.said = '';
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#drag = null;
  }

  #onGrab(event, key) {
    if (event.button !== 0) return;
    event.preventDefault();
    // The handle gets all further events of this finger or mouse, wherever it goes.
    event.currentTarget.setPointerCapture(event.pointerId);
    this.#drag = { key, before: this.items };
    this.requestUpdate();
  }

  /** The row takes the place of the one that the pointer is over, already while it is dragged. */
  #onDrag({ clientY }) {
    if (this.#drag === null) return;
    const from = this.items.findIndex(({ key }) => key === this.#drag.key);
    const rows = [...this.renderRoot.querySelectorAll('li')].map((row) => row.getBoundingClientRect());
    const over = rows.findIndex(({ top, bottom }) => clientY >= top && clientY < bottom);
    const to = over >= 0 ? over : clientY < rows[0].top ? 0 : clientY >= rows.at(-1).bottom ? rows.length - 1 : from;
    // A row that is higher than its neighbour would change places with it again and again, unless the pointer is past its middle.
    const middle = (rows[to].top + rows[to].bottom) / 2;
    if (to > from ? clientY > middle : clientY < middle) this.items = moved(this.items, from, to);
  }

  #onDrop() {
    if (this.#drag === null) return;
    const { key, before } = this.#drag;
    this.#drag = null;
    this.requestUpdate();
    if (before === this.items) return;
    const at = this.items.findIndex((item) => item.key === key);
    this.#say(at);
    this.#change(this.items);
  }

  #onCancel() {
    if (this.#drag === null) return;
    this.items = this.#drag.before;
    this.#drag = null;
    this.requestUpdate();
  }

  #move(from, to) {
    if (to < 0 || to >= this.items.length || from === to) return;
    this.#change(moved(this.items, from, to));
    this.#say(to);
  }

  #say(at) {
    this.said = t('order.moved', { name: this.items[at].name, position: at + 1, count: this.items.length });
  }

  async #remove(at) {
    const { name } = this.items[at];
    this.said = t('order.removed', { name });
    this.#change(this.items.filter((_, index) => index !== at));
    await this.updateComplete;
    this.#focus(Math.min(at, this.items.length - 1), '.remove');
  }

  #change(items) {
    this.items = items;
    this.dispatchEvent(new CustomEvent('order-change', { detail: { keys: items.map(({ key }) => key) } }));
  }

  /** A button that was moved keeps the focus, so that it can be pressed again. */
  async #step(at, by, button) {
    const to = at + by;
    this.#move(at, to);
    await this.updateComplete;
    this.#focus(Math.min(Math.max(to, 0), this.items.length - 1), button);
  }

  #focus(at, button) {
    const row = this.renderRoot.querySelectorAll('li')[at];
    const wanted = row?.querySelector(button);
    (wanted?.disabled ? row.querySelector('button:not(:disabled)') : wanted)?.focus();
  }

  #onKey(event, at) {
    if (event.key === 'Escape') this.#onCancel();
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    const button = event.composedPath()[0].classList?.item(1) ?? 'remove';
    this.#step(at, by, `.${button}`);
  }

  render() {
    const count = this.items.length;
    return html`
      <ol aria-label=${this.label || nothing}>
        ${repeat(this.items, ({ key }) => key, ({ key, name, note, tone }, at) => html`
          <li class=${this.#drag?.key === key ? 'dragged' : ''} @keydown=${(event) => this.#onKey(event, at)}>
            <span class="handle" title=${t('order.handle', { name })} @pointerdown=${(event) => this.#onGrab(event, key)} @pointermove=${this.#onDrag}
              @pointerup=${this.#onDrop} @pointercancel=${this.#onCancel}>${icons.handle}</span>
            <span class="rank" aria-hidden="true">${at + 1}.</span>
            <span class="name"><span class="unseen">${t('order.position', { position: at + 1, count })}: </span>${name}${note ? html`<br><span class="small ${tone ?? 'muted'}">${note}</span>` : nothing}</span>
            <span class="row">
              <button class="icon up" aria-label=${t('order.up', { name })} ?disabled=${at === 0} @click=${() => this.#step(at, -1, '.up')}>${icons.up}</button>
              <button class="icon down" aria-label=${t('order.down', { name })} ?disabled=${at === count - 1} @click=${() => this.#step(at, 1, '.down')}>${icons.down}</button>
              <button class="icon remove" aria-label=${t('order.remove', { name })} @click=${() => this.#remove(at)}>${icons.remove}</button>
            </span>
          </li>`)}
      </ol>
      <span class="unseen" role="status">${this.said}</span>`;
  }
}

/** Returns a list in which one item has another place. */
function moved(items, from, to) {
  const all = [...items];
  all.splice(to, 0, ...all.splice(from, 1));
  return all;
}

define('openrouter-order', OpenRouterOrder);
