'use strict';

const BYTES_PER_TOKEN = 4;
/** The tokens of a message in addition to those of its text. */
const PER_MESSAGE = 4;

/** Estimates the tokens of a text, if LibreChat passes no tokenizer. Billing uses the counts that the API reports. */
const estimate = (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Returns the text of a message, from `text` or from `content`, which may have parts. */
function wordsOf({ text, content }) {
  if (text) return text;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => part?.text?.value ?? part?.text ?? part?.tool_call?.output ?? '').filter((word) => typeof word === 'string').join('');
}

/**
 * Returns the token counts that BaseClient needs for its accounting: one for each message by its id, and their sum. A count
 * that is stored in a message is used as it is, because it was billed.
 * @param {object[]} messages the messages of LibreChat
 * @param {string | null} instructions the instructions that are sent with the messages
 * @param {(text: string) => number} count counts the tokens of a text
 */
function promptCount(messages, instructions, count) {
  const tokenCountMap = {};
  let promptTokens = instructions ? count(instructions) + PER_MESSAGE : 0;
  for (const message of messages) {
    if (typeof message !== 'object' || message === null) continue;
    const tokens = message.tokenCount > 0 ? message.tokenCount : count(wordsOf(message)) + PER_MESSAGE;
    if (message.messageId) tokenCountMap[message.messageId] = tokens;
    promptTokens += tokens;
  }
  return { tokenCountMap, promptTokens };
}

/**
 * Returns the tokens of the newest message: those of the prompt as billed, minus those of all other messages; else the
 * estimate.
 */
function currentCount({ currentMessageId, tokenCountMap, usage }, inputTokensKey) {
  const estimated = tokenCountMap?.[currentMessageId] ?? 0;
  const billed = usage?.[inputTokensKey];
  if (typeof billed !== 'number') return estimated;
  const others = Object.entries(tokenCountMap ?? {}).filter(([id]) => id !== currentMessageId);
  const rest = billed - others.reduce((sum, [, tokens]) => sum + (Number(tokens) || 0), 0);
  return rest > 0 ? rest : estimated;
}

module.exports = { currentCount, estimate, promptCount, wordsOf };
