'use strict';

const { completionOf, sendAnswer, textIn } = require('./model-call');
const { sendEvents } = require('./event-sender');

/** Returns the messages that the input of the Responses API means. */
function messagesOf({ input, instructions }) {
  const system = instructions ? [{ role: 'system', content: instructions }] : [];
  if (typeof input === 'string') return input === '' ? [] : [...system, { role: 'user', content: input }];
  const items = (Array.isArray(input) ? input : []).map((item) =>
    item?.type === 'function_call_output' ? { role: 'tool', content: String(item.output) } : { role: item?.role ?? 'user', content: textIn(item?.content) });
  return items.length === 0 ? [] : [...system, ...items];
}

/** Returns the tools as those of a chat have them. */
function toolsOf({ tools }) {
  return tools?.map((tool) => (tool.type === 'function' && !tool.function ? { type: 'function', function: tool } : tool));
}

/** Handles `POST /responses`. */
async function respond(context) {
  const { transaction, directives } = context;
  const { body } = transaction.record;
  const chat = { messages: messagesOf(body), tools: toolsOf(body), tool_choice: body.tool_choice, max_tokens: body.max_output_tokens, reasoning: body.reasoning };
  const completion = completionOf(context, chat);
  const response = responseOf(completion, body);
  if (body.stream === true && !directives.json) return sendEvents(completion, eventsOf(completion, response), failureOf(response));
  return sendAnswer(completion, response, () => completion.settle());
}

function usageOf({ prompt_tokens: input, completion_tokens: output, total_tokens: total, ...usage }) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.completion_tokens_details.reasoning_tokens },
    total_tokens: total,
    cost: usage.cost,
    is_byok: usage.is_byok,
    cost_details: usage.cost_details,
  };
}

function responseOf(completion, body) {
  const { message, finish } = completion.script;
  const isCut = finish === 'length';
  return {
    id: completion.id,
    object: 'response',
    created_at: completion.created,
    model: completion.route.model.id,
    status: isCut ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    output: outputOf(completion.id, message),
    tools: body.tools ?? [],
    tool_choice: body.tool_choice ?? 'auto',
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    metadata: body.metadata ?? {},
    ...completion.metadata,
    usage: completion.directives.noUsage ? null : usageOf(completion.usage),
  };
}

function outputOf(id, { content, reasoning, tool_calls: calls = [] }) {
  const items = [];
  if (reasoning) items.push({ type: 'reasoning', id: `rs_${id}`, summary: [], content: [{ type: 'reasoning_text', text: reasoning }] });
  if (content) {
    items.push({ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: content, annotations: [] }] });
  }
  for (const call of calls) {
    items.push({ type: 'function_call', id: `fc_${call.id}`, call_id: call.id, name: call.function.name, arguments: call.function.arguments, status: 'completed' });
  }
  return items;
}

/** Returns the events that stream a response. */
function eventsOf({ script }, response) {
  const events = [];
  const add = (type, fields, isDelta = false) =>
    events.push({ name: type, data: { type, sequence_number: events.length, ...fields }, isDelta });
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  add('response.created', { response: begun });
  add('response.in_progress', { response: begun });
  response.output.forEach((item, at) => {
    const place = { output_index: at, item_id: item.id };
    add('response.output_item.added', { output_index: at, item: { ...item, content: [], arguments: item.arguments && '' } });
    if (item.type === 'function_call') {
      for (const piece of item.arguments.match(/.{1,12}/gs) ?? []) add('response.function_call_arguments.delta', { ...place, delta: piece }, true);
      add('response.function_call_arguments.done', { ...place, arguments: item.arguments });
    } else {
      const isText = item.type === 'message';
      const pieces = isText ? script.deltas.map(({ content }) => content).filter(Boolean) : item.content[0].text.match(/\S+\s*/g);
      const kind = isText ? 'response.output_text' : 'response.reasoning_text';
      add('response.content_part.added', { ...place, content_index: 0, part: { ...item.content[0], text: '' } });
      for (const piece of pieces) add(`${kind}.delta`, { ...place, content_index: 0, delta: piece }, true);
      add(`${kind}.done`, { ...place, content_index: 0, text: item.content[0].text });
      add('response.content_part.done', { ...place, content_index: 0, part: item.content[0] });
    }
    add('response.output_item.done', { output_index: at, item });
  });
  add(response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', { response });
  return events;
}

function failureOf(response) {
  return ({ code, message, metadata }) => ({
    name: 'response.failed',
    data: { type: 'response.failed', response: { ...response, status: 'failed', output: [], usage: null, error: { code, message, metadata } } },
  });
}

module.exports.respond = respond;
