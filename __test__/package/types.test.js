'use strict';

const { execFileSync } = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');

const openrouter = require('../..');
const { OTHER_NAMES } = require('../../lib/other-names.js');
const { ROOT } = require('../support/process.js');

const TYPES = path.join(ROOT, 'types');
const DECLARATIONS = readdirSync(TYPES, { recursive: true }).filter((name) => name.endsWith('.d.ts')).map((name) => readFileSync(path.join(TYPES, name), 'utf8')).join('\n');

/** Runs the TypeScript compiler that is installed under this name; returns its messages. */
function compile(compiler, ...options) {
  const tsc = path.join(ROOT, 'node_modules', compiler, 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, ...options], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return error.stdout;
  }
}

/** The names of the members that a class declares, methods and accessors. */
function declaredMembers(name) {
  const named = name === 'OpenRouterClient' ? `class ${name}|interface ApiEndpoints` : `class ${name}`;
  const bodies = [...DECLARATIONS.matchAll(new RegExp(`^export (?:${named}) [^{]*{\\n([\\s\\S]*?)^}`, 'gm'))];
  const body = bodies.map(([, one]) => one).join('\n');
  return [...body.matchAll(/^ {2}(?:get |set |readonly )?(\w+)\??[(:<]/gm)].map(([, member]) => member);
}

test.each([
  ['tsconfig.json', 'typescript', 'usage.ts compiles under strict settings, and the compiler reports each mistake in it'],
  ['tsconfig.json', 'typescript5', 'usage.ts compiles under strict settings, and the compiler reports each mistake in it'],
  ['tsconfig.json', 'typescript7', 'usage.ts compiles under strict settings, and the compiler reports each mistake in it'],
  ['bundler.json', 'typescript', 'usage.ts compiles as a bundler resolves modules'],
  ['bundler.json', 'typescript7', 'usage.ts compiles as a bundler resolves modules'],
  ['openai.json', 'typescript', "openai's types are taken, and given back"],
  ['openai.json', 'typescript5', "openai's types are taken, and given back"],
  ['browser.json', 'typescript7', 'the declarations compile without the types of Node'],
  // Later versions refuse the module resolution of such a project.
  ['commonjs.json', 'typescript5', 'the declarations compile in an older project'],
])('%s with %s: %s', (project, compiler) => {
  expect(compile(compiler, '-p', `__test__/package/types/${project}`)).toBe('');
});

test('the declared names are the exported names', () => {
  const declared = [...DECLARATIONS.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  expect([...new Set(declared)].sort()).toEqual(Object.keys(openrouter).sort());
});

test.each(['OpenRouterClient', 'ChatCompletionStream', 'OpenRouterError'])('every member of %s is declared', (name) => {
  const members = Object.getOwnPropertyNames(openrouter[name].prototype).filter((member) => member !== 'constructor' && !(member in OTHER_NAMES));
  const own = name === 'OpenRouterClient' ? Object.getOwnPropertyNames(new openrouter.OpenRouterClient('sk-or-v1-types')) : [];
  expect(declaredMembers(name)).toEqual(expect.arrayContaining([...members, ...own]));
});
