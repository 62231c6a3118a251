'use strict';

const fs = require('node:fs');

const { Signs } = require('../output/signs.js');
const { showWaiting } = require('../output/waiting.js');
const { UsageError, unreadable } = require('../usage.js');

/** Returns the JSON Schema in a file. */
function readSchema(file) {
  const refuse = (reason) => new UsageError(`--schema ${file}: ${reason}.`);
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse(unreadable(error));
  }
  let schema;
  try {
    schema = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw refuse(`it is no JSON: ${error.message}`);
  }
  const isObject = schema !== null && typeof schema === 'object' && !Array.isArray(schema);
  if (!isObject) throw refuse('a JSON Schema is an object, such as { "type": "object" }');
  return schema;
}

/**
 * Asks for a value that a schema describes, and shows meanwhile what happens.
 * @returns {Promise<object>} what `client.parse` resolves to
 */
async function askForValue(terminal, client, request, isQuiet) {
  const signs = new Signs(terminal, !isQuiet);
  try {
    return await showWaiting(signs, request.model, async () => {
      const parsing = await client.parse({ ...request, stream: true });
      let isComing = false;
      for await (const _ of parsing) {
        if (!isComing) signs.show('Receiving the answer');
        isComing = true;
      }
      return parsing.finalResult();
    });
  } finally {
    signs.stop();
  }
}

module.exports = { askForValue, readSchema };
