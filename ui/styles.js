import { css } from 'lit';

/**
 * The colours and controls that all elements share. `light-dark()` follows the `color-scheme` of the page, or the attribute
 * `theme` of the element. Each pair of text and background has a contrast of at least 4.5, each border of a control of 3.
 */
export const shared = css`
  :host {
    --text: var(--openrouter-text, light-dark(#1b1b1f, #ececf1));
    --muted: var(--openrouter-muted, light-dark(#55555d, #b3b3bd));
    --surface: var(--openrouter-surface, light-dark(#ffffff, #17171b));
    --raised: var(--openrouter-raised, light-dark(#f4f4f6, #24242a));
    --line: var(--openrouter-line, light-dark(#dcdce2, #3a3a43));
    --edge: var(--openrouter-edge, light-dark(#7d7d87, #84848f));
    --accent: var(--openrouter-accent, light-dark(#4338ca, #a5b4fc));
    --on-accent: var(--openrouter-on-accent, light-dark(#ffffff, #17171b));
    --green: var(--openrouter-green, light-dark(#166534, #86efac));
    --green-back: var(--openrouter-green-back, light-dark(#dcfce7, #14301f));
    --yellow: var(--openrouter-yellow, light-dark(#7a4508, #fde047));
    --yellow-back: var(--openrouter-yellow-back, light-dark(#fef3c7, #3a2f07));
    --red: var(--openrouter-red, light-dark(#991b1b, #fca5a5));
    --red-back: var(--openrouter-red-back, light-dark(#fee2e2, #3f1515));
    --radius: var(--openrouter-radius, 0.5rem);
    display: block;
    color: var(--text);
    font: var(--openrouter-font, 0.9375rem / 1.5 system-ui, sans-serif);
  }
  :host([theme='light']) { color-scheme: light; }
  :host([theme='dark']) { color-scheme: dark; }
  :host([hidden]), [hidden] { display: none !important; }
  *, *::before, *::after { box-sizing: border-box; }
  button, input, select, textarea { font: inherit; color: inherit; }
  button {
    cursor: pointer;
    padding: 0.3rem 0.7rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
    min-height: 2rem;
  }
  button:hover:not(:disabled) { background: var(--raised); }
  button:disabled { cursor: default; color: var(--muted); border-style: dashed; }
  button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
  button.primary:hover:not(:disabled) { background: var(--accent); filter: brightness(1.1); }
  button.icon { padding: 0; width: 2rem; display: inline-grid; place-items: center; }
  input, select, textarea {
    padding: 0.3rem 0.5rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
    min-height: 2rem;
  }
  input[type='checkbox'] { min-height: 0; accent-color: var(--accent); }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  svg { width: 1.1em; height: 1.1em; flex: none; }
  .muted { color: var(--muted); }
  .small { font-size: 0.8125rem; }
  .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
  .note { margin: 0; padding: 0.4rem 0.6rem; border-radius: var(--radius); background: var(--yellow-back); color: var(--yellow); font-size: 0.875rem; }
  .alert { margin: 0; padding: 0.5rem 0.7rem; border-radius: var(--radius); background: var(--red-back); color: var(--red); }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`;
