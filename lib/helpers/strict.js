'use strict';

/** The keywords whose value is a schema, a list of schemas, or an object of schemas. */
const ONE = ['items', 'additionalProperties', 'not'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', '$defs', 'definitions'];

/**
 * Returns a JSON Schema in the form that `strict: true` demands: objects allow no other properties and require all of theirs.
 * A property that was optional may be null instead. What fits already is not changed.
 * @param {unknown} schema
 */
function strictly(schema) {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return schema;
  const copy = { ...schema };
  for (const name of ONE) if (name in copy) copy[name] = strictly(copy[name]);
  for (const name of LISTS) if (Array.isArray(copy[name])) copy[name] = copy[name].map(strictly);
  for (const name of MAPS) {
    if (copy[name] === null || typeof copy[name] !== 'object') continue;
    copy[name] = Object.fromEntries(Object.entries(copy[name]).map(([key, inner]) => [key, strictly(inner)]));
  }
  const isObject = [copy.type].flat().includes('object') || copy.properties !== undefined;
  // An object whose keys are not known (a record) has no strict form.
  const isRecord = copy.properties === undefined && copy.additionalProperties !== undefined && copy.additionalProperties !== false;
  if (!isObject || isRecord) return copy;
  const { properties = {}, required = [] } = copy;
  copy.additionalProperties = false;
  copy.required = Object.keys(properties);
  copy.properties = Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, required.includes(key) ? inner : nullable(inner)]));
  return copy;
}

/** Whether `strict: true` can hold for a schema: it has no object whose keys are not known. */
function canBeStrict(schema) {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return true;
  const { additionalProperties, properties } = schema;
  const isOpen = (additionalProperties !== undefined && additionalProperties !== false)
    || ([schema.type].flat().includes('object') && properties === undefined && additionalProperties === undefined);
  if (isOpen) return false;
  const inner = [
    ...ONE.map((name) => schema[name]),
    ...LISTS.flatMap((name) => (Array.isArray(schema[name]) ? schema[name] : [])),
    ...MAPS.flatMap((name) => Object.values(schema[name] ?? {})),
  ];
  return inner.every(canBeStrict);
}

function nullable(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  if ([schema.type].flat().includes('null') || schema.anyOf?.some((one) => one?.type === 'null')) return schema;
  if (schema.type !== undefined && schema.enum === undefined && schema.const === undefined) return { ...schema, type: [...[schema.type].flat(), 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}

/** Removes the properties that are null because they were optional, which the caller's schema does not allow to be null. */
function withoutNulls(schema, value) {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(schema?.items, item));
  if (value === null || typeof value !== 'object') return value;
  const { properties = {}, required = [] } = schema ?? {};
  const entries = Object.entries(value).filter(([key, inner]) => inner !== null || required.includes(key) || !Object.hasOwn(properties, key) || allowsNull(properties[key]));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(properties[key], inner)]));
}

function allowsNull(schema) {
  if (schema === null || typeof schema !== 'object') return true;
  if (schema.enum !== undefined) return schema.enum.includes(null);
  if ('const' in schema) return schema.const === null;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.some(allowsNull);
  return schema.type === undefined || [schema.type].flat().includes('null');
}

module.exports = { canBeStrict, strictly, withoutNulls };
