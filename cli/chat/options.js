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
  const add = (flags, description, parse) => command.addOption(parse ? new Option(flags, description).argParser(parse) : new Option(flags, description));
  const choose = (flags, description, choices) => command.addOption(new Option(flags, description).choices(choices));

  command.optionsGroup('Who answers:');
  add('-m, --model <id>', `the model to ask (default: ${AUTO}, which lets OpenRouter choose)`);
  add('--models <ids>', 'comma-separated models to try in this order, after --model if that is given', listOf);
  add('--auto', 'let OpenRouter choose the model; --model and --models are ignored');
  add('--provider <slugs>', 'comma-separated providers, which alone may answer, tried in this order', listOf);
  choose('--sort <by>', 'which providers are tried first', ['price', 'throughput', 'latency']);
  choose('--data-collection <choice>', 'whether providers may keep the prompt', ['allow', 'deny']);
  add('--zdr', 'use only providers that retain no data');
  add('--max-cost <usd>', 'the most that it may cost; a chat that may cost more is not sent', dollars);

  command.optionsGroup('How it answers:');
  add('-s, --system <text>', 'a system message');
  add('--reasoning <how>', `the effort (${EFFORTS.join(', ')}), off or a number of tokens; show prints the reasoning: high,show`, reasoning);
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
  if (read.setting === undefined && !read.isShown) throw new InvalidArgumentError('It is empty.');
  return read;
}

function stop(text, before) {
  const stops = collect(text, before);
  if (text === '') throw new InvalidArgumentError('It is empty.');
  if (stops.length > STOPS) throw new InvalidArgumentError(`The API takes at most ${STOPS}.`);
  return stops;
}

/** Reads `--param name=value`. A value that is no JSON is a text. */
function parameter(text, before) {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a name, = and a value: --param top_logprobs=2.');
  try {
    return { ...before, [name]: JSON.parse(value) };
  } catch {
    return { ...before, [name]: value };
  }
}

module.exports = { AUTO, addChatOptions };
