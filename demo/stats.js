'use strict';

const { getStats } = require('..');
const { counted } = require('../cli/output/figures.js');

/** Shows in one line what the addon counted for all clients of this process. */
function showStats(screen) {
  const { requests, retries, activeStreams, credits, models } = getStats();
  const parts = [
    counted(requests, 'request'),
    retries === 1 ? '1 retry' : `${retries} retries`,
    `${counted(activeStreams, 'stream')} open`,
    `credits cache: ${describeCache(credits)}`,
    `models cache: ${describeCache(models)}`,
  ];
  screen.say(parts.join(', '));
}

function describeCache({ hits, misses }) {
  return `${counted(hits, 'hit')} and ${counted(misses, 'miss')}`;
}

module.exports = { showStats };
