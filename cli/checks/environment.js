'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { keyless } = require('../keyless.js');
const { DEFAULT_BASE_URL } = require('./subject.js');
const { failed, failedWith, ok, warning } = require('./outcome.js');

/**
 * Variables that name files or folders of certificates, with a function that returns what a value names. `SSL_CERT_DIR` may
 * be a list, as for OpenSSL. The client ignores a missing file or folder silently, so it is checked.
 */
const PATHS = {
  NODE_EXTRA_CA_CERTS: (value) => [value],
  SSL_CERT_FILE: (value) => [value],
  SSL_CERT_DIR: (value) => value.split(path.delimiter).filter(Boolean),
};
const TIMES = ['OPENROUTER_CACHE_TTL_CREDITS', 'OPENROUTER_CACHE_TTL_MODELS'];
const SECRET = 'OPENROUTER_API_KEY';

const environment = {
  name: 'environment',
  needs: ['addon'],
  look(subject) {
    const { env } = subject;
    // Before the client refuses such an address, because only this message names the variable.
    const wrong = wrongAddress(subject);
    if (wrong) return wrong;
    try {
      keyless({ options: subject.options });
      // A proxy variable that is no URL fails only the requests that need it, so it is asked for.
      void subject.proxy;
    } catch (error) {
      return failedWith(error);
    }
    const trouble = unreadable(env) ?? notMilliseconds(env) ?? unchecked(env);
    if (trouble) return trouble;
    const { environment: variables } = require('../../lib/options.js');
    // Only names are shown, because the value may be a secret: a proxy's URL may hold a password.
    const names = Object.keys(JSON.parse(variables(env))).filter((name) => name !== SECRET && env[name].trim());
    return ok(names.length === 0 ? 'no other variable that the client reads is set' : `also set: ${names.join(', ')}`);
  },
};

/** Reports a URL on OpenRouter's host whose path is not the API's: it answers with OpenRouter's web site. */
function wrongAddress(subject) {
  // The getter of the URL throws if the address is none.
  if (!subject.isOpenRouter || subject.url.pathname.replace(/\/+$/, '') === new URL(DEFAULT_BASE_URL).pathname) return null;
  return failed(`OPENROUTER_BASE_URL is ${subject.shownURL}, which is not the API`, `Set it to ${DEFAULT_BASE_URL}, or unset it.`);
}

function unreadable(env) {
  for (const [name, named] of Object.entries(PATHS)) {
    for (const place of named(env[name]?.trim() ?? '').filter(Boolean)) {
      try {
        fs.accessSync(place, fs.constants.R_OK);
      } catch (error) {
        return warning(`${name} names ${place}, which cannot be read (${error.code})`, 'Correct the path, or unset the variable.');
      }
    }
  }
  return null;
}

function notMilliseconds(env) {
  const name = TIMES.find((one) => env[one]?.trim() && !/^\d+$/.test(env[one].trim()));
  return name ? warning(`${name} is not a number, so the default is used`, 'Set it to a number of milliseconds.') : null;
}

function unchecked(env) {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return null;
  const advice = 'Unset it. To trust a certificate of your own, set NODE_EXTRA_CA_CERTS.';
  return warning('NODE_TLS_REJECT_UNAUTHORIZED is 0, which has no effect here: certificates are always checked', advice);
}

module.exports = { environment };
