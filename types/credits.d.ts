/** The balance and usage of an account or of a key, in USD. */
export interface Credits {
  /**
   * The remaining amount. May be negative. `null` if it is unknown: a key without a limit cannot read the account's balance.
   */
  balance: number | null;
  currency: 'USD';
  /** The amount spent so far; `null` if it cannot be read. */
  usage: number | null;
  /**
   * The amount of credits bought, or the limit of the key; for a key without a limit, that of the budget which holds it;
   * `null` if there is none.
   */
  total: number | null;
  /**
   * Where the figures come from. `credits`: they are the account's (only management keys can read them). `key`: they are the
   * limit and usage of the key, which say nothing about the account's balance. The property is not enumerable.
   */
  readonly source: 'credits' | 'key';
}

/** The colour of a balance in USD: `green` above 5, `yellow` from 1 to 5, `red` below 1, `unknown` if it is not known. */
export type CreditLevel = 'green' | 'yellow' | 'red' | 'unknown';

/** Returns the colour of a balance in USD. `null`, `undefined` and `NaN` give `'unknown'`. */
export function creditLevel(balance: number | null | undefined): CreditLevel;
