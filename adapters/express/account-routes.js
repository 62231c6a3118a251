'use strict';

const { creditLevel } = require('../../index.js');

const isForced = (req) => req.query?.force === 'true';

/** `GET /credits`: the balance, and the colour in which a user interface shows it. */
async function credits({ req, res, signal, client }) {
  const { balance, currency, usage, total } = await (await client()).getCredits(isForced(req), { signal });
  const level = creditLevel(balance);
  res.set('Cache-Control', 'no-store').json({ balance, currency, usage, total, level, low: level === 'red' });
}

/** `GET /models`: the list of models as the API sends it. */
async function models({ req, res, signal, client }) {
  const data = await (await client()).getModels(isForced(req), { signal });
  // A browser may store the long list, but must validate it by its ETag, because the next user may have another list.
  res.set('Cache-Control', 'private, no-cache').json({ data });
}

module.exports.credits = credits;
module.exports.models = models;
