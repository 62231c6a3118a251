'use strict';

const { counted } = require('../output/figures.js');
const { findKey } = require('../saved-key.js');
const { failed, ok, warning } = require('./outcome.js');

const KEYS = 'https://openrouter.ai/settings/keys';
/** Prefixes of API keys. Of a key, only its prefix and its length are ever shown. */
const PREFIXES = ['sk-or-v1-', 'sk-or-', 'sk-ant-', 'sk-proj-', 'sk-'];
const OWN = 'sk-or-';
/** `sk-or-v1-` and 64 hexadecimal digits. */
const USUAL_LENGTH = 73;

/** Mistakes that are seen in practice and that make any key invalid: a pattern, what it means, and the advice. */
const MISTAKES = [
  [/^user_provided$/, "is LibreChat's placeholder for a key that each user enters", `Set a key of your own: create one at ${KEYS}.`],
  [/^["'`]|["'`]$/, 'is in quotes', 'Remove the quotes: they are read as part of the key.'],
  [/^bearer\s/i, 'begins with "Bearer"', 'Remove that word: the client adds it when it sends the key.'],
  [/[^\x21-\x7e]/, 'holds spaces or other characters that no HTTP header can carry', 'Copy it again.'],
];

const key = {
  name: 'key',
  needs: [],
  look(subject) {
    const { env, isEmulator, isOpenRouter } = subject;
    if (isEmulator) return ok(`the key of the built-in emulator: ${masked(subject.apiKey)}`);
    const { key: apiKey, from, trouble } = findKey(env);
    if (trouble) return failed(trouble, null);
    if (apiKey === undefined) return missing(env);
    for (const [pattern, what, advice] of MISTAKES) {
      if (pattern.test(apiKey)) return failed(`${from} ${what}`, advice);
    }
    const shown = `${from} is ${masked(apiKey)}`;
    // Another service with the same API may have keys of another form.
    if (!isOpenRouter) return ok(shown);
    if (!apiKey.startsWith(OWN)) return failed(`${shown}, which is not an OpenRouter key`, `OpenRouter keys begin with ${OWN}. Create one at ${KEYS}.`);
    if (apiKey.length < USUAL_LENGTH) return warning(`${shown}, shorter than the usual ${USUAL_LENGTH}`, 'Check whether it was copied completely.');
    return ok(shown);
  },
};

function missing(env) {
  const old = env.OPENROUTER_KEY ? 'OPENROUTER_KEY is set, but the name is OPENROUTER_API_KEY.' : undefined;
  return failed('OPENROUTER_API_KEY is not set, and no key is saved', old ?? `Run \`openrouter-native login --save\`, or create a key at ${KEYS}, then: export OPENROUTER_API_KEY=sk-or-v1-…`);
}

/** Describes a key by its prefix and its length, without showing it. */
function masked(apiKey) {
  const prefix = PREFIXES.find((one) => apiKey.startsWith(one)) ?? '';
  return `${prefix}… (${counted(apiKey.length, 'character')})`;
}

module.exports = { key };
