'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

const files = (folder) =>
  fs.readdirSync(path.join(ROOT, folder), { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((name) => /\.(rs|js)$/.test(name) && !name.includes('node_modules'));
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');

test('Node-API is named in src/node only: the core can do without it', () => {
  const naming = files('src').filter((name) => /\bnapi(_derive)?::/.test(read(name)));
  expect(naming.length).toBeGreaterThan(0);
  expect(naming.filter((name) => !name.startsWith(path.join('src', 'node')))).toEqual([]);
});

test('what JavaScript calls in the addon catches panics: one that unwinds into Node ends the process', () => {
  const bare = files('src/node').flatMap((name) => {
    const lines = read(name).split('\n');
    const isFunction = (at) => /^\s*pub fn /.test(lines.slice(at + 1).find((line) => !line.trim().startsWith('#')));
    return lines.flatMap((line, at) => (line.trim() === '#[napi]' && isFunction(at) ? [`${name}:${at + 1}`] : []));
  });
  expect(bare).toEqual([]);
});

test('no file of the product is longer than a reader wants it', () => {
  const all = ['src', 'lib', 'adapters', 'bench', 'cli', 'emulator', 'examples', 'demo', 'scripts'].flatMap(files);
  expect(all.filter((name) => read(name).split('\n').length > 400)).toEqual([]);
});

test('the variables that JavaScript hands to the addon are those that it reads', () => {
  const { environment } = require('../../lib/options.js');
  const handed = Object.keys(JSON.parse(environment(new Proxy({}, { get: (_, name) => name }))));
  const sources = files('src').map((name) => read(name).split('#[cfg(test)]')[0]).join('\n');
  const named = sources.matchAll(/"(OPENROUTER_\w+|\w*(?:proxy|PROXY)|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)"/g);
  const isVariable = (name) => name !== 'proxy' && !/^OPENROUTER_NATIVE_/.test(name);
  expect(new Set(handed)).toEqual(new Set([...named].map(([, name]) => name).filter(isVariable)));
});
