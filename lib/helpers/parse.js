'use strict';

const { checkSignal } = require('../bridge/call.js');
const { OpenRouterError, wrongOption } = require('../errors.js');
const { Parsing } = require('./parsing.js');
const { Schema } = require('./schema.js');
const { canBeStrict, strictly } = require('./strict.js');

/** The names that the API takes. */
const NAME = /^[\w-]{1,64}$/;

/**
 * Asks a model for a value that a schema describes. `types/parse.d.ts` documents the parameters.
 * @returns {Promise<Parsing | object>} with `stream: true` the partial values, else the result
 */
async function parse(client, params) {
  const { schema, parameters, schemaName = 'answer', schemaDescription, strict, repair, signal, onProgress, ...request } = params ?? {};
  if (schema === undefined || schema === null) throw wrongOption('schema', 'a Standard Schema (zod, valibot, arktype, …) or a JSON Schema');
  if (typeof schemaName !== 'string' || !NAME.test(schemaName)) throw wrongOption('schemaName', 'a name of 1 to 64 letters, digits, _ and -');
  for (const [name, value] of Object.entries({ strict, repair })) {
    if (!['undefined', 'boolean'].includes(typeof value)) throw wrongOption(name, 'true or false');
  }
  if (request.response_format !== undefined) throw wrongOption('response_format', 'the schema instead, from which parse makes it');
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw new OpenRouterError('parse needs messages, a list that is not empty.', { code: 'invalid_request' });
  }
  checkSignal(signal, parse);
  const checker = new Schema(schema, parameters, 'parse');
  // Structured output is an object for every provider, so that another value is put into one.
  const isWrapped = !isObjectSchema(checker.json);
  const plain = isWrapped ? wrapped(checker.json) : checker.json;
  const isStrict = strict ?? canBeStrict(plain);
  const format = {
    name: schemaName,
    ...(schemaDescription !== undefined && { description: schemaDescription }),
    strict: isStrict,
    schema: isStrict ? strictly(plain) : plain,
  };
  const parsing = new Parsing(client, {
    ...request,
    response_format: { type: 'json_schema', json_schema: format },
    // Without this, a provider that does not know `response_format` ignores it.
    provider: { require_parameters: true, ...request.provider },
  }, { checker, plain, isWrapped, isStrict, mayRepair: repair === true, signal });
  return request.stream === true ? parsing : parsing.finalResult();
}

function isObjectSchema({ type, properties, anyOf, oneOf, $ref }) {
  return type === 'object' || (type === undefined && (properties !== undefined || $ref !== undefined) && anyOf === undefined && oneOf === undefined);
}

/** Returns the schema of an object whose only property is the value. References keep their targets at the root. */
function wrapped({ $defs, definitions, ...schema }) {
  return {
    type: 'object',
    properties: { value: schema },
    required: ['value'],
    additionalProperties: false,
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
}

module.exports = { parse };
