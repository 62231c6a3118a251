'use strict';

// What a user interface shows of a model and of a balance. The elements in `ui/` use it in browsers, so it needs nothing.

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

module.exports = { creditLevel, modelInfo };
