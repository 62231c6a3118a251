'use strict';

/** The collections that the clients write to, kept in memory. */
const messages = new Map();
const transactions = [];
const checks = [];
let files = [];

module.exports = {
  transactions,
  checks,
  saveMessage: async (message) => {
    // Like a database, save a copy without undefined fields.
    const saved = JSON.parse(JSON.stringify({ ...messages.get(message.messageId), ...message, databasePromise: undefined }));
    messages.set(saved.messageId, saved);
    return saved;
  },
  getMessages: async ({ conversationId }) => structuredClone([...messages.values()].filter((one) => one.conversationId === conversationId)),
  getMessage: (messageId) => messages.get(messageId),
  getFiles: async (ids) => files.filter(({ file_id: id }) => ids.includes(id)),
  putFiles: (put) => { files = put; },
  checkBalance: async (check) => { checks.push(check); },
  spendTokens: async (transaction, tokens) => { transactions.push({ ...transaction, ...tokens }); },
  clear() {
    messages.clear();
    transactions.length = 0;
    checks.length = 0;
    files = [];
  },
};
