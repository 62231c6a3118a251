'use strict';

const { ApiError } = require('./errors');

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'];
const EFFORTS = ['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none'];

// Each of these is a check and what it expects.
const isNumber = (min, max) => [(value) => Number.isFinite(value) && value >= min && value <= max, `a number from ${min} to ${max}`];
const isCount = [(value) => Number.isInteger(value) && value >= 0, 'a whole number of at least 0'];
const isUpTo = (max) => [(value) => Number.isInteger(value) && value >= 0 && value <= max, `a whole number from 0 to ${max}`];
const isFlag = [(value) => typeof value === 'boolean', 'true or false'];
const isList = [Array.isArray, 'a list'];
const isText = [(value) => typeof value === 'string', 'text'];
const isTextUpTo = (max) => [(value) => typeof value === 'string' && value.length <= max, `text of at most ${max} characters`];
const isStop = [(value) => typeof value === 'string' || (Array.isArray(value) && value.length <= 4), 'text, or a list of at most 4 texts'];

/** The parameters that OpenRouter checks before it chooses a model, and what each must be. `null` is as good as absent. */
const PARAMETERS = {
  model: isText,
  models: isList,
  stream: isFlag,
  temperature: isNumber(0, 2),
  top_p: isNumber(0, 1),
  frequency_penalty: isNumber(-2, 2),
  presence_penalty: isNumber(-2, 2),
  max_tokens: isCount,
  max_completion_tokens: isCount,
  top_logprobs: isUpTo(20),
  stop: isStop,
  tools: isList,
  parallel_tool_calls: isFlag,
  reasoning_effort: [(value) => EFFORTS.includes(value), `one of ${EFFORTS.join(', ')}`],
  session_id: isTextUpTo(256),
  user: isText,
};

function invalid(message) {
  return new ApiError(400, message, { metadata: { error_type: 'invalid_request' } });
}

/** Throws OpenRouter's 400 for a chat whose messages or parameters it refuses. */
function checkChat(body) {
  checkMessages(body.messages);
  for (const [name, [is, expected]] of Object.entries(PARAMETERS)) {
    const value = body[name] ?? undefined;
    if (value !== undefined && !is(value)) throw invalid(`Input validation failed: ${name} must be ${expected}`);
  }
  const { reasoning, reasoning_effort: effort } = body;
  if (effort && reasoning?.effort && effort !== reasoning.effort) throw invalid('reasoning_effort contradicts reasoning.effort');
  if (reasoning?.effort && reasoning.max_tokens) throw invalid('Only one of reasoning.effort and reasoning.max_tokens can be specified');
  const { type, json_schema: format } = body.response_format ?? {};
  if (type === 'json_schema' && typeof format?.name !== 'string') throw invalid('response_format.json_schema.name is required');
}

function checkMessages(messages) {
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every((message) => typeof message?.role === 'string')) {
    throw invalid('Input required: "messages" must be a non-empty array of messages');
  }
  for (const [at, { role, tool_call_id: id }] of messages.entries()) {
    if (!ROLES.includes(role)) throw invalid(`Input validation failed: messages[${at}].role must be one of ${ROLES.join(', ')}`);
    if (role === 'tool' && typeof id !== 'string') throw invalid(`Input validation failed: messages[${at}].tool_call_id is required`);
  }
}

/**
 * Throws OpenRouter's 404 for a request that no endpoint of a model can serve: with tools, an image or sound that it does not
 * take. The router then tries the next model.
 */
function checkAbilities(model, body) {
  const refuse = (what) => new ApiError(404, `No endpoints found that support ${what}`, { metadata: { error_type: 'not_found' } });
  const { input_modalities: inputs } = model.architecture;
  const parts = (body.messages ?? []).flatMap(({ content }) => (Array.isArray(content) ? content : []));
  if (parts.some((part) => part?.type === 'image_url') && !inputs.includes('image')) throw refuse('image input');
  if (parts.some((part) => part?.type === 'input_audio') && !inputs.includes('audio')) throw refuse('input audio');
  if (Array.isArray(body.tools) && body.tools.length > 0 && !model.supported_parameters.includes('tools')) {
    throw refuse('tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/guides/routing/provider-selection');
  }
}

module.exports.checkAbilities = checkAbilities;
module.exports.checkChat = checkChat;
