import { css } from 'lit';

/** The controls of the page, in the colours of the elements. */
export const controls = css`
  :host {
    --text: light-dark(#1b1b1f, #ececf1);
    --muted: light-dark(#55555d, #b3b3bd);
    --surface: light-dark(#ffffff, #17171b);
    --raised: light-dark(#f4f4f6, #24242a);
    --line: light-dark(#dcdce2, #3a3a43);
    --edge: light-dark(#7d7d87, #84848f);
    --accent: light-dark(#4338ca, #a5b4fc);
    color: var(--text);
    font: 0.9375rem / 1.5 system-ui, sans-serif;
  }
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  button, select, textarea { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--edge); border-radius: 0.5rem; padding: 0.3rem 0.7rem; min-height: 2rem; }
  button { cursor: pointer; }
  button:hover { background: var(--raised); }
  button.primary, button[aria-pressed='true'], button[aria-selected='true'] { background: var(--accent); color: light-dark(#fff, #17171b); border-color: var(--accent); }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .muted { color: var(--muted); }
  .small { font-size: 0.8125rem; }
`;
