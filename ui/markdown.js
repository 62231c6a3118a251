import createPurify from 'dompurify';
import { Marked } from 'marked';

import { t } from './texts.js';

const marked = new Marked({ gfm: true, breaks: false });
const purify = createPurify(window);

/**
 * What may be in an answer. It is written by a model, which may have been told what to write by a page that it read. So there are
 * no forms, frames, styles, ids or classes, and no images from elsewhere: their address could carry the conversation away.
 */
const RULES = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li', 'pre', 'code', 'em', 'strong', 'del', 's', 'sub', 'sup', 'kbd', 'mark', 'a', 'img', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'details', 'summary'],
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'align', 'start', 'colspan', 'rowspan'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

purify.addHook('afterSanitizeAttributes', (node) => {
  const name = node.nodeName;
  if (name === 'A') {
    if (/^data:/i.test(node.getAttribute('href') ?? '')) node.removeAttribute('href');
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  } else if (name === 'IMG' && !/^data:image\//i.test(node.getAttribute('src') ?? '')) node.replaceWith(linkTo(node));
});

/** Makes a link in place of an image that would be loaded from elsewhere. */
function linkTo(image) {
  const link = document.createElement('a');
  const url = image.getAttribute('src');
  link.textContent = image.getAttribute('alt') || url || t('message.image');
  if (/^https?:/i.test(url ?? '')) {
    link.href = url;
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  return link;
}

/** Turns Markdown into nodes that are safe to insert. */
export function nodesOf(markdown) {
  const fragment = purify.sanitize(marked.parse(markdown), RULES);
  for (const code of fragment.querySelectorAll('pre')) frame(code);
  for (const table of fragment.querySelectorAll('table')) scrollable(table);
  return fragment;
}

/** Puts a button that copies the code above it, and lets the keyboard scroll it. */
function frame(code) {
  code.tabIndex = 0;
  code.setAttribute('role', 'group');
  code.setAttribute('aria-label', t('message.code'));
  const button = document.createElement('button');
  button.className = 'copy';
  button.textContent = t('message.copy');
  const box = document.createElement('div');
  box.className = 'code';
  code.replaceWith(box);
  box.append(button, code);
}

function scrollable(table) {
  const box = document.createElement('div');
  box.className = 'table';
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  table.replaceWith(box);
  box.append(table);
}

/** A definition such as `[1]: https://…`, which changes what stands above it. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s/m;

/**
 * Shows Markdown that grows. Blocks that have ended are drawn once; only the last block is drawn again as it grows, so that a long
 * answer costs no more per piece than a short one.
 */
export class GrowingMarkdown {
  #root;
  /** How much of the text is drawn for good. */
  #settled = 0;
  #text = '';
  #tail = [];

  /** @param {HTMLElement} root the element whose children this object alone changes */
  constructor(root) {
    this.#root = root;
  }

  /** Shows a text. @param {{ isWhole: boolean }} about whether no more follows */
  show(text, { isWhole }) {
    const isSame = text === this.#text;
    if (!text.startsWith(this.#text) || (isWhole && DEFINITION.test(text))) this.#clear();
    else if (isSame && text !== '' && this.#tail.length === 0) return;
    this.#text = text;
    for (const node of this.#tail) node.remove();
    const tokens = marked.lexer(text.slice(this.#settled));
    const last = tokens.findLastIndex(({ type }) => type !== 'space');
    const done = isWhole ? tokens : tokens.slice(0, Math.max(last, 0));
    const rest = isWhole ? [] : tokens.slice(Math.max(last, 0));
    const length = rawOf(done).length;
    if (length > 0) {
      this.#root.append(nodesOf(text.slice(this.#settled, this.#settled + length)));
      this.#settled += length;
    }
    this.#tail = rest.length > 0 ? this.#draw(rest) : [];
    this.#root.append(...this.#tail);
  }

  #draw(tokens) {
    const [token] = tokens;
    // A long block of code is drawn as text alone: reading it again as Markdown for each piece would take longer and longer.
    if (token.type === 'code' && token.raw.length > 2000) {
      const code = document.createElement('pre');
      code.textContent = token.text;
      return [code];
    }
    return [...nodesOf(rawOf(tokens)).childNodes];
  }

  #clear() {
    this.#root.replaceChildren();
    this.#settled = 0;
    this.#tail = [];
  }
}

/** The lexer writes every line end as LF. */
const rawOf = (tokens) => tokens.map(({ raw }) => raw).join('');

/** Removes the carriage returns, so that the lengths of blocks are those of the text. */
export const normalized = (text) => text.replace(/\r\n?/g, '\n');
