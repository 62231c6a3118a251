'use strict';

/** Removes control characters, which could steer the terminal, from text of the network. Tabs and line feeds stay. */
function plain(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Removes control characters and puts the text on one line. */
function oneLine(text) {
  return plain(text.replace(/\s+/g, ' ')).trim();
}

module.exports = { oneLine, plain };
