'use strict';

const native = require('./bridge/native.js');

/** Lists that are kept parsed; the addon tells by a version whether one is still the right one. */
const KEPT = 8;
const parsed = new Map();

/**
 * The models of a version, parsed once for each thread and frozen, since all callers share them.
 * @param {number} version
 * @param {() => string | null} [read] gives the list's text; by default the cache does
 * @returns {object[] | null} null when the cache has let go of that version
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

/** Without recursion: a list may be nested deeper than the stack is. */
function deepFreeze(root) {
  const values = [root];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    if (value === null || typeof value !== 'object') continue;
    Object.freeze(value);
    values.push(...Object.values(value));
  }
}

/**
 * The colour of a balance in USD.
 * @param {number | null | undefined} balance
 * @returns {'green' | 'yellow' | 'red' | 'unknown'}
 */
function creditLevel(balance) {
  if (typeof balance !== 'number' || Number.isNaN(balance)) return 'unknown';
  if (balance > 5) return 'green';
  return balance >= 1 ? 'yellow' : 'red';
}

/**
 * What a UI wants to know of a model, in one shape. Prices are USD per token; one that the API does not fix (`"-1"`)
 * is `null`, never money.
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
    free: promptPrice === 0 && completionPrice === 0 && costsNothingElse(pricing),
    capabilities: Object.keys(has).filter((name) => has[name]),
  };
}

function denulled(model) {
  return Object.fromEntries(Object.entries(model ?? {}).filter(([, value]) => value !== null));
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

/** Images, requests or searches may be charged for where tokens are not. */
function costsNothingElse({ discount, overrides, ...prices }) {
  return Object.values(prices).every((value) => value === null || price(value) === 0);
}

/** Prices are decimal strings; blank, negative or not finite is no price. */
function price(value) {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

module.exports = { modelsOf, creditLevel, modelInfo };
