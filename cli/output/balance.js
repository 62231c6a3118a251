'use strict';

const { creditLevel } = require('../..');
const { dollars } = require('./figures.js');

/** How a level is painted. `unknown` is no alarm. */
const COLOURS = { green: 'green', yellow: 'yellow', red: 'red', unknown: 'dim' };
/** A figure from `/key` is what the key may spend, which can be more than the account has. */
const SOURCES = { credits: 'of the account', key: 'of the limit of this key' };

/** Credits in one line, in the colour of their level. */
function describeBalance(credits, paint) {
  const level = creditLevel(credits.balance);
  const mark = paint(COLOURS[level], `● ${level}`);
  const used = `${dollars(credits.usage)} used`;
  if (credits.balance === null) return `${mark}  this key has no limit, so OpenRouter does not tell what is left; ${used}`;
  const balance = paint(COLOURS[level], dollars(credits.balance));
  const whole = credits.total === null ? '' : ` of ${dollars(credits.total)}`;
  return `${mark}  ${balance} left${whole} (${SOURCES[credits.source]}), ${used}`;
}

module.exports = { describeBalance };
