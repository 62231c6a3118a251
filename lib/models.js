'use strict';

const native = require('./bridge/native.js');

/** The maximum number of parsed lists that are kept. */
const KEPT = 8;
/** The parsed lists by version. The addon returns the version of the current list. */
const parsed = new Map();

/**
 * Returns the models of a version. The list is parsed once per thread, and its models are frozen, because all callers share
 * them.
 * @param {number} version
 * @param {() => string | null} [read] returns the text of the list; by default it is read from the addon's cache
 * @returns {object[] | null} a new array; null if the cache no longer has that version
 */
function modelsOf(version, read = () => native.modelsText(version)) {
  let models = parsed.get(version);
  if (models === undefined) {
    const text = read();
    if (text === null) return null;
    models = JSON.parse(text);
    models.forEach(deepFreeze);
    parsed.set(version, models);
    if (parsed.size > KEPT) parsed.delete(parsed.keys().next().value);
  }
  return models.slice();
}

/** Forgets all parsed lists. */
function forgetModels() {
  parsed.clear();
}

/** Freezes a value and everything in it. It does not recurse, because a list may be nested too deeply for the stack. */
function deepFreeze(root) {
  const values = [root];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    if (value === null || typeof value !== 'object') continue;
    Object.freeze(value);
    values.push(...Object.values(value));
  }
}

/**
 * Returns the colour of a balance in USD.
 * @param {number | null | undefined} balance
 * @returns {'green' | 'yellow' | 'red' | 'unknown'}
 */
function creditLevel(balance) {
  if (typeof balance !== 'number' || Number.isNaN(balance)) return 'unknown';
  if (balance > 5) return 'green';
  return balance >= 1 ? 'yellow' : 'red';
}

/**
 * Returns the facts of a model that a user interface shows. Prices are in USD per token; a price that varies, which the API
 * writes as `"-1"`, is `null`.
 */
function modelInfo(model) {
  const { architecture = {}, pricing = {}, top_provider: top = {} } = denulled(model);
  const promptPrice = price(pricing.prompt);
  const completionPrice = price(pricing.completion);
  const inputs = list(architecture.input_modalities);
  const parameters = list(model?.supported_parameters);
  const has = {
    vision: inputs.includes('image'),
    audio: inputs.includes('audio'),
    files: inputs.includes('file'),
    tools: parameters.includes('tools'),
    reasoning: parameters.includes('reasoning') || parameters.includes('include_reasoning'),
    structured_outputs: parameters.includes('structured_outputs'),
    image_output: list(architecture.output_modalities).includes('image'),
  };
  return {
    contextLength: model?.context_length ?? top.context_length ?? null,
    maxOutput: top.max_completion_tokens ?? null,
    promptPrice,
    completionPrice,
    free: promptPrice === 0 && completionPrice === 0 && areZero(pricing),
    capabilities: Object.keys(has).filter((name) => has[name]),
  };
}

/** Returns the fields of a model that are not null. */
function denulled(model) {
  return Object.fromEntries(Object.entries(model ?? {}).filter(([, value]) => value !== null));
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * Whether every price is 0. Images, requests or searches may cost money although tokens are free. `discount` and `overrides`
 * are no prices.
 */
function areZero({ discount, overrides, ...prices }) {
  return Object.values(prices).every((value) => value === null || price(value) === 0);
}

/** Returns the number of a price, which is a decimal string; null if it is blank, negative or not finite. */
function price(value) {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

module.exports = { forgetModels, modelsOf, creditLevel, modelInfo };
