'use strict';

const NEW_CHAT = 'New Chat';
const TITLE_MODEL = 'openai/gpt-3.5-turbo';
/** LibreChat's word for the model of the conversation. */
const CURRENT_MODEL = 'current_model';
const MAX_CHARS = 100;
const INSTRUCTION = 'a title of at most five words for this conversation, in its own language and without quotation marks.';

/** The first 500 characters: a title needs no more. */
const truncate = (text) => (text.length > 500 ? `${text.slice(0, 500)}... [text truncated for brevity]` : text);

/**
 * The request for a title: a small one to a cheap model, never to a router.
 * @param {{ text: string, responseText: string, titleModel?: string, model?: string }} of
 */
function titleRequest({ text, responseText, titleModel, model }, { truncateText = truncate, titleInstruction = INSTRUCTION }) {
  const wanted = titleModel || process.env.OPENROUTER_TITLE_MODEL || TITLE_MODEL;
  const prompt = `Please generate ${titleInstruction}

||>User:
"${truncateText(String(text ?? ''))}"
||>Response:
"${JSON.stringify(truncateText(String(responseText ?? '')))}"
||>Title:`;
  return {
    // Not as a system message: some providers want a user to speak first.
    messages: [{ role: 'user', content: prompt }],
    model: wanted === CURRENT_MODEL ? (model ?? TITLE_MODEL) : wanted,
    autoRouter: false,
    temperature: 0.2,
    max_tokens: 16,
  };
}

/** A title as it is shown: trimmed, without outer quotes, of 100 characters at most. */
function titleOf(completion) {
  const said = completion?.choices?.[0]?.message?.content;
  const title = (typeof said === 'string' ? said : '').trim().replace(/^["']|["']$/g, '').trim();
  if (title.length <= MAX_CHARS) return title || NEW_CHAT;
  // Not in the middle of an emoji.
  return `${title.slice(0, MAX_CHARS - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}

module.exports = { NEW_CHAT, titleOf, titleRequest };
