'use strict';

// Checks values against the part of JSON Schema that tools and structured output use. A keyword that is not here is not
// checked: models follow it, and no library of the size of this package checks all of them.

/** The depth at which a schema that contains itself is given up. */
const MAX_DEPTH = 100;

const TYPES = {
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** The keywords that compare a value with the number in the schema: of which type, what is compared, and the complaint. */
const LIMITS = {
  minimum: ['number', (value, limit) => value >= limit, 'at least'],
  maximum: ['number', (value, limit) => value <= limit, 'at most'],
  exclusiveMinimum: ['number', (value, limit) => value > limit, 'more than'],
  exclusiveMaximum: ['number', (value, limit) => value < limit, 'less than'],
  minLength: ['string', (value, limit) => [...value].length >= limit, 'of at least this length:'],
  maxLength: ['string', (value, limit) => [...value].length <= limit, 'of at most this length:'],
  minItems: ['array', (value, limit) => value.length >= limit, 'of at least this length:'],
  maxItems: ['array', (value, limit) => value.length <= limit, 'of at most this length:'],
};

/**
 * Returns what is wrong with a value by a JSON Schema, or null.
 * @param {object | boolean} schema
 * @param {unknown} value a JSON value
 */
function checkJsonSchema(schema, value) {
  return check(schema, value, '', schema, 0);
}

function check(schema, value, place, root, depth) {
  if (depth > MAX_DEPTH || schema === true || schema === undefined) return null;
  const complain = (text) => `${place === '' ? 'it' : place} ${text}`;
  if (schema === false) return complain('must not be there');
  if (schema === null || typeof schema !== 'object') return null;
  const inner = (one, item = value, at = place) => check(one, item, at, root, depth + 1);

  if (typeof schema.$ref === 'string') {
    const problem = inner(referenced(schema.$ref, root));
    if (problem !== null) return problem;
  }
  if (schema.type !== undefined) {
    const types = [schema.type].flat().filter((type) => type in TYPES);
    if (types.length > 0 && !types.some((type) => TYPES[type](value))) return complain(`must be ${types.map(withArticle).join(' or ')}`);
  }
  if ('const' in schema && !isSame(schema.const, value)) return complain(`must be ${JSON.stringify(schema.const)}`);
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => isSame(one, value))) {
    return complain(`must be one of ${JSON.stringify(schema.enum)}`);
  }
  for (const [name, [type, holds, words]] of Object.entries(LIMITS)) {
    if (typeof schema[name] === 'number' && TYPES[type](value) && !holds(value, schema[name])) return complain(`must be ${words} ${schema[name]}`);
  }
  if (typeof schema.pattern === 'string' && typeof value === 'string' && !matches(schema.pattern, value)) {
    return complain(`must match the pattern ${schema.pattern}`);
  }
  return first(schema.allOf ?? [], (one) => inner(one))
    ?? checkChoice(schema, (one) => inner(one), complain)
    ?? (TYPES.object(value) ? checkObject(schema, value, place, inner) : null)
    ?? (Array.isArray(value) ? checkArray(schema, value, place, inner) : null);
}

/** Checks `anyOf` and `oneOf`. Where one alternative is there, its complaint says more than that none matches. */
function checkChoice(schema, inner, complain) {
  for (const name of ['anyOf', 'oneOf']) {
    if (!Array.isArray(schema[name]) || schema[name].length === 0) continue;
    const problems = schema[name].map(inner);
    const fitting = problems.filter((problem) => problem === null).length;
    if (fitting === 0) return problems.length === 1 ? problems[0] : complain(`matches no alternative: ${problems.join('; or ')}`);
    if (name === 'oneOf' && fitting > 1) return complain('matches more than one alternative');
  }
  return null;
}

function checkObject({ properties = {}, required = [], additionalProperties }, value, place, inner) {
  const at = (name) => (place === '' ? name : `${place}.${name}`);
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${at(missing)} is missing`;
  return first(Object.keys(value), (name) =>
    (Object.hasOwn(properties, name) ? inner(properties[name], value[name], at(name)) : inner(additionalProperties, value[name], at(name))));
}

function checkArray({ items, prefixItems = [] }, value, place, inner) {
  return first(value.keys(), (index) => inner(index < prefixItems.length ? prefixItems[index] : items, value[index], `${place}[${index}]`));
}

/** Returns the first result that is not null. */
function first(values, toResult) {
  for (const value of values) {
    const result = toResult(value);
    if (result !== null) return result;
  }
  return null;
}

/** Returns the part of the schema that a reference such as `#/$defs/City` names. One to another document is not followed. */
function referenced(reference, root) {
  if (!reference.startsWith('#')) return true;
  const steps = reference.slice(1).split('/').filter((step) => step !== '');
  const names = steps.map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce((part, name) => (part !== null && typeof part === 'object' && Object.hasOwn(part, name) ? part[name] : true), root);
}

function matches(pattern, value) {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function withArticle(type) {
  return type === 'null' ? type : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

module.exports = { checkJsonSchema };
