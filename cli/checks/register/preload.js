'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { LIMIT_MS } = require('../subject.js');
const { failed, ok, skipped, warning } = require('../outcome.js');

const ENTRY = path.join(__dirname, '..', '..', '..', 'register', 'index.js');
/** Whether a text names the entry: by its name, by a path in which it was installed, or by the path of this copy. */
const namesIt = (text) => /openrouter-native[\\/]register/.test(text) || text.includes(path.dirname(ENTRY));
/** A program that says whether the global `fetch` is that of `register`. */
const PROBE = "process.stdout.write(String(globalThis.fetch?.[Symbol.for('openrouter-native.register.fetch')] === true))";
/** A path in quotes, in which Node takes a backslash for the start of an escape. */
const ADVICE = `export NODE_OPTIONS="--require ${JSON.stringify(ENTRY).slice(1, -1)}"`;

const variable = {
  name: 'NODE_OPTIONS',
  needs: ['program'],
  look({ env, manifest }) {
    const given = env.NODE_OPTIONS?.trim() ?? '';
    const scripts = Object.entries(manifest?.scripts ?? {}).filter(([, line]) => /\bNODE_OPTIONS=/.test(line) && !namesIt(line));
    if (scripts.length > 0) {
      const names = scripts.map(([name]) => name).join(', ');
      return warning(`the scripts ${names} of package.json set NODE_OPTIONS, which replaces that of the environment`, `Add it there: --require ${ENTRY}`);
    }
    if (!namesIt(given)) return warning(given === '' ? 'it is not set here' : 'it is set, without openrouter-native/register', `Set it where the program is started: ${ADVICE}`);
    return ok(given);
  },
};

/** Starts a Node in the folder of the program, as the program will be started. */
const takesHold = {
  name: 'takes hold',
  needs: ['addon', 'settings', 'program'],
  look({ env, folder }) {
    const isSet = namesIt(env.NODE_OPTIONS ?? '');
    const NODE_OPTIONS = isSet ? env.NODE_OPTIONS : ADVICE.replace(/^export NODE_OPTIONS="(.*)"$/, '$1');
    const { error, stdout, stderr } = spawnSync(process.execPath, ['-e', PROBE], { cwd: folder, env: { ...env, NODE_OPTIONS }, encoding: 'utf8', timeout: LIMIT_MS });
    if (error) return skipped(`Node could not be started: ${error.message}`);
    if (stdout === 'true') return ok(isSet ? `in Node ${process.versions.node}, started in ${folder}` : `it will, with NODE_OPTIONS as above, in Node ${process.versions.node}`);
    const [why] = /^(?:Error: |openrouter-native\/register: |.*is not allowed).*$/m.exec(stderr) ?? [];
    if (/Cannot find module|ERR_MODULE_NOT_FOUND/.test(stderr)) {
      return failed(`Node does not find the module of NODE_OPTIONS from ${folder}`, `Name it by its path, which is found from everywhere: ${ADVICE}`);
    }
    return failed(why ?? 'Node ignores NODE_OPTIONS here', 'Some programs, such as packaged ones, ignore the variable. Start them as node --require openrouter-native/register.');
  },
};

module.exports = { takesHold, variable };
