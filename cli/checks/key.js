'use strict';

const { counted } = require('../output/figures.js');
const { failed, ok, warning } = require('./outcome.js');

const KEYS = 'https://openrouter.ai/settings/keys';
/** What keys begin with; nothing more of one is ever shown. */
const PREFIXES = ['sk-or-v1-', 'sk-or-', 'sk-ant-', 'sk-proj-', 'sk-'];
const OWN = 'sk-or-';
/** `sk-or-v1-` and 64 hexadecimal digits. */
const USUAL_LENGTH = 73;

/** Mistakes that no key survives, as they are seen in practice. */
const MISTAKES = [
  [/^user_provided$/, "is LibreChat's word for a key that each user brings", `Set a key of your own; they are made at ${KEYS}.`],
  [/^["'`]|["'`]$/, 'is in quotes', 'Take the quotes away: what reads the variable keeps them.'],
  [/^bearer\s/i, 'begins with "Bearer"', 'Leave that word out: it is put before the key when it is sent.'],
  [/[^\x21-\x7e]/, 'holds spaces or other characters that no HTTP header can carry', 'Copy it again.'],
];

const key = {
  name: 'key',
  needs: [],
  look({ apiKey, env, isEmulator, isOpenRouter }) {
    if (isEmulator) return ok(`the emulator's own: ${masked(apiKey)}`);
    if (apiKey === undefined) return missing(env);
    for (const [pattern, what, advice] of MISTAKES) {
      if (pattern.test(apiKey)) return failed(`OPENROUTER_API_KEY ${what}`, advice);
    }
    const shown = `OPENROUTER_API_KEY is ${masked(apiKey)}`;
    // Another service behind the same API may have keys of its own.
    if (!isOpenRouter) return ok(shown);
    if (!apiKey.startsWith(OWN)) return failed(`${shown}, which is no key of OpenRouter`, `Those begin with ${OWN} and are made at ${KEYS}.`);
    if (apiKey.length < USUAL_LENGTH) return warning(`${shown}, fewer than the usual ${USUAL_LENGTH}`, 'Look whether it was copied to its end.');
    return ok(shown);
  },
};

function missing(env) {
  const old = env.OPENROUTER_KEY ? 'OPENROUTER_KEY is set, but the name is OPENROUTER_API_KEY.' : undefined;
  return failed('OPENROUTER_API_KEY is not set', old ?? `Make a key at ${KEYS}, then: export OPENROUTER_API_KEY=sk-or-v1-…`);
}

/** What may be shown of a key: what it begins with, and how long it is. */
function masked(apiKey) {
  const prefix = PREFIXES.find((one) => apiKey.startsWith(one)) ?? '';
  return `${prefix}… (${counted(apiKey.length, 'character')})`;
}

module.exports = { key };
