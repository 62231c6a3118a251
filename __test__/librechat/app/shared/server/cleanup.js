'use strict';

const NULLED = [
  'apiKey', 'sender', 'modelOptions', 'usage', 'sendMessage', 'currentMessages', 'abortController', 'user', 'metadata',
  'conversationId', 'responseMessageId', 'parentMessageId', 'message_file_map', 'attachments', 'isChatCompletion',
];

const clients = new FinalizationRegistry(() => {});
const requests = new WeakMap();

/** Clears a client as LibreChat does once it no longer needs it. */
function disposeClient(client) {
  if (!client) return;
  if (client.savedMessageIds) {
    client.savedMessageIds.clear();
    client.savedMessageIds = null;
  }
  for (const name of NULLED) if (client[name]) client[name] = null;
  if (typeof client.dispose === 'function') client.dispose();
  if (client.options) client.options = null;
}

module.exports = { clients, requests, disposeClient };
