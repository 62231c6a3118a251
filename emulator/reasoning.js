'use strict';

const { intoWords, thoughtsAbout } = require('./prose');

const FORMAT = 'anthropic-claude-v1';
const WORDS_PER_DELTA = 3;

/** Whether the model reasons. With `reasoning.exclude` it reasons and charges for it, but does not send the reasoning. */
function wantsReasoning(body, { reasoning: given, reasoningStyle }) {
  const { reasoning, reasoning_effort: effort, include_reasoning: include } = body;
  if (given !== undefined || reasoningStyle !== undefined) return given !== '';
  if (reasoning) return reasoning.enabled !== false && reasoning.effort !== 'none';
  return include === true || (effort !== undefined && effort !== null && effort !== 'none');
}

function thoughtPieces(text) {
  const words = intoWords(text);
  const pieces = [];
  for (let index = 0; index < words.length; index += WORDS_PER_DELTA) pieces.push(words.slice(index, index + WORDS_PER_DELTA).join(''));
  return pieces;
}

/** Returns the fields that carry a piece of reasoning. Providers differ in them; `style` chooses. */
function fieldsFor(style, thought, details) {
  switch (style) {
    case 'reasoning': return { reasoning: thought };
    case 'reasoning_content': return { reasoning_content: thought };
    case 'details': return { reasoning_details: details };
    case 'all': return { reasoning: thought, reasoning_content: thought, reasoning_details: details };
    default: return { reasoning: thought, reasoning_details: details };
  }
}

/**
 * Makes the reasoning of an answer, as deltas and as fields of the whole message.
 * @returns {{ text: string, deltas: object[], message: object }}
 */
function think(body, prompt, { reasoning: given, reasoningStyle: style }) {
  const text = given ?? thoughtsAbout(prompt);
  if (body.reasoning?.exclude === true) return { text, deltas: [], message: {} };

  const textDetail = (more) => ({ type: 'reasoning.text', ...more, format: FORMAT, index: 0 });
  const signature = Buffer.from(`emulator signature of ${text.length} characters`).toString('base64');
  const encrypted = { type: 'reasoning.encrypted', data: Buffer.from('emulator encrypted thinking').toString('base64'), id: 'reasoning_1', format: FORMAT, index: 1 };

  const deltas = thoughtPieces(text).map((piece) => ({ content: '', ...fieldsFor(style, piece, [textDetail({ text: piece })]) }));
  if (style !== 'reasoning' && style !== 'reasoning_content') {
    deltas.push({ content: '', reasoning_details: [textDetail({ signature })] }, { content: '', reasoning_details: [encrypted] });
  }
  return { text, deltas, message: fieldsFor(style, text, [textDetail({ text, signature }), encrypted]) };
}

module.exports.think = think;
module.exports.wantsReasoning = wantsReasoning;
