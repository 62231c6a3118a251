'use strict';

const fs = require('node:fs');

const { keyless } = require('../keyless.js');
const { DEFAULT_BASE_URL } = require('./site.js');
const { failed, failedWith, ok, warning } = require('./outcome.js');

/** Files and folders of certificates, which are passed over in silence where they are not there. */
const PATHS = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
const TIMES = ['OPENROUTER_CACHE_TTL_CREDITS', 'OPENROUTER_CACHE_TTL_MODELS'];
const SECRET = 'OPENROUTER_API_KEY';

const environment = {
  name: 'environment',
  needs: ['addon'],
  look(site) {
    const { env } = site;
    try {
      keyless({ options: site.options });
    } catch (error) {
      return failedWith(error);
    }
    const trouble = wrongAddress(site) ?? unreadable(env) ?? notMilliseconds(env) ?? unchecked(env);
    if (trouble) return trouble;
    const { environment: variables } = require('../../lib/options.js');
    // Names only: a proxy's URL may hold a password.
    const names = Object.keys(JSON.parse(variables(env))).filter((name) => name !== SECRET && env[name].trim());
    return ok(names.length === 0 ? 'nothing else is set' : `also set: ${names.join(', ')}`);
  },
};

/** OpenRouter's own address with another path than the API's answers with its web site. */
function wrongAddress({ url, shownURL, isOpenRouter }) {
  if (!isOpenRouter || url.pathname.replace(/\/+$/, '') === new URL(DEFAULT_BASE_URL).pathname) return null;
  return failed(`OPENROUTER_BASE_URL is ${shownURL}, which is not the API`, `Make it ${DEFAULT_BASE_URL}, or take it away.`);
}

function unreadable(env) {
  for (const name of PATHS) {
    const path = env[name]?.trim();
    if (!path) continue;
    try {
      fs.accessSync(path, fs.constants.R_OK);
    } catch (error) {
      return warning(`${name} names ${path}, which cannot be read (${error.code})`, 'Correct the path, or take the variable away.');
    }
  }
  return null;
}

function notMilliseconds(env) {
  const name = TIMES.find((one) => env[one]?.trim() && !/^\d+$/.test(env[one].trim()));
  return name ? warning(`${name} is not a number, so that the default holds`, 'Give it in milliseconds.') : null;
}

function unchecked(env) {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return null;
  const advice = 'Take it away; a certificate of your own goes into NODE_EXTRA_CA_CERTS.';
  return warning('NODE_TLS_REJECT_UNAUTHORIZED is 0, which has no effect here: certificates are always checked', advice);
}

module.exports = { environment };
