'use strict';

const { creditLevel } = require('../../index.js');

const isForced = (req) => req.query?.force === 'true';

/** `GET /credits`: the balance, and the colour in which a user interface shows it. */
async function credits({ req, outlet, signal, client }) {
  const { balance, currency, usage, total } = await (await client()).getCredits(isForced(req), { signal });
  const level = creditLevel(balance);
  outlet.set('Cache-Control', 'no-store');
  outlet.json(200, { balance, currency, usage, total, level, low: level === 'red' });
}

/** `GET /models`: the list of models as the API sends it. */
async function models({ req, outlet, signal, client }) {
  const data = await (await client()).getModels(isForced(req), { signal });
  // A browser may store the long list, but must validate it by its ETag, because the next user may have another list.
  outlet.set('Cache-Control', 'private, no-cache');
  outlet.json(200, { data });
}

module.exports.credits = credits;
module.exports.models = models;
