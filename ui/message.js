import { css, html, nothing } from 'lit';

import { Answer, isRouter, isSameModel } from './answer.js';
import { OpenRouterElement, define } from './element.js';
import { money, number } from './format.js';
import { drawSoon } from './frames.js';
import { icons } from './icons.js';
import { GrowingMarkdown, normalized } from './markdown.js';
import { t } from './texts.js';

/** How long `Copied` stands on a button. */
const COPIED_MS = 1500;

/** A message: the words of the user, or an answer as it streams, with who gave it, how fast, and for which price. */
export class OpenRouterMessage extends OpenRouterElement {
  static properties = {
    /** `user` or `assistant`. */
    from: { type: String },
    /** The text of a user's message, or of an answer without further facts. */
    content: { type: String },
    /** An `Answer`. */
    answer: { attribute: false },
    /** The model of the answer before, to tell a change. */
    previousModel: { type: String, attribute: 'previous-model' },
    /** Shows where each piece that arrived ends. */
    pieces: { type: Boolean },
    /** Offers to send the question again. */
    canRetry: { type: Boolean, attribute: 'can-retry' },
  };

  static styles = [OpenRouterElement.styles, css`
    /* What is out of sight is neither laid out nor painted. */
    :host { content-visibility: auto; contain-intrinsic-block-size: auto 8rem; }
    article { display: grid; gap: 0.4rem; min-width: 0; }
    header { display: flex; flex-wrap: wrap; gap: 0.1rem 0.6rem; align-items: baseline; }
    .who { font-weight: 700; }
    .user { background: var(--raised); border-radius: var(--radius); padding: 0.5rem 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    .text { overflow-wrap: anywhere; min-width: 0; }
    .text > :first-child { margin-top: 0; }
    .text > :last-child { margin-bottom: 0; }
    .text a, .sources a { color: var(--accent); }
    .text img, .images img { max-width: 100%; height: auto; border-radius: var(--radius); }
    .code { position: relative; margin: 0.6rem 0; }
    pre { margin: 0; padding: 0.6rem 0.75rem; background: var(--raised); border-radius: var(--radius); overflow-x: auto; font: 0.8125rem / 1.5 ui-monospace, monospace; white-space: pre; }
    .copy { position: absolute; inset-inline-end: 0.3rem; top: 0.3rem; min-height: 1.5rem; padding: 0 0.4rem; font-size: 0.75rem; }
    :not(pre) > code { background: var(--raised); padding: 0.1em 0.3em; border-radius: 0.25rem; font-family: ui-monospace, monospace; font-size: 0.9em; }
    blockquote { margin: 0.6rem 0; padding-inline-start: 0.75rem; border-inline-start: 3px solid var(--edge); color: var(--muted); }
    .table { overflow-x: auto; }
    table { border-collapse: collapse; }
    th, td { border: 1px solid var(--line); padding: 0.2rem 0.5rem; text-align: start; }
    .piece:nth-child(even) { background: var(--raised); box-shadow: 0 0 0 1px var(--line); border-radius: 2px; }
    .pieces { white-space: pre-wrap; }
    .state::before { content: ''; display: inline-block; width: 0.5em; height: 0.5em; margin-inline-end: 0.35em; border-radius: 50%; background: var(--accent); animation: beat 1s ease-in-out infinite alternate; }
    @keyframes beat { to { opacity: 0.25; } }
    details { border: 1px solid var(--line); border-radius: var(--radius); padding: 0.3rem 0.6rem; }
    summary { cursor: pointer; }
    .reasoning { white-space: pre-wrap; overflow-wrap: anywhere; color: var(--muted); margin: 0.3rem 0 0; max-height: 20rem; overflow-y: auto; }
    .metrics { display: flex; flex-wrap: wrap; gap: 0 0.8rem; margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
    .images { display: flex; flex-wrap: wrap; gap: 0.5rem; }
    ul.attempts, ol.sources { margin: 0.2rem 0 0; padding-inline-start: 1.2rem; }
  `];

  #markdown = null;
  #pieces = 0;

  constructor() {
    super();
    Object.assign(this, { from: 'assistant', content: '', answer: null, previousModel: '', pieces: false, canRetry: false });
  }

  /** Shows a whole completion. */
  show(completion, about) {
    this.answer = Answer.of(completion, about);
    return this.answer;
  }

  /**
   * Shows the response of a handler as it streams. Resolves to the answer, also after a failure.
   * @param {Response | Promise<Response>} response
   * @param {{ requested?: string, signal?: AbortSignal }} [options] `requested`: the model that was asked for
   */
  async stream(response, { requested, signal } = {}) {
    const answer = new Answer({ requested: requested ?? null });
    this.answer = answer;
    await answer.read(response, { signal, onChange: () => this.grew() });
    this.tell('end', { answer });
    return answer;
  }

  /** Draws what arrived, at most once for each frame of the screen. */
  grew() {
    this.requestUpdate();
  }

  /** Lit would draw after each event, and events may come faster than frames. */
  scheduleUpdate() {
    if (!this.hasUpdated || !this.answer) return super.scheduleUpdate();
    return new Promise((resolve, reject) => {
      drawSoon(this, () => {
        try {
          super.scheduleUpdate();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  updated(changed) {
    const isNew = changed.has('answer') || changed.has('pieces') || changed.has('from');
    const root = this.renderRoot.querySelector('.text');
    if (!root) return;
    if (isNew) {
      root.replaceChildren();
      this.#markdown = new GrowingMarkdown(root);
      this.#pieces = 0;
    }
    if (this.pieces && this.answer) this.#showPieces(root);
    else this.#markdown?.show(normalized(this.answer?.content ?? this.content), { isWhole: !this.answer?.isRunning });
  }

  #showPieces(root) {
    const { pieces } = this.answer;
    root.append(...pieces.slice(this.#pieces).map((text) => Object.assign(document.createElement('span'), { className: 'piece', textContent: text })));
    this.#pieces = pieces.length;
  }

  render() {
    if (this.from === 'user') {
      return html`<article aria-label=${t('message.user')}><header><span class="who">${t('message.user')}</span></header><div class="user">${this.content}</div></article>`;
    }
    const { answer } = this;
    return html`
      <article aria-label=${t('message.assistant')} aria-busy=${answer?.isRunning ?? false} @click=${this.#onClick}>
        <header><span class="who">${t('message.assistant')}</span>${answer ? this.#by(answer) : nothing}</header>
        ${answer ? this.#notes(answer) : nothing}
        ${answer?.reasoning ? html`<details><summary>${t('message.reasoning')}</summary><p class="reasoning" tabindex="0">${answer.reasoning}</p></details>` : nothing}
        <div class="text ${this.pieces ? 'pieces' : ''}"></div>
        ${answer ? this.#rest(answer) : nothing}
      </article>`;
  }

  #by(answer) {
    const { model, provider, requested, isRunning, state } = answer;
    const who = model && provider ? t('message.by', { model, provider }) : model;
    return html`
      ${who ? html`<span class="small muted by">${who}</span>` : nothing}
      ${isRunning ? html`<span class="small state">${state === 'waiting' ? t('message.waiting', { model: requested ?? '' }) : t('message.streaming')}</span>` : nothing}`;
  }

  /** Which model answers, where it is not the one that the user expects. */
  #notes(answer) {
    const { fallback, model, requested, attempts } = answer;
    const notes = [];
    if (fallback) {
      notes.push(html`<div class="note fallback" role="status">${t('message.fallback', fallback)}
        ${attempts.length > 0 ? html`<ul class="attempts" aria-label=${t('message.fallback.attempts')}>${attempts.map((one) => html`<li>${this.#attempt(one)}</li>`)}</ul>` : nothing}</div>`);
    } else if (model && isRouter(requested)) notes.push(html`<span class="small muted router">${t('message.router', { model })}</span>`);
    if (model && this.previousModel && !isSameModel(model, this.previousModel)) {
      notes.push(html`<span class="small muted switch" role="status">${t('message.switch', { from: this.previousModel, to: model })}</span>`);
    }
    return notes;
  }

  #attempt({ model, provider, status, reason }) {
    const isGood = status >= 200 && status < 300;
    const outcome = isGood ? t('message.attempt.ok') : (reason ?? t(`reason.${status}`) ?? status);
    return t('message.attempt', { model: model ?? '', provider: provider ?? '', outcome: String(outcome).startsWith('reason.') ? t('reason.other', { status }) : outcome });
  }

  #rest(answer) {
    const { toolCalls, images, sources, refusal, state, finishReason, error } = answer;
    return html`
      ${toolCalls.map((call) => html`<details class="tool"><summary>${t('message.tool', { name: call.name })}</summary><pre tabindex="0">${pretty(call.arguments)}</pre></details>`)}
      ${images.length > 0 ? html`<div class="images" role="group" aria-label=${t('message.images')}>${images.map(imageOf)}</div>` : nothing}
      ${sources.length > 0 ? html`<details class="source-list" open><summary>${t('message.sources')}</summary><ol class="sources">${sources.map(({ url, title }) => html`<li>${linkOf(url, title)}</li>`)}</ol></details>` : nothing}
      ${refusal ? html`<p class="note">${t('message.refusal')} ${refusal}</p>` : nothing}
      ${state === 'stopped' ? html`<p class="note" role="status">${t('message.stopped')}</p>` : nothing}
      ${finishReason === 'length' ? html`<p class="note">${t('message.length')}</p>` : nothing}
      ${error ? this.#error(answer) : nothing}
      ${this.#metrics(answer)}`;
  }

  #error({ error, content }) {
    return html`
      <div class="alert error" role="alert"><strong>${t('message.error')}:</strong> ${error.message}
        ${content ? html`<br><span class="small">${t('message.partial')}</span>` : nothing}
        ${this.canRetry ? html`<br><button class="retry" @click=${() => this.tell('retry', { answer: this.answer })}>${icons.refresh} ${t('message.retry')}</button>` : nothing}</div>`;
  }

  #metrics(answer) {
    const { firstTokenMs, tokensPerSecond, durationMs, usage, cost, pieces, isRunning } = answer;
    const facts = [
      firstTokenMs === null ? null : ['first', t('message.first', { ms: number(firstTokenMs, 0) })],
      tokensPerSecond === null ? null : ['speed', t('message.speed', { speed: number(tokensPerSecond) })],
      isRunning && pieces.length > 0 ? ['pieces', t('message.pieces', { count: pieces.length })] : null,
      durationMs === null ? null : ['duration', t('message.duration', { seconds: number(durationMs / 1000, 2) })],
      usage ? ['tokens', t('message.tokens', { prompt: usage.prompt_tokens ?? 0, completion: usage.completion_tokens ?? 0 })] : null,
      cost === null ? null : ['cost', t('message.cost', { cost: money(cost, { isCost: true }) })],
    ].filter(Boolean);
    return facts.length > 0 ? html`<ul class="metrics small muted" aria-label=${t('message.metrics')}>${facts.map(([name, text]) => html`<li class=${name}>${text}</li>`)}</ul>` : nothing;
  }

  async #onClick({ target }) {
    if (!target.classList?.contains('copy')) return;
    await navigator.clipboard?.writeText(target.parentElement.querySelector('pre').textContent);
    target.textContent = t('message.copied');
    setTimeout(() => { target.textContent = t('message.copy'); }, COPIED_MS);
  }
}

/** An image in the answer itself is shown; one from elsewhere is a link, because to load it tells its server who reads it. */
function imageOf(url) {
  return /^data:image\/(?:png|jpeg|gif|webp);base64,/i.test(url) ? html`<img src=${url} alt=${t('message.image')}>` : linkOf(url, t('message.image'));
}

function linkOf(url, text) {
  return /^https?:\/\//i.test(url) ? html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${text}</a>` : text;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

define('openrouter-message', OpenRouterMessage);
