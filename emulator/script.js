'use strict';

const { ApiError } = require('./errors');
const { citations, makeImage, speak } = require('./media');
const { answerFromTools, answerTo, countTokens, firstWords, intoPieces, intoUnits, intoWords } = require('./prose');
const { think, wantsReasoning } = require('./reasoning');
const { readQuestion } = require('./question');
const { fill } = require('./schema');
const { makeCalls, toolDeltas, toolMessage, wantsToolCall } = require('./tools');

const IMAGE_TOKENS = 1290;
/** The models of Anthropic that go on from the beginning of an answer: those before Claude 4.6. */
const GOES_ON = /claude-(?:3|(?:opus|sonnet|haiku)-4(?:\.[0-5])?$)/;
const NATIVE = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', content_filter: 'refusal' };

function contentText(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => part?.text ?? '').join('');
}

function jsonAnswer(body, prompt, route) {
  if (route.router === 'openrouter/bodybuilder') {
    return JSON.stringify({ requests: [{ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: prompt }] }] });
  }
  switch (body.response_format?.type) {
    case 'json_schema': return JSON.stringify(fill(body.response_format.json_schema?.schema, readQuestion(prompt)));
    case 'json_object': return JSON.stringify({ answer: firstWords(prompt), model: route.model.id });
    default: return undefined;
  }
}

function textFor(body, prompt, route, { seed }) {
  const json = jsonAnswer(body, prompt, route);
  if (json !== undefined) return json;
  const results = toolResults(body.messages);
  if (results.length > 0) return answerFromTools(results);
  const text = answerTo(prompt, seed);
  return restOf(text, body.messages, route.model.id);
}

/**
 * Returns what is left of an answer whose beginning is the last message, for a model that goes on from there. Others answer from the
 * start, and the newest of Anthropic refuse.
 */
function restOf(text, messages, model) {
  const { role, content } = messages.at(-1);
  const beginning = role === 'assistant' ? contentText(content) : '';
  if (beginning === '' || !model.startsWith('anthropic/claude-')) return text;
  if (!GOES_ON.test(model)) throw new ApiError(400, 'This model does not support assistant message prefill. The conversation must end with a user message.', { metadata: { error_type: 'invalid_request' } });
  return text.startsWith(beginning) ? text.slice(beginning.length) : ' and so on.';
}

/** Returns the results of tools with which a conversation ends. */
function toolResults(messages) {
  const start = messages.findLastIndex(({ role }) => role !== 'tool') + 1;
  return messages.slice(start).map(({ content }) => contentText(content));
}

/** Splits the answer into the pieces that are streamed. `isCut`: `max_tokens` cut the answer short. */
function piecesOf(text, body, directives) {
  const { chunks, surrogates } = directives;
  const isExact = directives.text !== undefined;
  if (surrogates) return { pieces: intoUnits(text), isCut: false };
  if (chunks !== undefined) return { pieces: intoPieces(text, chunks, isExact), isCut: false };
  const words = intoWords(text);
  const limit = body.max_completion_tokens ?? body.max_tokens;
  if (isExact || typeof limit !== 'number' || words.length <= limit) return { pieces: words, isCut: false };
  return { pieces: words.slice(0, limit), isCut: true };
}

/** Makes an answer of text, with the refusal, audio, image and annotations that the request or a directive asks for. */
function speakUp(body, prompt, route, directives) {
  const text = directives.text ?? textFor(body, prompt, route, directives);
  const { pieces, isCut } = piecesOf(text, body, directives);
  const content = pieces.join('');
  const answer = {
    deltas: pieces.map((piece) => ({ content: piece })),
    message: { content },
    finish: isCut ? 'length' : 'stop',
    tokens: directives.chunks ?? countTokens(content),
    imageTokens: 0,
  };

  if (directives.refusal) {
    answer.deltas = pieces.map((piece) => ({ content: null, refusal: piece }));
    answer.message = { content: null, refusal: content };
    answer.finish = 'content_filter';
  } else if (body.modalities?.includes('audio')) {
    const { deltas, message } = speak(pieces);
    answer.deltas = deltas;
    answer.message = { content: null, audio: message };
  }
  if (body.modalities?.includes('image') || directives.imageSize !== undefined) {
    const images = [makeImage(directives.imageSize)];
    answer.deltas.push({ content: '', images });
    answer.message.images = images;
    answer.imageTokens = IMAGE_TOKENS;
  }
  if (route.isOnline || body.plugins?.some?.((plugin) => plugin?.id === 'web' && plugin.enabled !== false)) {
    const annotations = citations(content);
    answer.deltas.push({ content: '', annotations });
    answer.message.annotations = annotations;
  }
  return answer;
}

/** Makes an answer that calls tools. A directive can give it a text beside the calls. */
function callTools(body, prompt, directives) {
  const { text, toolQuirk } = directives;
  const made = makeCalls(body, prompt, directives);
  const legacy = toolQuirk === 'function-call';
  return {
    deltas: [...(text ? intoWords(text).map((content) => ({ content })) : []), ...toolDeltas(made, toolQuirk)],
    message: { content: text ?? null, ...toolMessage(made, toolQuirk) },
    finish: toolQuirk === 'finish-stop' ? 'stop' : legacy ? 'function_call' : 'tool_calls',
    tokens: countTokens(JSON.stringify(made) + (text ?? '')),
    imageTokens: 0,
  };
}

/**
 * Makes the content of an answer: its deltas, its whole message, its finish reason and its token counts.
 * @returns {{ deltas: object[], message: object, finish: string, nativeFinish: string,
 *   tokens: { completion: number, reasoning: number, image: number } }}
 */
function writeScript(body, prompt, route, directives) {
  const thinking = wantsReasoning(body, directives) ? think(body, prompt, directives) : { text: '', deltas: [], message: {} };
  const answer = wantsToolCall(body, directives) ? callTools(body, prompt, directives) : speakUp(body, prompt, route, directives);
  const usual = directives.toolQuirk === 'finish-without-calls' ? 'tool_calls' : answer.finish;
  const finish = directives.finish ?? usual;
  const reasoning = countTokens(thinking.text);
  return {
    deltas: [...thinking.deltas, ...answer.deltas],
    message: { role: 'assistant', refusal: null, ...answer.message, ...thinking.message },
    finish,
    nativeFinish: NATIVE[finish] ?? finish,
    tokens: { completion: answer.tokens + reasoning + answer.imageTokens, reasoning, image: answer.imageTokens },
  };
}

module.exports.writeScript = writeScript;
