/**
 * A limit on the cost of all chats that share it: of a client, a user, a session, or a run. Give it to clients, to
 * `createFetch`, or to single chats as `budget`.
 *
 * The most that a chat can cost is reserved before it is sent (the prices of its models, its size, and `max_tokens`, or else
 * the longest answer of the model), so that chats that run at the same time cannot pass the budget together. The cost that
 * the answer tells (`usage.cost`, with your own provider key also the provider's bill) takes the place of the reservation. A
 * chat without `max_tokens` gets `max_completion_tokens` if the rest of the budget does not cover the longest answer.
 *
 * A client or a `fetch` with a budget refuses other requests that may cost something, because nothing is known of their cost.
 *
 * A chat that the rest does not cover is refused with the code `budget_exceeded`, and nothing is sent. So is one whose cost
 * has no known limit, such as one to a router: `provider.max_price` gives it one. An answer that goes on past the tokens
 * that were reserved for it is stopped with the same code. If the cost of a stopped or failed answer is not known, the
 * reservation stays, until `GET /generation` tells the cost.
 */
export class Budget {
  /** @throws {OpenRouterError} `invalid_option` */
  constructor(options: { maxCost: number } | number);
  /** The limit, in USD. */
  readonly maxCost: number;
  /** What the finished chats have cost, in USD. */
  readonly spent: number;
  /** What is reserved for chats that run, or whose cost is not known yet, in USD. */
  readonly reserved: number;
  /** What is neither spent nor reserved, in USD. */
  readonly remaining: number;
  /** Returns the four amounts. */
  toJSON(): { maxCost: number; spent: number; reserved: number; remaining: number };
}
