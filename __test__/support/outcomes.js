'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { inspect } = require('node:util');

const ROOT = path.join(__dirname, '..', '..');

/** The environment variables that a client reads. */
const READ = /^(OPENROUTER_.*|DOMAIN_CLIENT|(HTTPS?_|ALL_|NO_)?PROXY|DEBUG|LOG_LEVEL)$/i;

/** Returns the error that `work`, a promise or a function, rejects with or throws. Throws when `work` succeeds. */
async function failureOf(work) {
  let value;
  try {
    value = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a failure and got ${inspect(value)}`);
}

/** Returns every text form in which an error or another object can end up in a log. */
function shownOf(value) {
  const shown = [
    inspect(value, { depth: Infinity, showHidden: true }),
    inspect(value, { depth: Infinity, customInspect: false }),
    JSON.stringify(value),
    String(value),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    shown.push(error.message, error.stack);
    for (const name of ['data', 'metadata', 'partial', 'requestId', 'generationId']) shown.push(inspect(error[name], { depth: Infinity }));
  }
  return shown.join('\n');
}

/** Removes the variables that a client reads from `process.env`. Returns a function that restores them. */
function cleanEnvironment() {
  const saved = Object.entries(process.env).filter(([name]) => READ.test(name));
  const clean = () => Object.keys(process.env).filter((name) => READ.test(name)).forEach((name) => delete process.env[name]);
  clean();
  return () => {
    clean();
    Object.assign(process.env, Object.fromEntries(saved));
  };
}

/**
 * Runs a script in a separate Node process. Of the variables that a client reads, only those of `env` are set.
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
async function runScript(script, env = {}) {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !READ.test(name)));
  const child = spawn(process.execPath, ['-e', script], { cwd: ROOT, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { out[name] += text; });
  const [status] = await once(child, 'close');
  return { status, ...out };
}

module.exports.cleanEnvironment = cleanEnvironment;
module.exports.failureOf = failureOf;
module.exports.runScript = runScript;
module.exports.shownOf = shownOf;
