/**
 * A limit on the cost of all requests that share it: of a client, a user, a session, or a run. Give it to clients, to
 * `createFetch`, or to single calls as `budget`.
 *
 * The most that a request can cost is reserved before it is sent (the price at the dearest provider of its models, its size, and
 * `max_tokens`, or else the longest answer of the model), so that requests that run at the same time cannot pass the budget
 * together. `provider.max_price` is sent, so that no dearer provider answers. The cost that the answer tells (`usage.cost`, with
 * your own provider key also the provider's bill) takes the place of the reservation. A request without `max_tokens` gets it if
 * the rest of the budget does not cover the longest answer.
 *
 * A request that the rest does not cover is refused with the code `budget_exceeded`, and nothing is sent. So is one whose cost
 * has no known limit, such as a chat with a router, or one for an image: `provider.max_price` limits the former, and `reserve`
 * says what to reserve for either. An answer that goes on past the tokens that were reserved for it is stopped with the same code. If the cost of a stopped or failed answer is not known, the
 * reservation stays, until `GET /generation` tells the cost.
 */
export class Budget {
  /** @throws {OpenRouterError} `invalid_option` */
  constructor(options: { maxCost: number } | number);
  /** The limit, in USD. */
  readonly maxCost: number;
  /** What the finished requests have cost, in USD. */
  readonly spent: number;
  /** What is reserved for requests that run, or whose cost is not known yet, in USD. */
  readonly reserved: number;
  /** What is neither spent nor reserved, in USD. */
  readonly remaining: number;
  /** Returns the four amounts. */
  toJSON(): { maxCost: number; spent: number; reserved: number; remaining: number };
}
