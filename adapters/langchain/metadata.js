'use strict';

/** Returns the facts whose value is known. */
function known(facts) {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * Returns the facts of an answer for `response_metadata`.
 * @param {object} completion
 * @param {string | null} [generationId] the generation id from the response's headers
 */
function metadataOf(completion, generationId) {
  const { choices, usage, _metadata: route } = completion;
  return known({
    model_provider: 'openrouter',
    model_name: route?.actualModelUsed ?? completion.model,
    requested_model: route?.requestedModel ?? completion.model,
    auto_router_used: route?.autoRouterUsed ?? false,
    fallback_used: route?.fallbackUsed ?? false,
    attempts: route?.attempts?.length > 0 ? route.attempts : null,
    provider: completion.provider,
    finish_reason: choices?.[0]?.finish_reason,
    native_finish_reason: choices?.[0]?.native_finish_reason,
    generation_id: generationId ?? completion.id,
    system_fingerprint: completion.system_fingerprint,
    service_tier: completion.service_tier,
    usage,
    cost: usage?.cost,
    total_cost: totalCost(usage ?? {}),
  });
}

/**
 * Returns the total cost in USD. If the user's own provider key was used, `cost` lacks the provider's charge, which is
 * added.
 */
function totalCost({ cost, is_byok: isByok, cost_details: details }) {
  return isByok && typeof cost === 'number' ? cost + (details?.upstream_inference_cost ?? 0) : cost;
}

/** Returns the token counts under LangChain's names. */
function usageOf(usage) {
  if (!usage) return undefined;
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  const details = {
    input_token_details: known({
      audio: input?.audio_tokens,
      cache_read: input?.cached_tokens,
      cache_creation: input?.cache_write_tokens,
    }),
    output_token_details: known({ audio: output?.audio_tokens, reasoning: output?.reasoning_tokens }),
  };
  return {
    input_tokens: usage.prompt_tokens ?? 0,
    output_tokens: usage.completion_tokens ?? 0,
    total_tokens: usage.total_tokens ?? 0,
    ...Object.fromEntries(Object.entries(details).filter(([, counts]) => Object.keys(counts).length > 0)),
  };
}

/** Returns the token counts in the form of LangChain's `llmOutput`, which its callbacks receive. */
function llmOutputOf(usage) {
  if (!usage) return {};
  const { input_tokens: promptTokens, output_tokens: completionTokens, total_tokens: totalTokens } = usage;
  return { tokenUsage: { promptTokens, completionTokens, totalTokens } };
}

module.exports = { llmOutputOf, metadataOf, usageOf };
