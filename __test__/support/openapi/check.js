'use strict';

const fs = require('node:fs');
const { default: Ajv } = require('ajv/dist/2020.js');
const { parse } = require('yaml');

/** The part of an address before the paths of the file. */
const BASE = /^.*?\/api\/v1(?=\/|$)/;
/** How deep a problem of a choice between schemas is told. */
const MAX_PROBLEMS = 3;

const pointer = (text) => text.replace(/~/g, '~0').replace(/\//g, '~1');

/** Checks requests against an OpenAPI file: path, method, query and body. */
class OpenApiCheck {
  #document;
  #ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false, coerceTypes: false });
  #queries = new Ajv({ strict: false, validateFormats: false, coerceTypes: 'array' });
  #paths;
  #validators = new Map();

  constructor(given) {
    const document = modern(given);
    this.#document = document;
    for (const ajv of [this.#ajv, this.#queries]) ajv.addSchema({ ...document, $id: 'api' });
    // A path without parameters comes before one with them, and a longer name before a shorter one.
    this.#paths = Object.keys(document.paths)
      .map((path) => ({ path, parameters: path.split('{').length, test: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`) }))
      .sort((a, b) => a.parameters - b.parameters);
  }

  /** Reads a JSON or YAML file. */
  static of(file) {
    return new OpenApiCheck(parse(fs.readFileSync(file, 'utf8'), { maxAliasCount: -1 }));
  }

  /**
   * Returns what is wrong with a request, in plain words; an empty list if nothing is, and null if it does not go to the API.
   * @param {{ method: string, url: string, type: string, body: string }} request
   */
  problemsOf({ method, url, type, body }) {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    if (!BASE.test(pathname)) return null;
    const local = pathname.replace(BASE, '').replace(/\/+$/, '');
    const found = this.#paths.find(({ test }) => test.test(local));
    if (found === undefined) return [`${method} ${local || '/'}: no such path`];
    const operation = this.#document.paths[found.path][method.toLowerCase()];
    const name = `${method} ${found.path}`;
    if (operation === undefined) return [`${name}: no such method`];
    const parameters = [...(this.#document.paths[found.path].parameters ?? []), ...(operation.parameters ?? [])].map((one) => this.#resolved(one));
    return [...this.#problemsOfQuery(name, parameters, searchParams), ...this.#problemsOfBody(name, found.path, method, operation, type, body)];
  }

  #resolved(value) {
    if (value?.$ref === undefined) return value;
    return this.#resolved(value.$ref.slice(2).split('/').reduce((inner, key) => inner?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], this.#document));
  }

  #problemsOfQuery(name, parameters, given) {
    const known = parameters.filter(({ in: place }) => place === 'query');
    const problems = [...new Set(given.keys())].filter((key) => !known.some((one) => one.name === key)).map((key) => `${name}: no query parameter ${key}`);
    for (const parameter of known) {
      if (!given.has(parameter.name)) {
        if (parameter.required) problems.push(`${name}: the query parameter ${parameter.name} is missing`);
        continue;
      }
      const values = given.getAll(parameter.name);
      const isList = this.#resolved(parameter.schema)?.type === 'array';
      const value = isList ? values.flatMap((one) => one.split(',')) : values[0];
      const key = `${name}?${parameter.name}`;
      const data = { value };
      const validate = this.#validator(key, this.#queries, { properties: { value: qualified(parameter.schema) } });
      if (!validate(data)) problems.push(`${name}: the query parameter ${parameter.name} ${validate.errors[0].message}`);
    }
    return problems;
  }

  #problemsOfBody(name, path, method, { requestBody }, type, body) {
    if (requestBody === undefined) return body === '' ? [] : [`${name}: takes no body`];
    const content = this.#resolved(requestBody).content;
    if (body === '') return this.#resolved(requestBody).required ? [`${name}: the body is missing`] : [];
    const kind = type.split(';')[0].trim().toLowerCase();
    if (content[kind] === undefined) return [`${name}: takes no body of the type ${kind || '(none)'}`];
    if (!kind.endsWith('json')) return [];
    let value;
    try {
      value = JSON.parse(body);
    } catch {
      return [`${name}: the body is no JSON`];
    }
    // What the emulator is asked for is no part of a request.
    if (typeof value === 'object' && value !== null) delete value.emulator;
    const place = requestBody.$ref?.slice(2) ?? `paths/${pointer(path)}/${method.toLowerCase()}/requestBody`;
    const validate = this.#validator(name, this.#ajv, { $ref: `api#/${place}/content/${pointer(kind)}/schema` });
    return validate(value) ? [] : deepest(validate.errors).map((error) => `${name}: ${error.instancePath || 'the body'} ${wordsOf(error)}`);
  }

  #validator(key, ajv, schema) {
    if (!this.#validators.has(key)) this.#validators.set(key, ajv.compile(schema));
    return this.#validators.get(key);
  }
}

/** Returns a document without what JSON Schema has given up: limits whose exclusion is a switch. */
function modern(document) {
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    for (const [limit, name] of [['minimum', 'exclusiveMinimum'], ['maximum', 'exclusiveMaximum']]) {
      if (typeof value?.[name] !== 'boolean') continue;
      if (value[name]) value[name] = value[limit];
      else delete value[name];
    }
    return value;
  });
}

/** Returns a schema whose references name the document. */
function qualified(schema) {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === '$ref' ? value.replace(/^#/, 'api#') : value));
}

/** Returns the errors that lie deepest in a body: those of a choice lie above the reason for it. */
function deepest(errors) {
  const depth = ({ instancePath }) => instancePath.split('/').length;
  const most = Math.max(...errors.map(depth));
  return errors.filter((error) => depth(error) === most).slice(0, MAX_PROBLEMS);
}

function wordsOf({ message, params }) {
  const more = params.allowedValues ?? params.additionalProperty ?? '';
  return more === '' ? message : `${message} (${[more].flat().join(', ')})`;
}

module.exports = { OpenApiCheck };
