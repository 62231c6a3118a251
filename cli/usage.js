'use strict';

const { InvalidArgumentError } = require('commander');

/** A mistake in the arguments of the command that its parser does not find. It ends the command with the status of wrong usage. */
class UsageError extends Error {}

/**
 * Returns a parser of an option whose value is a number.
 * @param {{ min?: number, max?: number, isWhole?: boolean, unit?: string }} [limits]
 */
function numberIn({ min = -Infinity, max = Infinity, isWhole = false, unit = '' } = {}) {
  const range = Number.isFinite(max) ? ` from ${min} to ${max}` : Number.isFinite(min) ? ` of at least ${min}` : '';
  return (text) => {
    const number = text.trim() === '' ? NaN : Number(text);
    const fits = Number.isFinite(number) && number >= min && number <= max && (!isWhole || Number.isSafeInteger(number));
    if (!fits) throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number${unit}${range}.`);
    return number;
  };
}

/** Parses an option whose value is a port to listen on; 0 is a free one. */
const portIn = numberIn({ min: 0, max: 65_535, isWhole: true });

/** Parses an option whose value is a list with commas, of at least one word. */
function listOf(text) {
  const list = text.split(',').map((one) => one.trim()).filter(Boolean);
  if (list.length === 0) throw new InvalidArgumentError('It is empty.');
  return list;
}

/** What an error of the system means for a file that is to be read. */
const REASONS = {
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EPERM: 'you may not read it',
};

/** Says why a file cannot be read. */
function unreadable({ code, message }) {
  return REASONS[code] ?? `it cannot be read (${code ?? message})`;
}

/** Collects the values of an option that may be given several times. */
function collect(value, before = []) {
  return [...before, value];
}

module.exports = { UsageError, collect, listOf, numberIn, portIn, unreadable };
