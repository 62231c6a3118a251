'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { gzipSync } = require('node:zlib');

const ts = require('typescript');

const { ELEMENTS, MOST_BYTES } = require('../../scripts/ui.js');
const { ROOT } = require('../support/process.js');

const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const sources = (folder) => fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.js')).map((name) => `${folder}/${name}`);
/** The elements, by their tags. */
const TAGS = ['chat', 'credits', 'fallbacks', 'message', 'models', 'providers', 'toggles'].map((name) => `openrouter-${name}`);

test('the elements are one module of at most 60 KiB when compressed, which imports nothing', () => {
  const text = fs.readFileSync(ELEMENTS, 'utf8');
  expect(MOST_BYTES).toBe(60 * 1024);
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(MOST_BYTES);
  expect(ts.preProcessFile(text).importedFiles).toEqual([]);
});

test('the bundles ship with the licences of the libraries in them', () => {
  const text = read('ui/dist/THIRD-PARTY-LICENSES.md');
  for (const name of ['dompurify', 'eventsource-parser', 'idb', 'lit', 'lit-html', 'marked']) expect(text).toMatch(new RegExp(`^## ${name} \\d`, 'm'));
});

test('each element has one file, which registers it, and a type', () => {
  const types = read('ui/index.d.ts');
  for (const tag of TAGS) {
    expect(read(`ui/${tag.replace('openrouter-', '')}.js`)).toContain(`define('${tag}', `);
    expect(types).toContain(`'${tag}': OpenRouter`);
  }
});

test('the sources of the elements import each other, the libraries and the facts of models; those of the page the elements', () => {
  const LIBRARIES = ['dompurify', 'eventsource-parser/stream', 'lit', 'lit/directives/repeat.js', 'marked', '../lib/model-facts.js'];
  const importsOf = (name) => [...read(name).matchAll(/^import (?:.* from )?'([^']+)';$/gm)].map(([, one]) => one);
  const others = sources('ui').filter((name) => name !== 'ui/server.js').flatMap(importsOf).filter((one) => !/^\.\/[\w-]+\.js$/.test(one));
  expect([...new Set(others)].sort()).toEqual(LIBRARIES.sort());
  const ofPage = sources('ui/page').flatMap(importsOf).filter((one) => !/^\.\/[\w-]+\.js$/.test(one));
  expect([...new Set(ofPage)].sort()).toEqual(['idb', 'lit', 'openrouter-native/ui']);
});

test('no source has an import cycle or more than 400 lines', () => {
  const all = [...sources('ui'), ...sources('ui/page')];
  for (const name of all) expect([name, read(name).trimEnd().split('\n').length <= 400]).toEqual([name, true]);
  const importsOf = (name) => [...read(name).matchAll(/^import (?:.* from )?'(\.\/[\w-]+\.js)';$/gm)].map(([, one]) => path.posix.join(path.posix.dirname(name), one));
  const cycles = [];
  const visit = (name, trail) => {
    if (trail.includes(name)) cycles.push([...trail, name].join(' -> '));
    else for (const next of importsOf(name)) visit(next, [...trail, name]);
  };
  for (const name of all) visit(name, []);
  expect(cycles).toEqual([]);
});

test('a server can import the module: it finds every name, and a sentence instead of an element', async () => {
  const onServer = require('../../ui/server.js');
  const names = [...read('ui/index.js').matchAll(/^export \{ (.*) \} from/gm)].flatMap(([, list]) => list.split(', '));
  expect(Object.keys(onServer).sort()).toEqual(names.sort());
  expect(() => new onServer.OpenRouterChat()).toThrow('OpenRouterChat exists in browsers only.');
});

test('each text that an element shows is in the dictionary, and each entry of it is shown', () => {
  const texts = new Set([...read('ui/texts.js').matchAll(/^ {2}'([\w.-]+)': /gm)].map(([, key]) => key));
  const code = sources('ui').filter((name) => name !== 'ui/texts.js').map(read).join('\n');
  const used = [...code.matchAll(/'((?:chat|credits|error|fallbacks|message|models|order|providers|reason|toggles)\.[\w.-]+)'/g)].map(([, key]) => key);
  expect(used.filter((key) => !texts.has(key))).toEqual([]);
  const families = [...code.matchAll(/`((?:chat|models|providers|reason)\.[\w.]*)\$\{/g)].map(([, start]) => start);
  expect([...texts].filter((key) => !used.includes(key) && !families.some((start) => key.startsWith(start)))).toEqual([]);
});
