'use strict';

const { ApiError } = require('./errors');
const { readQuestion } = require('./question');
const { fillCases, wordsOf } = require('./schema');

const PIECE_CHARS = 8;
const SAMPLE_TOOL = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};
/** Words in the names of tools that say nothing about their subject. */
const VERBS = new Set(['get', 'set', 'find', 'search', 'fetch', 'lookup', 'list', 'create', 'make', 'the', 'for', 'and', 'tool', 'to', 'in', 'of']);
const TWO_CALLS = new Set(['same-index', 'interleaved']);

function functionTools(body) {
  return (Array.isArray(body.tools) ? body.tools : []).filter((tool) => tool?.function?.name);
}

/** The name of the function that `tool_choice` names, or undefined. */
function chosenName(body) {
  return body.tool_choice?.function?.name;
}

/**
 * Whether the answer calls tools: if a directive asks for it, if `tool_choice` demands it, or if tools are offered and the last
 * message is the user's.
 */
function wantsToolCall(body, { text, chunks, toolQuirk, calls, toolCalls }) {
  if (toolCalls !== undefined) return toolCalls.length > 0;
  if (text !== undefined || chunks !== undefined || toolQuirk === 'finish-without-calls' || calls === 0) return false;
  const isOffered = functionTools(body).length > 0;
  if (isOffered && (body.tool_choice === 'required' || chosenName(body) !== undefined)) return true;
  if (body.messages.at(-1).role !== 'user') return false;
  if (toolQuirk !== undefined || calls !== undefined) return true;
  return isOffered && body.tool_choice !== 'none';
}

/** Makes the tool calls of an answer, in the shape of a completion that is not streamed. */
function makeCalls(body, prompt, { calls, toolQuirk, toolCalls }) {
  // Ids are unique within a conversation.
  const earlier = body.messages.reduce((sum, { tool_calls: made }) => sum + (Array.isArray(made) ? made.length : 0), 0);
  const made = toolCalls ?? plannedCalls(body, prompt, calls ?? (TWO_CALLS.has(toolQuirk) ? 2 : undefined));
  return made.map(({ id, name, arguments: values = {} }, index) => ({
    index,
    id: id ?? `call_emulator_${earlier + index + 1}`,
    type: 'function',
    function: { name, arguments: toolQuirk === 'args-empty' ? '' : typeof values === 'string' ? values : JSON.stringify(values) },
  }));
}

/** Chooses the tools that fit the question, and their arguments. */
function plannedCalls(body, prompt, amount) {
  const question = readQuestion(prompt);
  const all = usedTools(body, question).flatMap(({ function: { name, parameters } }) =>
    fillCases(parameters ?? { type: 'object' }, question).map((values) => ({ name, arguments: values })));
  if (amount !== undefined) return Array.from({ length: amount }, (_, index) => all[index % all.length]);
  return body.parallel_tool_calls === false ? all.slice(0, 1) : all;
}

/** Returns the tools that an answer calls: the one that `tool_choice` names, else those that the question is about. */
function usedTools(body, { text }) {
  const offered = functionTools(body);
  if (offered.length === 0) return [SAMPLE_TOOL];
  const name = chosenName(body);
  const chosen = offered.find((tool) => tool.function.name === name);
  if (chosen) return [chosen];
  if (name !== undefined) {
    throw new ApiError(400, `tool_choice names the function "${name}", which is not in tools`, { metadata: { error_type: 'invalid_request' } });
  }
  const asked = new Set(wordsOf(text).map(stem));
  const share = (words) => words.filter((word) => !VERBS.has(word) && asked.has(stem(word))).length;
  const named = offered.filter((tool) => share(wordsOf(tool.function.name)) > 0);
  if (named.length > 0) return named;
  const rated = offered.map((tool) => ({ tool, rank: share(wordsOf(tool.function.description ?? '').filter((word) => word.length > 3)) }));
  return [rated.reduce((best, one) => (one.rank > best.rank ? one : best)).tool];
}

function stem(word) {
  return word.replace(/(?:ing|es|s|e)$/, '');
}

function inPieces(text) {
  return text.match(new RegExp(`[^]{1,${PIECE_CHARS}}`, 'gu')) ?? [];
}

/** Splits a call into deltas as providers stream it: first the id and name, then the arguments piece by piece. */
function streamCall({ index, id, type, function: { name, arguments: json } }, quirk) {
  const head = { index, id, type, function: { name, arguments: '' } };
  const pieces = inPieces(json).map((piece) => ({ index, function: { arguments: piece } }));
  switch (quirk) {
    case 'id-repeated':
      return [head, ...pieces.map((piece) => ({ ...piece, id, type, function: { name, ...piece.function } }))];
    case 'empty-id':
      return [head, ...pieces.map((piece) => ({ ...piece, id: '', type, function: { name: '', ...piece.function } }))];
    case 'null-fields':
      return [head, ...pieces.map((piece) => ({ ...piece, id: null, type: null, function: { name: null, ...piece.function } }))];
    case 'args-first':
      return [...pieces, { index, id, type, function: { name, arguments: '' } }];
    case 'args-object':
      return [{ ...head, function: { name, arguments: JSON.parse(json) } }];
    case 'trailing':
      return [head, ...pieces, { index, function: { arguments: ' ' } }, { index, function: { arguments: '\n' } }];
    default:
      return [head, ...pieces];
  }
}

function renumber(piece, quirk) {
  const { index, ...rest } = piece;
  if (quirk === 'no-index') return rest;
  if (quirk === 'first-index-1') return { index: index + 1, ...rest };
  if (quirk === 'same-index') return { index: 0, ...rest };
  return piece;
}

/** Alternates the pieces of several calls. */
function interleave(lists) {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => lists.map((list) => list[turn]).filter(Boolean)).flat();
}

/** Makes the deltas of an answer that calls tools. */
function toolDeltas(calls, quirk) {
  if (quirk === 'function-call') {
    const { name, arguments: json } = calls[0].function;
    return [{ name, arguments: '' }, ...inPieces(json).map((piece) => ({ arguments: piece }))].map((part) => ({ content: null, function_call: part }));
  }
  const lists = calls.map((call) => streamCall(call, quirk));
  const pieces = quirk === 'interleaved' ? interleave(lists) : lists.flat();
  return pieces.map((piece) => ({ content: null, tool_calls: [renumber(piece, quirk)] }));
}

/** Makes the fields of a message that is not streamed and calls tools. */
function toolMessage(calls, quirk) {
  if (quirk === 'function-call') return { function_call: calls[0].function };
  if (quirk !== 'args-object') return { tool_calls: calls };
  return { tool_calls: calls.map((call) => ({ ...call, function: { ...call.function, arguments: JSON.parse(call.function.arguments) } })) };
}

module.exports.makeCalls = makeCalls;
module.exports.toolDeltas = toolDeltas;
module.exports.toolMessage = toolMessage;
module.exports.wantsToolCall = wantsToolCall;
