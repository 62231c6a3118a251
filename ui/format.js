/** Numbers are written as the language of the page asks. */
const locale = () => document.documentElement.lang || undefined;

/** An amount of money, such as `$4.20`. Costs of a single answer have as many digits as they need: `$0.000312`. */
export function money(amount, { isCost = false } = {}) {
  const digits = isCost && amount !== 0 && Math.abs(amount) < 0.01 ? { maximumSignificantDigits: 3 } : { minimumFractionDigits: 2, maximumFractionDigits: isCost ? 4 : 2 };
  return new Intl.NumberFormat(locale(), { style: 'currency', currency: 'USD', ...digits }).format(amount);
}

/** A price in USD per token, as one per million tokens. */
export function perMillion(price) {
  return new Intl.NumberFormat(locale(), { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 3 }).format(price * 1e6);
}

/** A number of tokens, such as `128K`. */
export function tokens(count) {
  return new Intl.NumberFormat(locale(), { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** A number with at most one decimal. */
export function number(value, digits = 1) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** The time of a moment, such as `14:05:09`. */
export function time(moment) {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(moment);
}
