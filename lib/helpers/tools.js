'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { Schema } = require('./schema.js');
const { strictly } = require('./strict.js');

/** The names that the API takes. */
const NAME = /^[\w-]{1,64}$/;
/** A tool without parameters. */
const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };

/**
 * Reads the tools of a run.
 * @param {unknown} given
 * @returns {{ sent: object[], byName: Map<string, object> }} the tools as they are sent, and those that are called here
 */
function readTools(given) {
  if (!Array.isArray(given)) throw wrongOption('tools', 'a list of tools');
  const byName = new Map();
  const sent = given.map((tool, index) => {
    if (tool === null || typeof tool !== 'object') throw wrongOption(`tools[${index}]`, 'a tool { name, description, schema, run }');
    // A tool of the server (`openrouter:web_search`) or of a provider is not called here.
    if (tool.type !== undefined && tool.type !== 'function') return tool;
    const read = readTool(tool, index);
    if (byName.has(read.name)) throw new OpenRouterError(`Two tools have the name ${read.name}.`, { code: 'invalid_option' });
    byName.set(read.name, read);
    return read.sent;
  });
  return { sent, byName };
}

/** Reads one tool, in the form of this package, or in that of the API with `run` added. */
function readTool(tool, index) {
  const { type, function: described, ...own } = tool;
  const { run, needsApproval, timeout, schema, parameters, ...facts } = { ...described, ...own };
  const { name, description, strict, ...more } = facts;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw wrongOption(`tools[${index}].name`, 'a name of 1 to 64 letters, digits, _ and -');
  }
  if (run !== undefined && typeof run !== 'function') throw wrongOption(`the tool ${name}: run`, 'a function');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw wrongOption(`the tool ${name}: timeout`, 'a number of milliseconds');
  }
  if (!['undefined', 'boolean', 'function'].includes(typeof needsApproval)) {
    throw wrongOption(`the tool ${name}: needsApproval`, 'true, false or a function');
  }
  const checker = new Schema(schema ?? parameters ?? NO_PARAMETERS, schema === undefined ? undefined : parameters, `the tool ${name}`);
  const json = strict === true ? strictly(checker.json) : checker.json;
  const sent = {
    type: 'function',
    function: { name, ...(description !== undefined && { description }), ...(strict !== undefined && { strict }), parameters: json },
    ...more,
  };
  return { name, run, needsApproval, timeout, schema: checker, sent };
}

module.exports = { readTools };
