'use strict';

const { counted } = require('../output/figures.js');
const { failed, ok, skipped, warning } = require('./outcome.js');

const zdr = {
  name: 'zdr',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls', 'models'],
  async look(subject) {
    const response = await subject.fetch('/endpoints/zdr');
    const endpoints = response.ok ? await listIn(response) : null;
    if (!response.ok) await response.body?.cancel();
    // Other services with the same API need not have this list. Chats work without it.
    if (response.status === 404) return skipped('the service has no list of endpoints that retain no data');
    if (endpoints === null) return warning(`GET /endpoints/zdr answers ${response.status} without the list`, 'Whether a chat with --zdr can be answered is unknown. Try again later.');
    if (endpoints.length === 0) return failed('the API lists no endpoint that retains no data', 'No endpoint could answer a chat with --zdr or zdr: true. Try again later.');
    const models = new Set(endpoints.map((endpoint) => endpoint.model_id ?? endpoint.model_name));
    return ok(`${counted(endpoints.length, 'endpoint')} of ${counted(models.size, 'model')} retain no data`);
  },
};

/** Resolves to the list in a response, or to null if there is none. */
async function listIn(response) {
  const data = await response.json().then((body) => body?.data, () => null);
  return Array.isArray(data) ? data : null;
}

module.exports = { listIn, zdr };
