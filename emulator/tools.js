'use strict';

const { firstWords } = require('./prose');
const { exampleOf } = require('./schema');

const PIECE_CHARS = 8;
const SAMPLE_TOOL = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};
const TWO_CALLS = new Set(['same-index', 'interleaved']);

function functionTools(body) {
  return (Array.isArray(body.tools) ? body.tools : []).filter((tool) => tool?.function?.name);
}

/** Whether the answer calls tools: if the last message is the user's, and tools are offered or a directive asks for calls. */
function wantsToolCall(body, { text, chunks, toolQuirk, calls }) {
  if (body.messages.at(-1).role !== 'user' || text !== undefined || chunks !== undefined) return false;
  if (toolQuirk === 'finish-without-calls' || calls === 0) return false;
  if (toolQuirk !== undefined || calls !== undefined) return true;
  return functionTools(body).length > 0 && body.tool_choice !== 'none';
}

/** Makes the tool calls of an answer, in the shape of a completion that is not streamed. */
function makeCalls(body, prompt, { calls, toolQuirk }) {
  const offered = functionTools(body);
  const chosen = offered.find((tool) => tool.function.name === body.tool_choice?.function?.name);
  const tools = chosen ? [chosen] : offered;
  const usual = !chosen && body.parallel_tool_calls === true ? Math.min(tools.length, 2) : 1;
  const amount = calls ?? (TWO_CALLS.has(toolQuirk) ? 2 : usual);
  return Array.from({ length: amount }, (_, index) => {
    const tool = tools.length > 0 ? tools[index % tools.length] : SAMPLE_TOOL;
    const values = exampleOf(tool.function.parameters ?? { type: 'object' }, firstWords(prompt));
    return {
      index,
      id: `call_emulator_${index + 1}`,
      type: 'function',
      function: { name: tool.function.name, arguments: toolQuirk === 'args-empty' ? '' : JSON.stringify(values) },
    };
  });
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
