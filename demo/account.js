'use strict';

const { getStats } = require('..');
const { describeBalance } = require('../cli/output/balance.js');
const { counted } = require('../cli/output/figures.js');

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
  screen.say(describeBalance(credits, screen.paint));
}

module.exports = { showCredits, showCreditsAfter };
