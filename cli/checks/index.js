'use strict';

const { addon } = require('./addon.js');
const { clock } = require('./clock.js');
const { credits } = require('./credits.js');
const { environment } = require('./environment.js');
const { key } = require('./key.js');
const { models } = require('./models.js');
const { network } = require('./network.js');
const { failedWith, skipped } = require('./outcome.js');
const { proxy } = require('./proxy.js');
const { tls } = require('./tls.js');
const { zdr } = require('./zdr.js');

/**
 * What the doctor looks at, in this order. Each is `{ name, needs, look(site) }`: where one of `needs` failed there is
 * nothing to look at, and `look` gives an outcome or rejects with the error that it met.
 */
const CHECKS = [addon, key, environment, network, proxy, tls, models, clock, credits, zdr];

/**
 * Looks at everything, one after the other.
 * @param {object} site see `Site`
 * @param {(result: object) => void} tell called with each `{ name, status, message, advice }` as soon as it is known;
 *   `status` is `ok`, `warning`, `failed` or `skipped`
 * @returns {Promise<object[]>}
 */
async function examine(site, tell) {
  const results = [];
  for (const check of CHECKS) {
    const cause = results.find(({ name, status }) => status === 'failed' && check.needs.includes(name));
    const outcome = cause ? skipped(`not looked at, because of: ${cause.name}`) : await lookAt(check, site);
    const result = { name: check.name, advice: null, ...outcome };
    results.push(result);
    tell(result);
  }
  return results;
}

async function lookAt(check, site) {
  try {
    return await check.look(site);
  } catch (error) {
    return failedWith(error);
  }
}

module.exports = { examine };
