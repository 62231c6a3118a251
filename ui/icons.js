import { svg, html } from 'lit';

/** Makes a drawing of one path that takes the colour of the text. Screen readers ignore it: the button beside it has the name. */
const icon = (path) => html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${svg`<path d=${path}></path>`}</svg>`;

export const icons = {
  lightning: icon('M13 2 4 14h7l-1 8 9-12h-7z'),
  shield: icon('M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z'),
  up: icon('M12 19V5M6 11l6-6 6 6'),
  down: icon('M12 5v14M6 13l6 6 6-6'),
  remove: icon('M6 6l12 12M18 6 6 18'),
  handle: icon('M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01'),
  refresh: icon('M20 11a8 8 0 1 0-2 6M20 4v7h-7'),
  settings: icon('M4 7h10M18 7h2M4 17h4M12 17h8M16 5v4M10 15v4'),
  open: icon('M6 9l6 6 6-6'),
  plus: icon('M12 5v14M5 12h14'),
};
