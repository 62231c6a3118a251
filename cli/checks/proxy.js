'use strict';

const { failedWith, ok, skipped } = require('./outcome.js');

/** The variables that may name the proxy for URLs of a scheme, highest precedence first. */
const VARIABLES = {
  'https:': ['PROXY', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'],
  'http:': ['PROXY', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'],
};

const proxy = {
  name: 'proxy',
  needs: ['addon', 'environment', 'network'],
  async look(subject) {
    const address = subject.proxy;
    const named = VARIABLES[subject.url.protocol].filter((name) => subject.env[name]?.trim());
    if (address === null) return ok(named.length === 0 ? 'none' : `none is used for ${subject.url.hostname}, although ${named.join(' and ')} is set`);
    const { error } = await subject.probe();
    const shown = `${address.protocol}//${address.host}`;
    if (error?.code === 'proxy_error') return failedWith(error);
    if (error?.code === 'connection_failed' || error?.code === 'timeout') return skipped(`${shown}: no response came through it; see the checks below`);
    return ok(`${shown} works (from ${named[0]})`);
  },
};

module.exports = { proxy };
