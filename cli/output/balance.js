'use strict';

const { creditLevel } = require('../..');
const { dollars } = require('./figures.js');

/** The colour of each credit level. `unknown` is dim, because it is no reason for alarm. */
const COLOURS = { green: 'green', yellow: 'yellow', red: 'red', unknown: 'dim' };
/** What the balance refers to, by source. A limit from `GET /key` may be more than the account has. */
const SOURCES = { credits: 'of the account', key: 'of the limit of this key' };

/** Describes credits in one line, with the level and the balance in the colour of the level. */
function describeBalance(credits, paint) {
  const level = creditLevel(credits.balance);
  const mark = paint(COLOURS[level], `● ${level}`);
  const used = credits.usage === null ? 'usage unknown' : `${dollars(credits.usage)} used`;
  if (credits.balance === null) return `${mark}  this key has no limit, so OpenRouter reports no balance; ${used}`;
  const balance = paint(COLOURS[level], dollars(credits.balance));
  const whole = credits.total === null ? '' : ` of ${dollars(credits.total)}`;
  return `${mark}  ${balance} left${whole} (${SOURCES[credits.source]}), ${used}`;
}

module.exports = { describeBalance };
