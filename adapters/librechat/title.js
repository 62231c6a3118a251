'use strict';

const NEW_CHAT = 'New Chat';
const TITLE_MODEL = 'openai/gpt-3.5-turbo';
/** LibreChat's name for the model of the conversation. */
const CURRENT_MODEL = 'current_model';
const MAX_CHARS = 100;
const INSTRUCTION = 'a title of at most five words for this conversation, in its own language and without quotation marks.';

/** Cuts a text after 500 characters, because a title does not need more. */
const truncate = (text) => (text.length > 500 ? `${text.slice(0, 500)}... [text truncated for brevity]` : text);

/**
 * Returns the request for a title. It goes to a cheap model by default, and the auto router is off.
 * @param {{ text: string, responseText: string, titleModel?: string, model?: string }} of
 */
function titleRequest({ text, responseText, titleModel, model }, { truncateText = truncate, titleInstruction = INSTRUCTION }) {
  const wanted = titleModel || process.env.OPENROUTER_TITLE_MODEL || TITLE_MODEL;
  // The answer is quoted twice, by JSON and here, as in LibreChat's own prompt, so that titles stay the same.
  const prompt = `Please generate ${titleInstruction}

||>User:
"${truncateText(String(text ?? ''))}"
||>Response:
"${JSON.stringify(truncateText(String(responseText ?? '')))}"
||>Title:`;
  return {
    // A user message, because some providers refuse a chat without one.
    messages: [{ role: 'user', content: prompt }],
    model: wanted === CURRENT_MODEL ? (model ?? TITLE_MODEL) : wanted,
    autoRouter: false,
    temperature: 0.2,
    max_tokens: 16,
  };
}

/** Returns the title in a completion: trimmed, without outer quotes, at most 100 characters. */
function titleOf(completion) {
  const content = completion?.choices?.[0]?.message?.content;
  const title = (typeof content === 'string' ? content : '').trim().replace(/^["']|["']$/g, '').trim();
  if (title.length <= MAX_CHARS) return title || NEW_CHAT;
  // Remove half of a surrogate pair (an emoji) at the cut.
  return `${title.slice(0, MAX_CHARS - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}

module.exports = { NEW_CHAT, titleOf, titleRequest };
