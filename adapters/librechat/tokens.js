'use strict';

const BYTES_PER_TOKEN = 4;
/** What a message costs beside its words. */
const PER_MESSAGE = 4;

/** A rough count, for where LibreChat lends no tokenizer; bills go by what the API reports. */
const estimate = (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** The words of a message, wherever they stand. */
function wordsOf({ text, content }) {
  if (text) return text;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => part?.text?.value ?? part?.text ?? part?.tool_call?.output ?? '').filter((word) => typeof word === 'string').join('');
}

/**
 * What BaseClient needs for its accounting: a count for each message by its id, and their sum. A message's own count
 * stands, since it is what was once billed.
 * @param {object[]} messages LibreChat's
 * @param {string | null} instructions sent with them
 * @param {(text: string) => number} count
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

/** What the newest message counted for: the prompt as billed, less all that went before it. */
function currentCount({ currentMessageId, tokenCountMap, usage }, inputTokensKey) {
  const estimated = tokenCountMap?.[currentMessageId] ?? 0;
  const billed = usage?.[inputTokensKey];
  if (typeof billed !== 'number') return estimated;
  const others = Object.entries(tokenCountMap ?? {}).filter(([id]) => id !== currentMessageId);
  const rest = billed - others.reduce((sum, [, tokens]) => sum + (Number(tokens) || 0), 0);
  return rest > 0 ? rest : estimated;
}

module.exports = { currentCount, estimate, promptCount, wordsOf };
