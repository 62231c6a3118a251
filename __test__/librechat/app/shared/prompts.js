'use strict';

module.exports = {
  titleInstruction: 'a concise title for the conversation',
  truncateText: (text, max = 500) => (text.length > max ? `${text.slice(0, max)}...` : text),
  formatMessage: ({ message }) => ({ role: message.sender === 'User' ? 'user' : 'assistant', content: message.text }),
};
