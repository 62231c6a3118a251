'use strict';

/** USD are added as whole billionths, because sums of fractions drift. */
const NANO = 1e9;

/** The usage and cost of several completions. */
class Totals {
  #usage = null;
  #cost = 0;
  #totalCost = 0;
  /** Whether the cost of every completion is known. */
  isComplete = true;

  /** Adds the usage of a completion; null if it is not known. */
  add(usage) {
    if (usage === null || usage === undefined) {
      this.isComplete = false;
      return;
    }
    this.#usage = this.#usage === null ? structuredClone(usage) : sumOf(this.#usage, usage);
    const cost = costOf(usage);
    if (cost === null) this.isComplete = false;
    this.#cost += nano(cost);
    this.#totalCost += nano(totalCostOf(usage));
    if (this.#usage.cost !== undefined) this.#usage.cost = this.cost;
  }

  get usage() {
    return this.#usage;
  }

  get cost() {
    return this.#cost / NANO;
  }

  get totalCost() {
    return this.#totalCost / NANO;
  }
}

/** Returns what a completion cost in credits, in USD; null if that is not known. */
function costOf(usage) {
  return typeof usage?.cost === 'number' && Number.isFinite(usage.cost) ? usage.cost : null;
}

/** Returns what a completion cost, the bill of the caller's own provider key included. */
function totalCostOf(usage) {
  const upstream = usage.is_byok === true ? usage.cost_details?.upstream_inference_cost : 0;
  return (costOf(usage) ?? 0) + (typeof upstream === 'number' ? upstream : 0);
}

function nano(usd) {
  return Math.round((usd ?? 0) * NANO);
}

/** Returns the sums of all numbers of two objects, at any depth. Other values are those of the later one. */
function sumOf(one, other) {
  // No price has more than twelve decimals.
  if (typeof one === 'number' && typeof other === 'number') return Number((one + other).toFixed(12));
  if (!isObject(one) || !isObject(other)) return other ?? one;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, sumOf(one[name], other[name])]));
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

module.exports = { Totals, costOf };
