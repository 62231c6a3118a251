'use strict';

const { addon } = require('./addon.js');
const { clock } = require('./clock.js');
const { credits } = require('./credits.js');
const { environment } = require('./environment.js');
const { key } = require('./key.js');
const { models } = require('./models.js');
const { network } = require('./network.js');
const { failedWith, skipped } = require('./outcome.js');
const { PAID } = require('./paid.js');
const { proxy } = require('./proxy.js');
const { tls } = require('./tls.js');
const { zdr } = require('./zdr.js');

/**
 * The checks of the doctor, in the order in which they run. Each is `{ name, needs, look(subject) }`. `needs` names earlier
 * checks: if one of them failed, this check is skipped. `look` returns an outcome, or throws the error that it met.
 */
const CHECKS = [addon, key, environment, network, proxy, tls, models, clock, credits, zdr];

/**
 * Runs checks, one after the other.
 * @param {object} subject what the checks look at, see `Subject`
 * @param {(result: object) => void} onResult called with each `{ name, status, message, advice }` as soon as it is known;
 *   `status` is `ok`, `warning`, `failed` or `skipped`
 * @param {object[]} [checks] which checks to run; by default all, those that ask a model only if the subject has one
 * @returns {Promise<object[]>} all results
 */
async function examine(subject, onResult, checks = checksFor(subject)) {
  const results = [];
  for (const check of checks) {
    const cause = results.find(({ name, status }) => status === 'failed' && check.needs.includes(name));
    const outcome = cause ? skipped(`not checked, because "${cause.name}" failed`) : await lookAt(check, subject);
    const result = { name: check.name, advice: null, ...outcome };
    results.push(result);
    onResult(result);
  }
  return results;
}

function checksFor({ model }) {
  return model === undefined ? CHECKS : [...CHECKS, ...PAID];
}

async function lookAt(check, subject) {
  try {
    return await check.look(subject);
  } catch (error) {
    return failedWith(error);
  }
}

module.exports = { examine };
