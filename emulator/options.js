'use strict';

const { directiveNames, parseDirectives } = require('./directives');
const { hintFor } = require('./names');
const { isObject } = require('./values');

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const LAST_PORT = 65_535;

const isWhole = (value) => Number.isInteger(value) && value >= 0;
const isText = (value) => typeof value === 'string' && value !== '';
const isKeys = (value) => [value].flat().length > 0 && [value].flat().every(isText);
const isModels = (value) => Array.isArray(value) && value.every((model) => isText(model) || isText(model?.id));
const isFlag = (value) => typeof value === 'boolean';

/** The options: their defaults, what a value must be, and how that is said. */
const OPTIONS = {
  port: { value: 0, is: (value) => isWhole(value) && value <= LAST_PORT, must: 'be a port from 0 to 65535' },
  host: { value: LOOPBACK[0], is: (value) => LOOPBACK.includes(value), must: `be a loopback address: ${LOOPBACK.join(', ')}` },
  key: { value: undefined, is: isKeys, must: 'be a key, or a list of keys' },
  credits: { value: 10, is: Number.isFinite, must: 'be a number of US dollars' },
  models: { value: undefined, is: isModels, must: 'be a list of model ids, or of models with an id' },
  scenarios: { value: {}, is: isObject, must: 'be an object with an answer for each model' },
  directives: {
    value: {},
    is: (value) => typeof value === 'string' || isObject(value),
    must: 'be an object of directives, or a text such as "gap=15"',
  },
  seed: { value: undefined, is: (value) => isText(value) || Number.isFinite(value), must: 'be a number or a text' },
  unref: { value: true, is: isFlag, must: 'be true or false' },
  showKeys: { value: false, is: isFlag, must: 'be true or false' },
  keepAliveTimeout: { value: 60_000, is: isWhole, must: 'be a whole number of milliseconds' },
  recordLimit: { value: 10_000, is: (value) => isWhole(value) && value > 0, must: 'be a whole number above 0' },
};

const OTHER_NAMES = {
  apiKey: 'The accepted keys are the option "key".',
  keys: 'The accepted keys are the option "key", which may be a list.',
  balance: 'The credits of the account are the option "credits".',
  responses: 'Answers are prepared by the option "scenarios", or by emulator.script() and emulator.respond().',
  answers: 'Answers are prepared by the option "scenarios", or by emulator.script() and emulator.respond().',
  script: 'Call emulator.script() once the emulator has started.',
  respond: 'Call emulator.respond() once the emulator has started.',
};

/** Returns the options with their defaults, and with parsed directives. Throws a `TypeError` that says what is wrong. */
function readOptions(given = {}) {
  if (!isObject(given)) throw new TypeError('The options of startEmulator must be an object.');
  const options = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) throw new TypeError(`Unknown option of startEmulator: "${name}".${helpWith(name)}`);
  }
  for (const [name, { value, is, must }] of Object.entries(OPTIONS)) {
    options[name] = given[name] ?? value;
    const isWrong = options[name] !== value && !is(options[name]);
    if (isWrong) throw new TypeError(`The option "${name}" of startEmulator must ${must}.`);
  }
  const directives = parseDirectives(options.directives);
  if (options.seed !== undefined) directives.seed = String(options.seed);
  return { ...options, directives };
}

function helpWith(name) {
  const isDirective = directiveNames.some((one) => one.replace(/-/g, '') === name.toLowerCase().replace(/-/g, ''));
  const isOption = Object.hasOwn(OPTIONS, name.toLowerCase());
  if (isDirective && !isOption) return ` It is a directive: write { directives: { ${name}: … } }.`;
  return hintFor(name, Object.keys(OPTIONS), OTHER_NAMES);
}

module.exports.OPTIONS = OPTIONS;
module.exports.readOptions = readOptions;
