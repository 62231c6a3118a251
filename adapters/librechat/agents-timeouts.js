'use strict';

// LibreChat's time limits for the answers of models (`endpoints.agents.modelResponseHeadersTimeoutMs` and
// `modelResponseBodyTimeoutMs` in `librechat.yaml`). They arrive as options of the dispatcher of undici in `fetchOptions`, which the
// package's `fetch` does not use.

/** How deep dispatchers are nested: that of an environment's proxies has one for each, which has an agent. */
const DEPTH = 3;

/**
 * Returns the limits as the option `timeouts`; an empty object if there are none. 0 means no limit, in both.
 * @param {object | undefined} configuration that of the OpenAI SDK
 * @param {{ bodyTimeout?: number, headersTimeout?: number } | null | undefined} given limits that LibreChat has at hand
 */
function timeoutsOf(configuration, given) {
  const { bodyTimeout: idle, headersTimeout: headers } = given ?? limitsIn(configuration?.fetchOptions?.dispatcher, DEPTH) ?? {};
  return Object.fromEntries(Object.entries({ headers, idle }).filter(([, ms]) => Number.isFinite(ms) && ms >= 0));
}

/**
 * Returns the limits among the options of a dispatcher; undefined if it has none. Undici keeps the options, and the dispatchers
 * behind a dispatcher, in properties whose keys are symbols.
 */
function limitsIn(dispatcher, depth) {
  if (typeof dispatcher !== 'object' || dispatcher === null || depth === 0) return undefined;
  const symbols = Object.getOwnPropertySymbols(dispatcher);
  const options = dispatcher[symbols.find(({ description }) => description === 'options')];
  if (Number.isFinite(options?.bodyTimeout) || Number.isFinite(options?.headersTimeout)) return options;
  const inner = symbols.filter(({ description }) => /agent/i.test(description ?? ''));
  return inner.map((symbol) => limitsIn(dispatcher[symbol], depth - 1)).find((found) => found !== undefined);
}

module.exports = { timeoutsOf };
