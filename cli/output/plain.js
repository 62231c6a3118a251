'use strict';

/** Text from elsewhere without what would steer the terminal. */
function plain(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** The same in one line. */
function oneLine(text) {
  return plain(text.replace(/\s+/g, ' ')).trim();
}

module.exports = { oneLine, plain };
