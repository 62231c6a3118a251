'use strict';

const { failed, failedWith, ok, skipped } = require('./outcome.js');

const tls = {
  name: 'tls',
  needs: ['addon', 'environment', 'network', 'proxy'],
  async look(subject) {
    if (subject.url.protocol === 'http:') return ok('not used: plain http');
    const { error } = await subject.probe();
    if (error?.code === 'tls_error') return distrusted(error);
    // An error with a status is a response of the API, so the TLS connection was made.
    if (error && error.status === undefined && error.code !== 'malformed_response') return skipped('no connection was made; see the checks below');
    return ok(`the certificate of ${subject.url.hostname} is valid`);
  },
};

/** Reports a TLS error. A wrong clock makes valid certificates look expired: for such an error the advice is to check it. */
function distrusted(error) {
  const { message, advice } = failedWith(error);
  if (!/expired|not ?valid ?yet/i.test(message)) return failed(message, advice);
  return failed(message, `Check the clock of this machine: it says ${new Date().toISOString()}.`);
}

module.exports = { tls };
