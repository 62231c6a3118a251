'use strict';

const UNKNOWN = 'unknown';
const SMALLEST = 0.000001;

/** Formats an amount in USD with two to six decimals: the cost of a short answer is a fraction of a cent. */
function dollars(amount) {
  if (typeof amount !== 'number') return UNKNOWN;
  if (amount > 0 && amount < SMALLEST) return `less than $${SMALLEST.toFixed(6)}`;
  const [whole, decimals] = Math.abs(amount).toFixed(6).split('.');
  const kept = decimals.replace(/0{1,4}$/, '');
  return `${amount < 0 ? '-' : ''}$${whole}.${kept}`;
}

/** Formats a number of tokens in short form: 400K, 1M, 1.05M. */
function tokens(count) {
  if (typeof count !== 'number') return UNKNOWN;
  if (count >= 1e6) return `${Number((count / 1e6).toFixed(2))}M`;
  return count >= 1000 ? `${Math.round(count / 1000)}K` : String(count);
}

function milliseconds(time) {
  return typeof time !== 'number' ? UNKNOWN : `${Math.round(time)} ms`;
}

/** Returns a number with its noun: `1 request`, `2 requests`. */
function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
}

module.exports = { UNKNOWN, counted, dollars, milliseconds, tokens };
