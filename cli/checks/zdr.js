'use strict';

const { counted } = require('../output/figures.js');
const { failed, ok } = require('./outcome.js');

const zdr = {
  name: 'zdr',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls', 'models'],
  async look(site) {
    const response = await site.fetch('/endpoints/zdr');
    const endpoints = response.ok ? ((await response.json()).data ?? []) : [];
    if (!response.ok) await response.body?.cancel();
    if (endpoints.length > 0) {
      const models = new Set(endpoints.map((endpoint) => endpoint.model_id ?? endpoint.model_name));
      return ok(`${counted(endpoints.length, 'endpoint')} of ${counted(models.size, 'model')} retain no data`);
    }
    const why = response.ok ? 'the API lists no endpoint that retains no data' : `GET /endpoints/zdr answers ${response.status}`;
    return failed(why, 'No endpoint could answer a chat with --zdr or zdr: true. Try again later.');
  },
};

module.exports = { zdr };
