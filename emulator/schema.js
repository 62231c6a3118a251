'use strict';

const PLACES = /^(city|location|place|town)$/i;
const MAX_DEPTH = 8;

function typeOf(schema) {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== 'null') ?? 'null';
  if (schema.type) return schema.type;
  return schema.properties ? 'object' : 'string';
}

function exampleObject(schema, words, depth) {
  const properties = schema.properties ?? {};
  const names = schema.required?.length > 0 ? schema.required : Object.keys(properties);
  return Object.fromEntries(names.map((name) => [name, exampleOf(properties[name] ?? {}, words, name, depth + 1)]));
}

/**
 * Makes a value that fits a JSON schema of the kind that tools and `response_format` use.
 * @param {object} schema
 * @param {string} words the value of strings that the schema says nothing about
 */
function exampleOf(schema, words, name = '', depth = 0) {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.examples) return schema.examples[0];
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return exampleOf(variants[0], words, name, depth + 1);
  if (depth > MAX_DEPTH) return null;

  switch (typeOf(schema)) {
    case 'object': return exampleObject(schema, words, depth);
    case 'array': return schema.items ? [exampleOf(schema.items, words, name, depth + 1)] : [];
    case 'integer': return Math.ceil(schema.minimum ?? 1);
    case 'number': return schema.minimum ?? 1.5;
    case 'boolean': return true;
    case 'null': return null;
    default: return PLACES.test(name) ? 'São Paulo' : words;
  }
}

module.exports.exampleOf = exampleOf;
