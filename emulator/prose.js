'use strict';

const OPENERS = [
  'You wrote “{prompt}”, and that is a fine place to begin.',
  'Thank you for “{prompt}” — a question worth a café crème and some thought.',
  '“{prompt}” is a good start; let us look at it together.',
];
const MIDDLES = [
  'In short: take the smallest step that can be checked, then the next one. Naïve plans grow into good ones that way.',
  'There are two sides to it. One is what you want to know, the other is what you can measure; où commencer is up to you.',
  'The Japanese have a word for it, 改善 (kaizen): many small improvements that add up. 你好 to a better draft!',
];
const CLOSERS = [
  'This answer comes from the emulator, so it costs nothing but a smile 🙂.',
  'No model was woken for these words; the emulator made them up, añadiendo un poco de color 🎨.',
  'Ask again and you will get the same words: the emulator never changes its mind 👩‍🚀.',
];

const PROMPT_WORDS = 8;
const TOOL_RESULT_CHARS = 300;

/** The FNV-1a hash of a text. It chooses the sentences, so that the same prompt always gets the same answer. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

function firstWords(text, count = PROMPT_WORDS) {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > count ? `${words.slice(0, count).join(' ')}…` : words.join(' ');
}

/** Returns three canned sentences, the first of which quotes the prompt. Another `seed` chooses other sentences. */
function answerTo(prompt, seedText = '') {
  const seed = hash(seedText + prompt);
  const opener = OPENERS[seed % OPENERS.length].replace('{prompt}', () => firstWords(prompt) || '…');
  const middle = MIDDLES[(seed >>> 8) % MIDDLES.length];
  const closer = CLOSERS[(seed >>> 16) % CLOSERS.length];
  return `${opener} ${middle} ${closer}`;
}

/** Returns an answer that quotes the results of tools. */
function answerFromTools(results) {
  const short = results.map((result) => (result.length > TOOL_RESULT_CHARS ? `${result.slice(0, TOOL_RESULT_CHARS)}…` : result));
  return `${results.length > 1 ? 'The tools say' : 'The tool says'}: ${short.join('; ')} That settles it — voilà ✅.`;
}

function thoughtsAbout(prompt) {
  return `The user asks about “${firstWords(prompt) || '…'}”. First I restate the question, then I weigh two readings — 二つ — and pick the simpler one.`;
}

/** Splits a text into words, each with the white space after it. Joined they are the text again. */
function intoWords(text) {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** Returns exactly `count` pieces: of equal size if the text `isExact`, else its words, repeated until they suffice. */
function intoPieces(text, count, isExact) {
  if (count === 0) return [];
  if (!isExact) {
    const words = intoWords(`${text} `);
    return Array.from({ length: count }, (_, index) => words[index % words.length]);
  }
  const letters = [...text];
  return Array.from({ length: count }, (_, index) =>
    letters.slice(Math.floor((index * letters.length) / count), Math.floor(((index + 1) * letters.length) / count)).join(''));
}

/** Splits a text into UTF-16 code units, so that a surrogate pair comes in two deltas. */
function intoUnits(text) {
  return Array.from({ length: text.length }, (_, index) => text[index]);
}

/** Estimates the number of tokens of a text: one per four bytes of UTF-8. */
function countTokens(text) {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

module.exports.answerFromTools = answerFromTools;
module.exports.answerTo = answerTo;
module.exports.countTokens = countTokens;
module.exports.firstWords = firstWords;
module.exports.intoPieces = intoPieces;
module.exports.intoUnits = intoUnits;
module.exports.intoWords = intoWords;
module.exports.thoughtsAbout = thoughtsAbout;
