'use strict';

const KEY = 'sk-or-v1-test';

/** Sends a chat to an emulator with the built-in `fetch`; `body` replaces parts of it. */
function ask(emulator, body = {}, { key = KEY, headers = {}, ...init } = {}) {
  return fetch(`${emulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], ...body }),
    ...init,
  });
}

/** Sends a chat; resolves to the parsed answer. */
const answerTo = async (...given) => (await ask(...given)).json();
/** Sends a chat; resolves to the text of the answer. */
const textOf = async (...given) => (await answerTo(...given)).choices[0].message.content;

module.exports = { KEY, answerTo, ask, textOf };
