'use strict';

/** The prompt of every client. */
const messages = [{ role: 'user', content: 'Why is the sky blue?' }];

module.exports.KEY = 'sk-or-v1-bench';
module.exports.MODEL = 'openai/gpt-5-mini';
module.exports.messages = messages;
module.exports.request = { model: module.exports.MODEL, messages, stream: true };
