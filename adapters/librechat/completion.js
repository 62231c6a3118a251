'use strict';

/** The text of an answer; a refusal is what the user should read, too. */
function textOf(completion) {
  const { content, refusal } = completion?.choices?.[0]?.message ?? {};
  if (Array.isArray(content)) return content.map((part) => part?.text ?? '').join('');
  return content || refusal || '';
}

/** Whether an answer wants something to be called. */
function callsOf(completion) {
  const { tool_calls: calls, function_call: call } = completion?.choices?.[0]?.message ?? {};
  return { calls: calls?.length ? calls : undefined, call: call ?? undefined };
}

/** What the fork's `sendCompletion` gives: the text, or a message where something is to be called. */
function asString(completion) {
  const { calls, call } = callsOf(completion);
  if (!calls && !call) return textOf(completion);
  const message = { content: textOf(completion) || null, tool_calls: calls, function_call: call };
  return { choices: [{ message, finish_reason: 'tool_calls' }] };
}

/** What v0.8's `sendCompletion` gives. The metadata is saved with the message, so large media stay out of it. */
function asObject(completion) {
  const [choice] = completion.choices ?? [];
  const { calls, call } = callsOf(completion);
  const metadata = {
    model: completion.model,
    provider: completion.provider,
    generationId: completion.id,
    finish_reason: choice?.finish_reason,
    usage: completion.usage,
    reasoning: choice?.message?.reasoning,
    annotations: choice?.message?.annotations,
    tool_calls: calls,
    function_call: call,
    ...(completion._metadata && { openrouter: completion._metadata }),
  };
  const known = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== null);
  return { completion: textOf(completion), metadata: Object.fromEntries(known) };
}

/** Fills a message that would be saved empty, because the answer only calls tools, with what LibreChat shows of that. */
function fillWithCalls(message, completion) {
  const { calls = [], call } = callsOf(completion);
  const all = call ? [...calls, { id: call.name, function: call }] : calls;
  if (all.length === 0 || message.content !== undefined) return;
  message.text ??= textOf(completion);
  const text = message.text === '' ? [] : [{ type: 'text', text: message.text }];
  const shown = all.map(({ id, function: { name, arguments: args } }) => ({
    type: 'tool_call',
    tool_call: { id, name, args, type: 'tool_call', progress: 1 },
  }));
  message.content = [...text, ...shown];
}

const DESTRUCTURED = /\{\s*completion\b[^}]*\}\s*=[^;]*\bsendCompletion\s*\(/;
const READ = /\bsendCompletion\s*\([\s\S]*\.completion\b/;

/**
 * Which shape a BaseClient awaits of `sendCompletion`, by how its own methods take it: v0.8 reads `completion` from the
 * result, the fork takes the result itself.
 * @returns {'string' | 'object'}
 */
function shapeFor(BaseClient) {
  for (let proto = BaseClient.prototype; proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(proto))) {
      if (typeof value !== 'function' || value === BaseClient) continue;
      const source = Function.prototype.toString.call(value);
      if (DESTRUCTURED.test(source) || READ.test(source)) return 'object';
    }
  }
  return 'string';
}

module.exports = { asObject, asString, fillWithCalls, shapeFor };
