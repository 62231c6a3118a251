'use strict';

const { getStats } = require('..');
const { describeBalance } = require('../cli/output/balance.js');
const { counted } = require('../cli/output/figures.js');

/** Shows the credits, as requested from the API. */
async function showCredits({ screen, client, signal }) {
  showBalance(screen, await client.getCredits(false, { signal }));
}

/** Shows the credits again. The client has already subtracted the cost of the chat, so this needs no request. */
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
