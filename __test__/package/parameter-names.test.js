'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../support/process.js');
const { compile } = require('../support/type-programs.js');

/** Compiles only if these are exactly the parameters of a chat request by its type. */
const program = (names) => `import type { ChatCompletionParams } from 'openrouter-native';
export const names: Record<keyof ChatCompletionParams, 0> = { ${names.map((name) => `${name}: 0`).join(', ')} };`;

/** The names in the lists of the addon, by which it finds misspelt ones. */
function knownNames() {
  const text = fs.readFileSync(path.join(ROOT, 'src', 'request', 'parameters.rs'), 'utf8').split('#[cfg(test)]')[0];
  return [...text.matchAll(/^ {4}"(\w+)",$/gm)].map(([, name]) => name);
}

test('the types have exactly the parameters that the client knows at run time', () => {
  // The types demand messages, so they leave out `prompt`, which the API takes in their place.
  const names = knownNames().filter((name) => name !== 'prompt');
  expect(names.length).toBeGreaterThan(60);
  const messages = compile({ same: program(names), less: program(names.slice(1)), more: program([...names, 'temprature']) });
  expect(messages.same).toEqual([]);
  expect([messages.less.length, messages.more.length]).toEqual([1, 1]);
});
