'use strict';

const { inspect } = require('node:util');

const native = require('../bridge/native.js');
const { errorFrom, traceOf, wrongOption } = require('../errors.js');

/** Marks the budgets of this package, so that those of another copy of it, which has sums of its own, are recognised. */
const BRAND = Symbol.for('openrouter-native.Budget');
/** The native budgets. The property of an object could be copied to another one. */
const natives = new WeakMap();

/** A limit on the cost of all requests that share it. `types/budget.d.ts` documents its members. */
class Budget {
  constructor(options) {
    const { maxCost } = typeof options === 'number' ? { maxCost: options } : (options ?? {});
    if (typeof maxCost !== 'number') throw wrongOption('maxCost', 'an amount in USD, zero or more');
    const made = native.createBudget(maxCost);
    if (typeof made === 'string') throw errorFrom(JSON.parse(made), traceOf(new.target));
    natives.set(this, made);
  }

  get [BRAND]() {
    return true;
  }

  get maxCost() {
    return figures(this).maxCost;
  }

  get spent() {
    return figures(this).spent;
  }

  get reserved() {
    return figures(this).reserved;
  }

  get remaining() {
    return figures(this).remaining;
  }

  toJSON() {
    return figures(this);
  }

  [inspect.custom](_depth, options) {
    return `Budget ${inspect(figures(this), options)}`;
  }
}

function figures(budget) {
  return JSON.parse(natives.get(budget).figures());
}

/** Returns the ids by which the addon knows budgets. The caller must hold the budgets until the addon has taken the ids. */
function budgetIds(given) {
  return [given].flat().map((budget) => {
    const made = natives.get(budget);
    if (made === undefined) throw wrongOption('budget', `${budget?.[BRAND] ? 'a Budget of the same copy of openrouter-native' : 'a Budget'}, or a list of them`);
    return made.id();
  });
}

module.exports = { Budget, budgetIds };
