'use strict';

const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const librechat = require('openrouter-native/librechat');

const { ROOT } = require('../support/process.js');

const TSC = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const DECLARATIONS = ['index.d.ts', 'usage-recorder.d.ts'].map((name) => readFileSync(path.join(ROOT, 'adapters', 'librechat', name), 'utf8')).join('\n');

test('usage.ts compiles under strict settings, and the compiler reports each mistake in it', () => {
  let output = '';
  try {
    execFileSync(process.execPath, [TSC, '-p', '__test__/librechat/app/types'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    output = error.stdout;
  }
  expect(output).toBe('');
});

test('the declared names are the exported names', () => {
  const declared = [...DECLARATIONS.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  expect([...new Set(declared)].sort()).toEqual(Object.keys(librechat).sort());
});

test('every member of the class is declared', () => {
  class BaseClient {}
  const Client = librechat.createOpenRouterClient({ BaseClient });
  const inherited = new Set(['constructor', 'saveMessageToDatabase']);
  const members = Object.getOwnPropertyNames(Client.prototype).filter((name) => !inherited.has(name));
  const [, body] = /^export interface LibreChatClient \{\n([\s\S]*?)^\}/m.exec(DECLARATIONS);
  const own = Object.getOwnPropertyNames(new Client('sk-or-v1-types'));
  for (const name of [...members, ...own]) expect(body).toMatch(new RegExp(`^ {2}${name}[(:]`, 'm'));
});

test('import gives the same names as require', () => {
  const script = "import { configureAgents, createOpenRouterClient, createOpenRouterService } from 'openrouter-native/librechat'; console.log([configureAgents, createOpenRouterClient, createOpenRouterService].map((one) => typeof one).join())";
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' }).trim()).toBe('function,function,function');
});
