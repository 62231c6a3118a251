'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

const files = (folder, ending = /\.(rs|js)$/) =>
  fs.readdirSync(path.join(ROOT, folder), { recursive: true })
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .filter((name) => ending.test(name) && !name.includes('node_modules'));
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
/** A Rust file without its tests. */
const productOf = (name) => read(name).split('#[cfg(test)]\nmod tests')[0];

describe('the rooms of src/', () => {
  /** From the lowest to the highest. A room names lower rooms only; rooms of one row do not name each other. */
  const ROWS = [
    ['json', 'sse'], ['secret', 'stats'], ['error'], ['runtime', 'completion', 'request'], ['transport', 'account', 'delivery'],
    ['config', 'stream'], ['observe'], ['client', 'fetch'], ['call'], ['node'],
  ];
  const rowOf = new Map(ROWS.flatMap((rooms, row) => rooms.map((room) => [room, row])));
  /** `src/stream/pump.rs` and `src/json.rs` are in the rooms `stream` and `json`. */
  const roomOf = (name) => name.split('/')[1].replace('.rs', '');
  const modules = files('src', /\.rs$/).filter((name) => name !== 'src/lib.rs');

  /** The rooms that a file names: `crate::json::Object` and `crate::{json, error::Error}`. */
  function namedIn(name) {
    const text = productOf(name).replace(/\/\/.*$/gm, '');
    const grouped = [...text.matchAll(/\bcrate::\{([^;]*)\}/g)].flatMap(([, group]) => group.split(','));
    const single = [...text.matchAll(/\bcrate::(\w+)/g)].map(([, room]) => room);
    return new Set([...single, ...grouped.map((one) => one.trim().split('::')[0])].filter((room) => rowOf.has(room)));
  }

  test('are in this list, each once', () => {
    expect([...new Set(modules.map(roomOf))].sort()).toEqual([...rowOf.keys()].sort());
  });

  test('name lower rooms only, so that there is no circle', () => {
    const upward = modules.flatMap((name) => {
      const own = roomOf(name);
      const isLower = (room) => room === own || rowOf.get(room) < rowOf.get(own);
      return [...namedIn(name)].filter((room) => !isLower(room)).map((room) => `${name} names ${room}`);
    });
    expect(upward).toEqual([]);
  });

  test('name Node-API in src/node only: the core can do without it', () => {
    const naming = modules.filter((name) => /\bnapi(_derive)?::/.test(read(name)));
    expect(naming.length).toBeGreaterThan(0);
    expect(naming.filter((name) => roomOf(name) !== 'node')).toEqual([]);
  });

  test('know none of the names that LibreChat has for things', () => {
    expect(modules.filter((name) => /user_provided|DOMAIN_CLIENT|endpointOption/.test(productOf(name)))).toEqual([]);
  });
});

describe('the JavaScript files', () => {
  const all = ['lib', 'adapters', 'cli', 'emulator', 'demo'].flatMap((folder) => files(folder, /\.js$/)).concat('index.js');
  const imports = new Map(all.map((name) => [name, importsOf(name)]));

  function importsOf(name) {
    const given = [...read(name).matchAll(/\brequire\('(\.[^']*)'\)/g)].map(([, one]) => path.posix.join(path.posix.dirname(name), one));
    return given.map((one) => [one, `${one}.js`, path.posix.join(one, 'index.js')].find((file) => all.includes(file))).filter(Boolean);
  }

  test('import each other in no circle', () => {
    const circles = [];
    const done = new Set();
    const visit = (name, trail) => {
      if (trail.includes(name)) circles.push([...trail.slice(trail.indexOf(name)), name].join(' -> '));
      if (done.has(name) || trail.includes(name)) return;
      for (const next of imports.get(name)) visit(next, [...trail, name]);
      done.add(name);
    };
    for (const name of all) visit(name, []);
    expect(circles).toEqual([]);
  });

  test.each([
    ['lib/util', /^lib\/(util\/|errors\.js)/],
    ['lib/bridge', /^lib\/(bridge\/|util\/|errors\.js)/],
    ['lib', /^lib\//],
    ['adapters', /^(adapters\/|index\.js|lib\/)/],
  ])('%s imports only from where it may', (folder, allowed) => {
    const outside = all.filter((name) => name.startsWith(`${folder}/`)).flatMap((name) => imports.get(name).map((one) => [name, one]));
    expect(outside.filter(([, one]) => !allowed.test(one))).toEqual([]);
  });
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
  const all = ['src', 'lib', 'adapters', 'bench', 'cli', 'emulator', 'examples', 'demo', 'scripts'].flatMap((folder) => files(folder));
  expect(all.filter((name) => read(name).split('\n').length > 400)).toEqual([]);
});

test('the variables that JavaScript hands to the addon are those that it reads', () => {
  const { environment } = require('../../lib/options.js');
  const handed = Object.keys(JSON.parse(environment(new Proxy({}, { get: (_, name) => name }))));
  const sources = files('src').map(productOf).join('\n');
  const named = sources.matchAll(/"(OPENROUTER_\w+|\w*(?:proxy|PROXY)|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)"/g);
  const isVariable = (name) => name !== 'proxy' && !/^OPENROUTER_NATIVE_/.test(name);
  expect(new Set(handed)).toEqual(new Set([...named].map(([, name]) => name).filter(isVariable)));
});
