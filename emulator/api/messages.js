'use strict';

const { completionOf, sendAnswer, textIn } = require('./model-call');
const { sendEvents } = require('./event-sender');

const STOPS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' };

function messagesOf({ messages, system }) {
  const first = system ? [{ role: 'system', content: textIn(system) }] : [];
  const all = (Array.isArray(messages) ? messages : []).map(({ role, content }) => {
    const result = Array.isArray(content) && content.find((part) => part?.type === 'tool_result');
    return result ? { role: 'tool', content: textIn(result.content) } : { role, content: textIn(content) };
  });
  return all.length === 0 ? [] : [...first, ...all];
}

function toolsOf({ tools }) {
  return tools?.map(({ name, description, input_schema: parameters }) => ({ type: 'function', function: { name, description, parameters } }));
}

/** Handles `POST /messages`, in Anthropic's shape. */
async function message(context) {
  const { transaction, directives } = context;
  const { body } = transaction.record;
  const completion = completionOf(context, { messages: messagesOf(body), tools: toolsOf(body), max_tokens: body.max_tokens });
  const answer = messageOf(completion);
  if (body.stream === true && !directives.json) return sendEvents(completion, eventsOf(completion, answer), failure);
  return sendAnswer(completion, answer, () => completion.settle());
}

function messageOf(completion) {
  const { message: made, finish } = completion.script;
  const { prompt_tokens: input, completion_tokens: output, cost, is_byok: isByok, cost_details: details } = completion.usage;
  const calls = (made.tool_calls ?? []).map((call) => ({ type: 'tool_use', id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) }));
  return {
    id: completion.id,
    type: 'message',
    role: 'assistant',
    model: completion.route.model.id,
    provider: completion.route.provider.name,
    content: [...(made.content ? [{ type: 'text', text: made.content, citations: null }] : []), ...calls],
    stop_reason: STOPS[finish] ?? finish,
    stop_sequence: null,
    ...completion.metadata,
    usage: { input_tokens: input, output_tokens: output, cost, is_byok: isByok, cost_details: details },
  };
}

function eventsOf({ script }, answer) {
  const events = [];
  const add = (type, fields, isDelta = false) => events.push({ name: type, data: { type, ...fields }, isDelta });
  const { usage, ...facts } = answer;
  add('message_start', { message: { ...facts, content: [], stop_reason: null, usage: { input_tokens: usage.input_tokens, output_tokens: 1 } } });
  add('ping', {});
  answer.content.forEach((block, index) => {
    if (block.type === 'text') {
      add('content_block_start', { index, content_block: { ...block, text: '' } });
      for (const { content } of script.deltas) if (content) add('content_block_delta', { index, delta: { type: 'text_delta', text: content } }, true);
    } else {
      add('content_block_start', { index, content_block: { ...block, input: {} } });
      const pieces = JSON.stringify(block.input).match(/.{1,12}/gs) ?? [];
      for (const piece of pieces) add('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } }, true);
    }
    add('content_block_stop', { index });
  });
  add('message_delta', { delta: { stop_reason: answer.stop_reason, stop_sequence: null }, usage });
  add('message_stop', {});
  return events;
}

const failure = ({ code, message: text, metadata }) => ({ name: 'error', data: { type: 'error', error: { type: 'api_error', code, message: text, metadata } } });

module.exports.message = message;
