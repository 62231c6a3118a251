'use strict';

const { ok, warning } = require('../outcome.js');

/** What `register` cannot take: packages, with the first version that it cannot, and what to do. */
const OTHERS = {
  axios: ['0', 'axios: set its adapter to fetch (axios.defaults.adapter = "fetch", from 1.7)'],
  got: ['0', 'got'],
  needle: ['0', 'needle'],
  'node-fetch': ['3', 'node-fetch 3: use Node\'s own fetch, or node-fetch 2'],
  request: ['0', 'request'],
  superagent: ['0', 'superagent'],
  undici: ['9', 'undici'],
};
/** Makes of `fetch` that it takes, beside Node's. */
const TAKEN = ['undici', 'node-fetch'];
/** Built-in modules that send requests. */
const BUILTINS = ['http', 'https', 'http2'];

const clients = {
  name: 'clients',
  needs: ['program'],
  look({ imports: { builtins, packages } }) {
    const found = [];
    for (const [name, [from, shown]] of Object.entries(OTHERS)) {
      for (const { version, by } of packages.get(name) ?? []) {
        if (Number.parseInt(version, 10) >= Number(from)) found.push(by.length === 0 ? shown : `${shown} (by way of ${by.join(' and ')})`);
      }
    }
    const direct = BUILTINS.filter((name) => builtins.has(name)).map((name) => `node:${name}`);
    if (found.length + direct.length > 0) {
      const advice = 'It does not matter where these go to other services. Requests to OpenRouter must be sent by fetch: the settings do not hold for others.';
      return warning(`not taken: ${[...direct, ...new Set(found)].join('; ')}`, advice);
    }
    const own = TAKEN.flatMap((name) => (packages.get(name) ?? []).map(({ version }) => `${name} ${version}`));
    return ok(['Node\'s fetch', ...new Set(own)].join(', '));
  },
};

module.exports = { clients };
