'use strict';

const { OpenRouterError } = require('../errors.js');
const { checkJsonSchema } = require('./json-schema.js');

/**
 * A schema of the caller: a Standard Schema (of zod, valibot, arktype and others), or a plain JSON Schema. It has the JSON
 * Schema that is sent, and checks values.
 */
class Schema {
  #standard;

  /**
   * @param {object} given the schema
   * @param {object} [parameters] its JSON Schema, where the library cannot write it
   * @param {string} what names the schema in errors
   */
  constructor(given, parameters, what) {
    if (given === null || (typeof given !== 'object' && typeof given !== 'function')) throw wrongSchema(what);
    this.#standard = given['~standard'];
    if (this.#standard !== undefined && typeof this.#standard?.validate !== 'function') throw wrongSchema(what);
    this.json = parameters ?? (this.#standard === undefined ? given : writtenBy(given, what));
  }

  /**
   * Checks a value. Resolves to the value that the schema makes of it, or to what is wrong with it.
   * @returns {Promise<{ value: unknown } | { problem: string }>}
   */
  async check(value) {
    if (this.#standard === undefined) {
      const problem = checkJsonSchema(this.json, value);
      return problem === null ? { value } : { problem };
    }
    const result = await this.#standard.validate(value);
    if (result.issues === undefined || result.issues === null) return { value: result.value };
    return { problem: result.issues.map(issueText).join('; ') || 'it does not match the schema' };
  }
}

function issueText({ message, path }) {
  const place = (path ?? []).map((key) => String(typeof key === 'object' && key !== null ? key.key : key)).join('.');
  return place === '' ? message : `${place}: ${message}`;
}

/** The drafts of JSON Schema that are asked for, the one that models know best first. */
const TARGETS = ['draft-2020-12', 'draft-07'];

/** Returns the JSON Schema that the library of a schema writes. */
function writtenBy(schema, what) {
  const { jsonSchema, vendor } = schema['~standard'];
  const writers = [
    ...(typeof jsonSchema?.input === 'function' ? TARGETS.map((target) => () => jsonSchema.input({ target })) : []),
    ...['toJSONSchema', 'toJsonSchema'].filter((name) => typeof schema[name] === 'function').map((name) => () => schema[name]()),
  ];
  let cause;
  for (const write of writers) {
    try {
      const { $schema, ...json } = write();
      return json;
    } catch (error) {
      cause ??= error;
    }
  }
  const reason = cause === undefined ? 'writes no JSON Schema' : `cannot write it as JSON Schema: ${cause.message}`;
  throw new OpenRouterError(`The schema of ${what} is of a library (${vendor}) that ${reason}. Give its JSON Schema as parameters, too.`, {
    code: 'invalid_option',
    cause,
  });
}

function wrongSchema(what) {
  return new OpenRouterError(`The schema of ${what} must be a Standard Schema (zod, valibot, arktype, …) or a JSON Schema.`, {
    code: 'invalid_option',
  });
}

module.exports = { Schema };
