'use strict';

const { wrongOption } = require('../errors.js');

/** The header by which OpenRouter keeps a conversation with one provider. */
const SESSION = 'x-session-id';
/** The longest id that the API takes. */
const MAX_ID = 256;
/** What programs write where they have no id: LibreChat the name of a placeholder that it did not fill in, and its routes `new`. */
const NO_ID = /^(new|null|undefined|none)$|\{\{|\$\{/i;

/** Checks the option `sessionHeader`. Returns the name of the header; null for none. */
function sessionHeaderOf(name) {
  if (name === undefined || name === null) return null;
  if (typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return name.toLowerCase();
  throw wrongOption('sessionHeader', 'the name of a header, such as x-conversation-id');
}

/**
 * Returns a request with the id of the conversation that its header `name` has. An id that is none is removed: all conversations
 * without an id would count as one.
 */
function inSession(request, name) {
  const { headers } = request;
  const own = headers.get(SESSION);
  const id = own ?? headers.get(name);
  if (id === null || (own !== null && isId(own)) || (own === null && !isId(id))) return request;
  const changed = new Headers(headers);
  if (own === null) changed.set(SESSION, id);
  else changed.delete(SESSION);
  return { ...request, headers: changed };
}

function isId(text) {
  return text !== '' && text.length <= MAX_ID && !NO_ID.test(text);
}

module.exports = { inSession, sessionHeaderOf };
