'use strict';

const { failed, failedWith, ok, skipped } = require('./outcome.js');

const tls = {
  name: 'tls',
  needs: ['addon', 'environment', 'network', 'proxy'],
  async look(site) {
    if (site.url.protocol === 'http:') return ok('not used: plain http');
    const { error } = await site.probe();
    if (error?.code === 'tls_error') return distrusted(error);
    // With a status, the answer came through the connection.
    if (error && error.status === undefined && error.code !== 'malformed_response') return skipped('no connection came about, see below');
    return ok(`the certificate of ${site.url.hostname} is good`);
  },
};

/** A clock that is wrong makes good certificates look expired. */
function distrusted(error) {
  const { message, advice } = failedWith(error);
  if (!/expired|not ?valid ?yet/i.test(message)) return failed(message, advice);
  return failed(message, `Look at the clock of this machine: it says ${new Date().toISOString()}.`);
}

module.exports = { tls };
