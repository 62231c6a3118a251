'use strict';

const { creditLevel } = require('../../index.js');

/** Below this many USD a UI warns. */
const LOW = 1;

const isForced = (req) => req.query?.force === 'true';

/** `GET /credits`: what is left, and how a UI should colour it. */
async function credits({ req, res, signal, client }) {
  const { balance, currency, usage, total } = await (await client()).getCredits(isForced(req), { signal });
  const low = balance !== null && balance < LOW;
  res.set('Cache-Control', 'no-store').json({ balance, currency, usage, total, level: creditLevel(balance), low });
}

/** `GET /models`: the list as the API has it. */
async function models({ req, res, signal, client }) {
  const data = await (await client()).getModels(isForced(req), { signal });
  // A browser may keep the long list, but asks with its ETag whether it is still this user's.
  res.set('Cache-Control', 'private, no-cache').json({ data });
}

module.exports.credits = credits;
module.exports.models = models;
