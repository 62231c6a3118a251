'use strict';

const { InvalidArgumentError, Option } = require('commander');

const { collect, listOf, numberIn } = require('../usage.js');

const AUTO = 'openrouter/auto';
const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const STOPS = 4;

const temperature = numberIn({ min: 0, max: 2 });
const share = numberIn({ min: 0, max: 1 });
const penalty = numberIn({ min: -2, max: 2 });
const count = numberIn({ min: 1, isWhole: true });
const whole = numberIn({ isWhole: true });
const dollars = numberIn({ min: 0, unit: ' of US dollars' });

/**
 * Adds the options that describe a chat: who answers, how, and what it may cost. `request.js` makes a request of their values.
 * @param {import('commander').Command} command
 */
function addChatOptions(command) {
  const add = (flags, description, parse) => command.option(flags, description, parse);
  const choose = (flags, description, choices) => command.addOption(new Option(flags, description).choices(choices));

  command.optionsGroup('Who answers:');
  add('-m, --model <id>', `the model to ask (default: ${AUTO}, which lets OpenRouter choose)`);
  add('--models <ids>', 'comma-separated models to try in this order, after --model if that is given', listOf);
  add('--auto', 'let OpenRouter choose the model; --model and --models are ignored');
  add('--provider <slugs>', 'comma-separated providers, which alone may answer, tried in this order', listOf);
  choose('--sort <by>', 'which providers are tried first', ['price', 'throughput', 'latency']);
  choose('--data-collection <choice>', 'whether providers may keep the prompt', ['allow', 'deny']);
  add('--zdr', 'use only providers that retain no data');
  add('--session <id>', 'keeps chats with this id at the provider whose prompt cache is warm');
  add('--max-cost <usd>', 'the most that it may cost; a chat that may cost more is not sent', dollars);
  add('--reserve <usd>', 'with --max-cost: the most that an answer may cost whose price is not known', dollars);
  add('--max-price <prompt,answer>', 'the highest prices of a provider, in USD per million tokens: 3,15', prices);

  command.optionsGroup('How it answers:');
  add('-s, --system <text>', 'a system message');
  const efforts = EFFORTS.join(', ');
  add('--reasoning <how>', `reasoning effort (${efforts}), off or a number of tokens; show prints it: high,show`, reasoning);
  add('--temperature <number>', 'from 0, steady, to 2, varied', temperature);
  add('--top-p <number>', 'from 0 to 1: only the likeliest tokens that make up this share', share);
  add('--top-k <number>', 'only so many of the likeliest tokens; 0 is no limit', numberIn({ min: 0, isWhole: true }));
  add('--min-p <number>', 'from 0 to 1: only tokens with this share of the likeliest', share);
  add('--top-a <number>', 'from 0 to 1: like --min-p, by the square of the likeliest', share);
  add('--presence-penalty <number>', 'from -2 to 2: against what was said', penalty);
  add('--frequency-penalty <number>', 'from -2 to 2: against what was said often', penalty);
  add('--repetition-penalty <number>', 'from 0 to 2: against what prompt and answer said', temperature);
  add('--max-tokens <number>', 'the longest answer, its reasoning included', count);
  add('--seed <number>', 'the same seed gives the same answer, where the model can', whole);
  add('--stop <text>', `end the answer at this text; up to ${STOPS} times`, stop);
  choose('--verbosity <how>', 'how long the answer is', ['low', 'medium', 'high', 'xhigh', 'max']);
  choose('--service-tier <tier>', 'how fast and how dear it is', ['auto', 'default', 'flex', 'priority', 'scale']);
  add('--param <name=value>', 'any other parameter of the API, with a value in JSON or a text', parameter);
  return command;
}

const MODALITIES = ['text', 'image', 'audio'];

/**
 * Adds the options for what goes with the prompt, and for the images and the sound of the answer.
 * @param {import('commander').Command} command
 */
function addFileOptions(command) {
  return command
    .optionsGroup('Files:')
    .option('-f, --file <path>', 'add a file or an address: text, PDF, image, sound, video; repeatable', collect)
    .option('-i, --image <path>', 'add an image: a file or an address; repeatable', collect)
    .option('--output-image <path>', 'ask for an image, and save it in this file')
    .option('--output-audio <path>', 'ask for a spoken answer, and save it (.wav; some models: .mp3, .flac, .opus, .aac)')
    .option('--voice <name>', 'the voice that speaks')
    .option('--modalities <list>', 'what the answer may consist of: text, image, audio; comma-separated', modalities)
    .option('--save <dir>', 'save all images and sound of the answer in this directory, under new names')
    .option('--force', 'let --output-image and --output-audio replace a file');
}

function modalities(text) {
  const list = listOf(text);
  if (!list.every((one) => MODALITIES.includes(one))) throw new InvalidArgumentError(`Allowed are ${MODALITIES.join(', ')}.`);
  return list;
}

/** Reads `--reasoning high,show`, which may be given several times. */
function reasoning(text, before = {}) {
  const read = { ...before };
  for (const word of listOf(text)) {
    if (word === 'show') read.isShown = true;
    else if (word === 'off') read.setting = { effort: 'none' };
    else if (EFFORTS.includes(word)) read.setting = { effort: word };
    else if (/^[1-9]\d{0,8}$/.test(word)) read.setting = { max_tokens: Number(word) };
    else throw new InvalidArgumentError(`Allowed are ${EFFORTS.join(', ')}, off, show, or a number of tokens.`);
  }
  return read;
}

/** Reads `--max-price 3,15`: the price of the prompt, and that of the answer. */
function prices(text) {
  const [prompt, completion, ...rest] = listOf(text).map(dollars);
  if (completion === undefined || rest.length > 0) throw new InvalidArgumentError('It must be two amounts: for the prompt, and for the answer.');
  return { prompt, completion };
}

function stop(text, before) {
  const stops = collect(text, before);
  if (text === '') throw new InvalidArgumentError('It is empty.');
  if (stops.length > STOPS) throw new InvalidArgumentError(`The API takes at most ${STOPS}.`);
  return stops;
}

/** What the command decides, with the option that says it; null if there is none. */
const DECIDED = {
  model: '--model', models: '--models', zdr: '--zdr', session: '--session', messages: null, stream: null,
  budget: null, headers: null, signal: null, timeouts: null,
};

/** Reads `--param name=value`. A value that is no JSON is a text. */
function parameter(text, before) {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a name, = and a value: --param top_logprobs=2.');
  if (Object.hasOwn(DECIDED, name)) throw new InvalidArgumentError(DECIDED[name] === null ? 'The command decides it.' : `Use ${DECIDED[name]}.`);
  try {
    return { ...before, [name]: JSON.parse(value) };
  } catch {
    return { ...before, [name]: value };
  }
}

module.exports = { AUTO, addChatOptions, addFileOptions };
