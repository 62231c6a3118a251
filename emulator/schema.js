'use strict';

const { firstWords } = require('./prose');

const MAX_DEPTH = 8;
/** Deeper lists stay empty, so that a schema that contains itself ends. */
const MAX_LIST_DEPTH = 4;
const DAY_MS = 86_400_000;
const DAYS_FROM_NOW = { yesterday: -1, today: 0, tomorrow: 1 };
/** Where a question names no place, as most prompts of tests do. */
const SOME_PLACE = 'São Paulo';
/** Names of properties for the second of two values. */
const SECOND = /(?:^|_)(?:to|target)(?:_|$)|^(?:to|target)[A-Z]/;
const NEGATION = String.raw`\b(?:no|not|without|never|don['’]?t|isn['’]?t|excluding|exclude|skip)\b(?: \p{L}+){0,2} `;

/**
 * What texts of a question a property may mean, by a word of its name, else of its description. `isList`: where a question has
 * several of them, a tool is called for each.
 */
const MEANINGS = [
  { words: /^(?:origin|departure|from|source|start)$/, values: ({ from }) => from },
  { words: /^(?:destination|arrival|to|target)$/, values: ({ to }) => to },
  {
    words: /^(?:city|cities|location|place|town|country|region|address|airport|where)$/,
    isList: true,
    values: ({ places }) => places,
    otherwise: SOME_PLACE,
  },
  { words: /^e?mail$|^recipient$/, isList: true, values: ({ emails }) => emails },
  { words: /^(?:url|uri|link|website)$/, isList: true, values: ({ urls }) => urls },
  { words: /^(?:end|until|return|checkout|due)$/, values: ({ dates }) => dates.slice(-1) },
  { words: /^(?:date|day|when|start|checkin|deadline|birthday)$/, values: ({ dates }) => dates },
  { words: /^(?:time|hour)$/, values: ({ times }) => times },
  { words: /^(?:expression|formula|equation|calculation)$/, isList: true, values: ({ sums }) => sums },
  { words: /^(?:base|currency)$/, values: ({ currencies }) => currencies },
  { words: /^language$/, values: ({ to, names }) => [...to, ...names] },
  { words: /^(?:name|person|people|author|user|customer|contact|artist|company)$/, isList: true, values: anyName },
  { words: /^(?:id|code|sku|order|ticket|reference)$/, values: ({ codes }) => codes },
  { words: /^(?:topic|subject|about)$/, values: ({ topic }) => (topic ? [topic] : []) },
  { words: /^(?:query|q|search|question|prompt|keywords?)$/, values: ({ quoted, text }) => [quoted[0] ?? text] },
];

function anyName({ people, quoted, names }) {
  return [people, quoted, names].find((list) => list.length > 0) ?? [];
}

/** The words of a name: `checkIn_date` has `check`, `in`, `date`, and also `checkin`. */
function wordsOf(name) {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase().match(/\p{L}+/gu) ?? [];
  return [...words, ...words.slice(1).map((word, at) => words[at] + word)];
}

/** The meanings of a property: by its name, of which the last word says most, and then by its description. */
function meaningsOf(name, { description = '' }) {
  const words = [...wordsOf(name).reverse(), ...wordsOf(description)];
  return words.map((word) => MEANINGS.find((meaning) => meaning.words.test(word))).filter(Boolean);
}

function isNullable({ type, nullable }) {
  return nullable === true || (Array.isArray(type) && type.includes('null'));
}

function typeOf(schema) {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== 'null') ?? 'null';
  if (schema.type) return schema.type;
  if (schema.properties) return 'object';
  return schema.items ? 'array' : 'string';
}

/** Fills a JSON schema of the kind that tools and `response_format` use with values from a question. */
class Filler {
  #root;
  #question;
  #only;
  #usedNumbers;

  /**
   * @param {object} root
   * @param {object} question what `readQuestion` found
   * @param {Object<string, string>} [only] the values of properties that this case is about
   * @param {Set<object>} [usedNumbers] the numbers of the question that properties have already
   */
  constructor(root, question, only = {}, usedNumbers = new Set()) {
    this.#usedNumbers = usedNumbers;
    this.#root = root;
    this.#question = question;
    this.#only = only;
  }

  /** Fills a part of the root schema, which is `depth` levels deep. */
  fill(schema, depth) {
    return this.#value(schema, '', depth);
  }

  /** Returns a value that fits the schema, from the question where it has one, else made up. */
  #value(given, name, depth) {
    const schema = this.#resolved(given);
    const found = this.#found(schema, name, depth);
    if (found !== undefined) return found;
    if (schema.default !== undefined) return schema.default;
    return isNullable(schema) ? null : this.#madeUp(schema, name, depth);
  }

  /** Returns a value that the question or the schema determines, or undefined. */
  #found(schema, name, depth) {
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return mentioned(schema.enum, this.#question.text)[0];
    if (depth > MAX_DEPTH) return null;
    switch (typeOf(schema)) {
      case 'object': return this.#object(schema, depth);
      case 'array': return this.#array(schema, name, depth);
      case 'integer': return this.#number(schema, name, Math.round);
      case 'number': return this.#number(schema, name, (value) => value);
      case 'boolean': return this.#boolean(name);
      case 'null': return null;
      default: return this.#text(schema, name);
    }
  }

  #madeUp(schema, name, depth) {
    if (schema.enum) return schema.enum[0];
    if (schema.examples) return schema.examples[0];
    switch (typeOf(schema)) {
      case 'array': {
        const length = schema.minItems ?? Math.min(schema.maxItems ?? 1, depth > MAX_LIST_DEPTH ? 0 : 1);
        return Array.from({ length }, () => this.#value(schema.items, name, depth + 1));
      }
      case 'integer': return numberFor(schema, 1, Math.ceil);
      case 'number': return numberFor(schema, 1.5, (value) => value);
      case 'boolean': return false;
      default: {
        const words = firstWords(this.#question.text) || 'text';
        return inLength(MADE_UP[schema.format] ?? meaningsOf(name, schema)[0]?.otherwise ?? words, schema);
      }
    }
  }

  #object(schema, depth) {
    const properties = schema.properties ?? {};
    const required = schema.required ?? [];
    const pairs = [];
    for (const [name, one] of Object.entries(properties)) {
      const isNeeded = required.length === 0 || required.includes(name);
      const value = isNeeded ? this.#value(one, name, depth + 1) : this.#optional(one, name, depth + 1);
      if (value !== undefined) pairs.push([name, value]);
    }
    for (const name of required) if (!Object.hasOwn(properties, name)) pairs.push([name, firstWords(this.#question.text)]);
    return Object.fromEntries(pairs);
  }

  /** An optional property is filled only if the question has its value; objects and lists, which need made-up parts, are not. */
  #optional(given, name, depth) {
    const schema = this.#resolved(given);
    return typeOf(schema) === 'object' ? undefined : this.#found(schema, name, depth);
  }

  #array(schema, name, depth) {
    if (!schema.items || depth > MAX_LIST_DEPTH) return undefined;
    const items = { description: schema.description, ...this.#resolved(schema.items) };
    const found = this.#items(items, name, depth);
    if (found.length === 0 || found.length < (schema.minItems ?? 0)) return undefined;
    return found.slice(0, schema.maxItems ?? found.length);
  }

  #items(items, name, depth) {
    if (items.enum) return mentioned(items.enum, this.#question.text);
    switch (typeOf(items)) {
      case 'integer':
      case 'number': return this.#question.numbers.map(({ value }) => value);
      case 'string': return this.#texts(name, items);
      // One object for each city or person in the question.
      case 'object': return fillCases(this.#root, this.#question, items, depth + 1);
      default: return [this.#value(items, name, depth + 1)];
    }
  }

  /** The number beside the property's name, else the next one that no property has. */
  #number(schema, name, round) {
    const { numbers } = this.#question;
    const words = wordsOf(name).filter((word) => word.length > 2);
    const isNamed = ({ before, after }) => words.some((word) => [...before, ...after].some((other) => sameWord(word, other)));
    const free = numbers.filter((number) => !this.#usedNumbers.has(number) && isInRange(number.value, schema));
    const number = free.find(isNamed) ?? free[0];
    if (number === undefined) return undefined;
    this.#usedNumbers.add(number);
    return round(number.value);
  }

  /** Whether the question mentions the property, and does not deny it. */
  #boolean(name) {
    const words = wordsOf(name).filter((word) => word.length > 3 && !['include', 'with', 'should', 'have'].includes(word));
    const word = words.find((one) => new RegExp(`\\b${one}`, 'i').test(this.#question.text));
    if (word === undefined) return undefined;
    return !new RegExp(`${NEGATION}${word}`, 'iu').test(this.#question.text);
  }

  #text(schema, name) {
    if (Object.hasOwn(this.#only, name)) return this.#only[name];
    const { dates, times, emails, urls } = this.#question;
    switch (schema.format) {
      case 'date': return dates[0] && isoDate(dates[0]);
      case 'time': return times[0] && `${times[0]}:00Z`;
      case 'date-time': return dates[0] && `${isoDate(dates[0])}T${times[0] ?? '00:00'}:00Z`;
      case 'email': return emails[0];
      case 'uri': case 'url': return urls[0];
      default: {
        const values = this.#texts(name, schema);
        // A second property of the same meaning, such as the currency to convert to, gets the second value.
        const value = SECOND.test(name) && values.length > 1 ? values[1] : values[0];
        return value === undefined ? undefined : inLength(value, schema);
      }
    }
  }

  /** The texts of the question that a property may mean; quoted ones, where its name says nothing. */
  #texts(name, schema) {
    const meanings = meaningsOf(name, schema);
    if (meanings.length === 0) return this.#question.quoted;
    return meanings.map((meaning) => meaning.values(this.#question)).find((values) => values.length > 0) ?? [];
  }

  /** Follows a `$ref` within the schema, merges `allOf`, and takes the first variant that is not `null`. */
  #resolved(schema, depth = 0) {
    if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return {};
    if (typeof schema.$ref === 'string') {
      const target = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean).reduce((value, part) => value?.[part], this.#root);
      return this.#resolved(target, depth + 1);
    }
    if (schema.allOf) {
      const parts = schema.allOf.map((one) => this.#resolved(one, depth + 1));
      const properties = Object.assign({}, ...parts.map((part) => part.properties), schema.properties);
      const required = [...parts, schema].flatMap((part) => part.required ?? []);
      return this.#resolved(Object.assign({}, ...parts, { ...schema, allOf: undefined, properties, required }), depth + 1);
    }
    const variants = schema.anyOf ?? schema.oneOf;
    if (!variants) return schema;
    const real = variants.filter((variant) => variant?.type !== 'null');
    return { ...this.#resolved(real[0] ?? {}, depth + 1), ...(real.length < variants.length && { nullable: true }) };
  }
}

/** Texts that fit a `format`, where the question has none. */
const MADE_UP = {
  date: '2027-01-31',
  time: '12:00:00Z',
  'date-time': '2027-01-31T12:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000001',
};

function isoDate(date) {
  const days = DAYS_FROM_NOW[date];
  return days === undefined ? date : new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

function isInRange(value, { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity }) {
  return value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum;
}

/** Returns the usual number if it is in the range of a schema, else one that is. */
function numberFor(schema, usual, round) {
  const low = round(Math.max(schema.minimum ?? -Infinity, schema.exclusiveMinimum ?? -Infinity));
  const high = Math.min(schema.maximum ?? Infinity, schema.exclusiveMaximum ?? Infinity);
  const candidates = [usual, low, high, (low + high) / 2, low + 1, high - 1].map(round);
  return candidates.find((value) => Number.isFinite(value) && isInRange(value, schema)) ?? usual;
}

function inLength(text, { minLength = 0, maxLength = Infinity }) {
  return text.slice(0, maxLength).padEnd(Math.min(minLength, maxLength), '.');
}

function sameWord(word, other) {
  const stem = (text) => text.replace(/(?:es|s)$/, '');
  return stem(word) === stem(other);
}

/** Returns the values of an `enum` that a text mentions, in the order of the text. */
function mentioned(values, text) {
  const lower = text.toLowerCase();
  const placeOf = (value) => {
    const word = String(value).toLowerCase().replace(/[_-]/g, ' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return word === '' ? -1 : lower.search(new RegExp(`(?<![\\p{L}\\d])${word}(?![\\p{L}\\d])`, 'u'));
  };
  const found = values.map((value) => ({ value, at: placeOf(value) })).filter(({ at }) => at >= 0);
  return found.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/**
 * Returns what a schema should be filled for: one case for each city, person and so on, if the question has several and the
 * schema takes one.
 * @returns {Object<string, string>[]} in each case, the value of a property
 */
function casesOf(schema, question) {
  const properties = Object.entries(schema.properties ?? {});
  for (const [name, one] of properties) {
    const [meaning] = typeOf(one) === 'string' && !one.enum && !one.format ? meaningsOf(name, one) : [];
    const values = meaning?.isList ? [...new Set(meaning.values(question))] : [];
    if (values.length > 1) return values.map((value) => ({ [name]: value }));
  }
  return [{}];
}

/** Returns a value for a schema, with what the question says. */
function fill(schema = {}, question) {
  return new Filler(schema, question).fill(schema, 0);
}

/** Returns a value of a schema, which may be a part of `root`, for each case of the question, such as each of its cities. */
function fillCases(root, question, schema = root, depth = 0) {
  const cases = casesOf(schema, question);
  // With a number for each, as in "Alice is 30, Bob is 25", each case has its own. Otherwise all have the same.
  const used = question.numbers.length >= cases.length ? new Set() : undefined;
  return cases.map((only) => new Filler(root, question, only, used).fill(schema, depth));
}

module.exports.fill = fill;
module.exports.fillCases = fillCases;
module.exports.wordsOf = wordsOf;
