'use strict';

const { textOf, toolCallsOf } = require('../shared/message.js');

/** Returns the text of an answer. If there is none, the text of a refusal is returned, because the user should read it. */
function answerOf(completion) {
  const { content, refusal } = completion?.choices?.[0]?.message ?? {};
  return textOf(content) || refusal || '';
}

/** Returns the tool calls and the function call of an answer; each is undefined if there is none. */
function callsOf(completion) {
  const { tool_calls: given, function_call: call } = completion?.choices?.[0]?.message ?? {};
  const calls = toolCallsOf(given);
  return { calls: calls.length > 0 ? calls : undefined, call: call ?? undefined };
}

/** Returns the result of `sendCompletion` for LibreChat's fork: the text, or a message if the answer has calls. */
function asString(completion) {
  const { calls, call } = callsOf(completion);
  if (!calls && !call) return answerOf(completion);
  const message = { content: answerOf(completion) || null, tool_calls: calls, function_call: call };
  return { choices: [{ message, finish_reason: 'tool_calls' }] };
}

/**
 * Returns the result of `sendCompletion` for LibreChat v0.8. LibreChat saves the metadata, so it contains no large media.
 */
function asObject(completion) {
  const choice = completion.choices?.[0];
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
  return { completion: answerOf(completion), metadata: Object.fromEntries(known) };
}

/**
 * Adds the calls of an answer to its message in the form that LibreChat displays. Without them, an answer without text is
 * saved empty.
 */
function fillWithCalls(message, completion) {
  const { calls = [], call } = callsOf(completion);
  const all = call ? [...calls, { id: call.name, function: call }] : calls;
  if (all.length === 0 || message.content !== undefined) return;
  message.text ??= answerOf(completion);
  const text = message.text === '' ? [] : [{ type: 'text', text: message.text }];
  const shown = all.map(({ id, function: { name, arguments: args } }) => ({
    type: 'tool_call',
    tool_call: { id, name, args, type: 'tool_call', progress: 1 },
  }));
  message.content = [...text, ...shown];
}

// Match the two ways in which a BaseClient reads the result: `const { completion } = await this.sendCompletion(…)`, and
// `.completion`.
const DESTRUCTURED = /\{\s*completion\b[^}]*\}\s*=[^;]*\bsendCompletion\s*\(/;
const READ = /\bsendCompletion\s*\([\s\S]*\.completion\b/;

/**
 * Returns the shape that a BaseClient expects of `sendCompletion`, judged by the source of its methods: that of v0.8 reads
 * `completion` from the result, that of the fork uses the result itself. Nothing else tells the two apart. It takes 9 to 42 µs,
 * once for each class.
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
