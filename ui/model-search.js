import facts from '../lib/model-facts.js';
import { t } from './texts.js';

const { modelInfo } = facts;

/** The filters of the picker that a model's own facts answer. Zero retention is a list of its own. */
export const FILTERS = ['vision', 'tools', 'free'];

/** A model with what the picker looks at again and again. */
class Entry {
  constructor(model, index) {
    this.model = model;
    this.id = model.id;
    this.index = index;
    this.info = modelInfo(model);
    [this.maker, this.name] = splitName(model);
    this.text = `${model.id} ${model.name ?? ''}`.toLowerCase();
    /** Both prices of a million tokens; unknown prices come last. */
    this.cost = this.info.promptPrice === null || this.info.completionPrice === null ? Infinity : this.info.promptPrice + this.info.completionPrice;
  }

  has(filter) {
    return filter === 'free' ? this.info.free : this.info.capabilities.includes(filter);
  }

  /** The abilities to show as badges: `free` first. */
  get badges() {
    return [...(this.info.free ? ['free'] : []), ...this.info.capabilities].map((name) => t(`models.capability.${name}`));
  }
}

/** Splits a display name such as `OpenAI: GPT-5 Mini` into the maker and the rest. */
function splitName({ id, name }) {
  const [, maker, rest] = /^([^:]{1,40}): (.+)$/s.exec(name ?? '') ?? [];
  return maker ? [maker, rest] : [id.includes('/') ? id.split('/')[0].replace(/^~/, '') : '', name || id];
}

/** Reads a list of models. What has no id cannot be chosen, so it is left out. */
export function entriesOf(models) {
  return (Array.isArray(models) ? models : []).filter((model) => typeof model?.id === 'string').map((model, index) => new Entry(model, index));
}

const ORDERS = {
  default: (one, other) => one.index - other.index,
  price: (one, other) => one.cost - other.cost || one.index - other.index,
  context: (one, other) => (other.info.contextLength ?? 0) - (one.info.contextLength ?? 0) || one.index - other.index,
  newest: (one, other) => (other.model.created ?? 0) - (one.model.created ?? 0) || one.index - other.index,
};

/** The names of the orders. */
export const SORTS = Object.keys(ORDERS);

/**
 * Returns the entries that fit, in order.
 * @param {Entry[]} entries
 * @param {{ query: string, filters: Set<string>, sort: string, within: Set<string> | null }} wish `within`: the only ids to show
 */
export function searched(entries, { query, filters, sort, within }) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const own = [...filters].filter((name) => FILTERS.includes(name));
  return entries
    .filter((entry) => words.every((word) => entry.text.includes(word)) && own.every((name) => entry.has(name)) && (within === null || within.has(entry.id)))
    .sort(ORDERS[sort] ?? ORDERS.default);
}
