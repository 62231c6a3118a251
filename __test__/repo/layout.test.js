'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../support/process.js');

const files = (folder, ending = /\.(rs|js)$/) =>
  fs.readdirSync(path.join(ROOT, folder), { recursive: true })
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .filter((name) => ending.test(name) && !name.includes('node_modules'));
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
/** The text of a Rust file without its unit tests. */
const productOf = (name) => read(name).split('#[cfg(test)]\nmod tests')[0];

describe('the modules of src/', () => {
  /** From the lowest to the highest. A module uses modules of lower layers only, and none of its own layer. */
  const LAYERS = [
    ['json', 'nearest', 'sse'], ['secret', 'stats'], ['error'], ['runtime', 'completion', 'request'], ['transport', 'account', 'delivery', 'answer'],
    ['config', 'stream'], ['observe'], ['client', 'fetch'], ['call'], ['node'],
  ];
  const layerOf = new Map(LAYERS.flatMap((names, layer) => names.map((name) => [name, layer])));
  /** `src/stream/pump.rs` and `src/json.rs` belong to the modules `stream` and `json`. */
  const moduleOf = (name) => name.split('/')[1].replace('.rs', '');
  const sources = files('src', /\.rs$/).filter((name) => name !== 'src/lib.rs');

  /** The modules that a file uses: `crate::json::Object` and `crate::{json, error::Error}`. */
  function usedIn(name) {
    const text = productOf(name).replace(/\/\/.*$/gm, '');
    const grouped = [...text.matchAll(/\bcrate::\{([^;]*)\}/g)].flatMap(([, group]) => group.split(','));
    const single = [...text.matchAll(/\bcrate::(\w+)/g)].map(([, one]) => one);
    return new Set([...single, ...grouped.map((one) => one.trim().split('::')[0])].filter((one) => layerOf.has(one)));
  }

  test('are in this list, each once', () => {
    expect([...new Set(sources.map(moduleOf))].sort()).toEqual([...layerOf.keys()].sort());
  });

  test('use modules of lower layers only, so that there is no cycle', () => {
    const upward = sources.flatMap((name) => {
      const own = moduleOf(name);
      const isLower = (used) => used === own || layerOf.get(used) < layerOf.get(own);
      return [...usedIn(name)].filter((used) => !isLower(used)).map((used) => `${name} uses ${used}`);
    });
    expect(upward).toEqual([]);
  });

  test('use Node-API in src/node only, so that the core compiles without it', () => {
    const naming = sources.filter((name) => /\bnapi(_derive)?::/.test(read(name)));
    expect(naming.length).toBeGreaterThan(0);
    expect(naming.filter((name) => moduleOf(name) !== 'node')).toEqual([]);
  });

  test('do not contain names that only LibreChat uses', () => {
    expect(sources.filter((name) => /user_provided|DOMAIN_CLIENT|endpointOption/.test(productOf(name)))).toEqual([]);
  });
});

describe('the JavaScript files', () => {
  const all = ['lib', 'adapters', 'register', 'cli', 'emulator', 'demo'].flatMap((folder) => files(folder, /\.js$/)).concat('index.js');
  const imports = new Map(all.map((name) => [name, importsOf(name)]));

  function importsOf(name) {
    const given = [...read(name).matchAll(/\brequire\('(\.[^']*)'\)/g)].map(([, one]) => path.posix.join(path.posix.dirname(name), one));
    return given.map((one) => [one, `${one}.js`, path.posix.join(one, 'index.js')].find((file) => all.includes(file))).filter(Boolean);
  }

  test('have no import cycles', () => {
    const cycles = [];
    const done = new Set();
    const visit = (name, trail) => {
      if (trail.includes(name)) cycles.push([...trail.slice(trail.indexOf(name)), name].join(' -> '));
      if (done.has(name) || trail.includes(name)) return;
      for (const next of imports.get(name)) visit(next, [...trail, name]);
      done.add(name);
    };
    for (const name of all) visit(name, []);
    expect(cycles).toEqual([]);
  });

  test.each([
    ['lib/util', /^lib\/(util\/|errors\.js)/],
    ['lib/bridge', /^lib\/(bridge\/|util\/|errors\.js)/],
    ['lib/helpers', /^lib\/(helpers\/|util\/|errors\.js|completion\.js|bridge\/(call|native)\.js)/],
    ['lib', /^lib\//],
    ['emulator', /^(emulator\/|lib\/util\/)/],
    ['register', /^(register\/|index\.js|adapters\/librechat\/shown-errors\.js|lib\/(options\.js|bridge\/native\.js|fetch\/response\.js|util\/))/],
    ['adapters', /^(adapters\/|index\.js|lib\/(options\.js|util\/))/],
  ])('%s imports only from the folders that it may use', (folder, allowed) => {
    const outside = all.filter((name) => name.startsWith(`${folder}/`)).flatMap((name) => imports.get(name).map((one) => [name, one]));
    expect(outside.filter(([, one]) => !allowed.test(one))).toEqual([]);
  });
});

test('every exported function of the addon catches panics: one that unwinds into Node ends the process', () => {
  // An attribute `#[napi…]`, further attributes and comments, and the function that they belong to.
  const exported = files('src/node').flatMap((name) =>
    [...read(name).matchAll(/#\[napi\b([^\]]*)\]\s*(?:(?:#\[[^\]]*\]|\/\/[^\n]*)\s*)*(?:pub )?(?:async )?(?:unsafe )?fn (\w+)/g)]
      .map(([, options, method]) => ({ method: `${name}: ${method}`, catches: /\bcatch_unwind\b/.test(options) })));
  const marked = files('src/node').map(read).join('').match(/#\[napi\b[^\]]*catch_unwind/g);
  expect(exported.length).toBeGreaterThan(25);
  expect(exported.filter(({ catches }) => catches)).toHaveLength(marked.length);
  expect(exported.filter(({ catches }) => !catches)).toEqual([]);
});

test('no file of the product has more than 400 lines', () => {
  const all = ['src', 'lib', 'adapters', 'register', 'bench', 'cli', 'emulator', 'examples', 'demo', 'scripts'].flatMap((folder) => files(folder)).concat(files('types', /\.d\.ts$/));
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter((name) => read(name).trimEnd().split('\n').length > 400)).toEqual([]);
});

test('JavaScript passes to the addon exactly the environment variables that the addon reads', () => {
  const { environment } = require('../../lib/options.js');
  const handed = Object.keys(JSON.parse(environment(new Proxy({}, { get: (_, name) => name }))));
  const sources = files('src').map(productOf).join('\n');
  const named = sources.matchAll(/"(OPENROUTER_\w+|\w*(?:proxy|PROXY)|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)"/g);
  const isVariable = (name) => name !== 'proxy' && !/^OPENROUTER_NATIVE_/.test(name);
  expect(new Set(handed)).toEqual(new Set([...named].map(([, name]) => name).filter(isVariable)));
});
