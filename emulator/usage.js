'use strict';

const { countTokens } = require('./prose');
const { merged } = require('./values');

const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_PICTURE = 85;
const BYOK_FEE = 0.05;

/** Rounds off the errors of binary fractions. No price has more than twelve decimals. */
function exact(usd) {
  return Number(usd.toFixed(12));
}

function promptTokens(body) {
  return body.messages.reduce((sum, { content }) => {
    if (!Array.isArray(content)) return sum + TOKENS_PER_MESSAGE + countTokens(String(content ?? ''));
    return content.reduce((inner, part) => inner + (part?.text === undefined ? TOKENS_PER_PICTURE : countTokens(part.text)), sum + TOKENS_PER_MESSAGE);
  }, 0);
}

/**
 * Makes the `usage` of an answer, or of a part of it.
 * @param {number} share the part of the answer that was generated, 0 to 1
 */
function usageOf(body, model, tokens, { byok = false, cost, usage: given }, share = 1) {
  const { pricing } = model;
  const prompt = promptTokens(body);
  const completion = Math.ceil(tokens.completion * share);
  const image = share === 1 ? tokens.image : 0;

  const promptCost = exact(prompt * Number(pricing.prompt) + Number(pricing.request ?? 0));
  const imagePrice = Number(pricing.image_output ?? pricing.completion);
  const completionCost = exact((completion - image) * Number(pricing.completion) + image * imagePrice);
  const upstream = exact(promptCost + completionCost);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    cost: cost ?? (byok ? exact(upstream * BYOK_FEE) : upstream),
    is_byok: byok,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 },
    cost_details: {
      upstream_inference_cost: upstream,
      upstream_inference_prompt_cost: promptCost,
      upstream_inference_completions_cost: completionCost,
    },
    completion_tokens_details: { reasoning_tokens: Math.min(tokens.reasoning, completion), image_tokens: image, audio_tokens: 0 },
  };
  return share === 1 && given ? replaced(usage, given) : usage;
}

/** Returns the usage with the figures that a directive gives; the total follows from them, unless it is given as well. */
function replaced(usage, given) {
  const { prompt_tokens: prompt, completion_tokens: completion } = { ...usage, ...given };
  return merged({ ...usage, total_tokens: prompt + completion }, given);
}

module.exports.usageOf = usageOf;
