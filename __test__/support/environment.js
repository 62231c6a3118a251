'use strict';

const path = require('node:path');

// Jest runs this file before each test file (`setupFiles` in package.json), so that no variable of the machine changes what a
// test proves. Child processes that inherit `process.env` of a test file get the cleaned one.

/** The variables that change what the package, its command, an SDK or Node does. */
const FOREIGN = new RegExp(`^(${[
  'OPENROUTER_.*', 'DOMAIN_CLIENT', 'DEBUG', 'LOG_LEVEL',
  'OPENAI_.*', 'LANGCHAIN_.*', 'LANGSMITH_.*',
  '(HTTPS?_|ALL_|NO_)?PROXY', 'SSL_CERT_(FILE|DIR)', 'NODE_(OPTIONS|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED)',
  'NO_COLOR', 'FORCE_COLOR', 'TERM', 'XDG_.*_HOME',
].join('|')})$`, 'i');

/** A folder that cannot be made, because its parent is a file: the command finds no key, history or cache of the machine there. */
const NOWHERE = path.join(__filename, 'nowhere');
const FOLDERS = { XDG_CONFIG_HOME: NOWHERE, XDG_STATE_HOME: NOWHERE, XDG_CACHE_HOME: NOWHERE };

function clean() {
  for (const name of Object.keys(process.env)) if (FOREIGN.test(name)) delete process.env[name];
}

/**
 * Returns an environment for a child process: this process's without the variables of {@link FOREIGN}, and with `own`.
 * The folders of the user are {@link NOWHERE}.
 */
function environmentWith(own = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { ...Object.fromEntries(inherited), ...FOLDERS, ...own };
}

/** Removes the variables that an earlier test has set. Returns a function that removes those that the test sets. */
function cleanEnvironment() {
  clean();
  return clean;
}

clean();

module.exports.cleanEnvironment = cleanEnvironment;
module.exports.environmentWith = environmentWith;
