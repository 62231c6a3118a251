/** How much of a frame is spent on drawing. The rest is for layout, painting, and what the user does. */
const BUDGET_MS = 5;
/** How often a tab in the background draws, which has no frames. */
const HIDDEN_MS = 250;

const waiting = new Map();
let isPlanned = false;

/**
 * Draws something with the next frame of the screen that has time for it. Several requests of the same object before that frame draw it once. When many
 * answers stream at the same time, they take turns, so that the page stays smooth.
 * @param {object} who
 * @param {() => void} draw
 */
export function drawSoon(who, draw) {
  waiting.set(who, draw);
  plan();
}

function plan() {
  if (isPlanned) return;
  isPlanned = true;
  if (document.hidden) setTimeout(drawAll, HIDDEN_MS);
  else requestAnimationFrame(drawAll);
}

function drawAll() {
  isPlanned = false;
  const end = performance.now() + BUDGET_MS;
  for (const [who, draw] of waiting) {
    // The first ones of a map waited longest.
    waiting.delete(who);
    draw();
    if (performance.now() >= end) break;
  }
  if (waiting.size > 0) plan();
}
