'use strict';

const { creditLevel, getStats } = require('..');
const { counted, dollars } = require('./figures.js');

/** How a level is painted. `unknown` is no alarm. */
const COLOURS = { green: 'green', yellow: 'yellow', red: 'red', unknown: 'dim' };
/** A figure from `/key` is what the key may spend, which can be more than the account has. */
const SOURCES = { credits: 'of the account', key: 'of the limit of this key' };

/** The credits, as the API has them. */
async function showCredits({ screen, client, signal }) {
  showBalance(screen, await client.getCredits(false, { signal }));
}

/** The credits once more: the answer has moved them already, so that there is nothing to ask. */
async function showCreditsAfter({ screen, client, signal }) {
  const before = getStats().requests;
  showBalance(screen, await client.getCredits(false, { signal }));
  const asked = getStats().requests - before;
  screen.say(
    asked === 0
      ? 'With no further request: the cost in the answer moved the balance that was known.'
      : `With ${counted(asked, 'further request')}: the balance was not in the cache any more.`,
  );
}

function showBalance(screen, credits) {
  const level = creditLevel(credits.balance);
  const mark = screen.paint(COLOURS[level], `● ${level}`);
  if (credits.balance === null) {
    screen.say(`${mark}  this key has no limit, so OpenRouter does not tell what is left; ${dollars(credits.usage)} used`);
    return;
  }
  const balance = screen.paint(COLOURS[level], dollars(credits.balance));
  const whole = credits.total === null ? '' : ` of ${dollars(credits.total)}`;
  screen.say(`${mark}  ${balance} left${whole} (${SOURCES[credits.source]}), ${dollars(credits.usage)} used`);
}

module.exports = { showCredits, showCreditsAfter };
