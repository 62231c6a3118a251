'use strict';

// Bundles the interface: the elements into `ui/dist/index.mjs`, and the page of the playground beside it.
const fs = require('node:fs');
const path = require('node:path');
const { gzipSync } = require('node:zlib');

const { ROOT, ensureDependencies, modified, newest } = require('./tools.js');

/** The elements load with every page that uses them, so they must stay small. */
const MOST_BYTES = 60 * 1024;
/** What is bundled, and where the bundle is. */
const BUNDLES = [
  { from: 'ui/index.js', to: 'ui/dist/index.mjs' },
  { from: 'ui/page/playground.js', to: 'ui/dist/page.js' },
];
/** The files of the page that are served as they are. */
const COPIES = ['page.html', 'page.css'];
/** What the bundles are made of. */
const SOURCES = ['ui', 'lib/model-facts.js', 'package-lock.json', 'scripts/ui.js'];

/** The indentation in the templates and style sheets of the elements is no part of them. Elsewhere the minifier has left no lines. */
const unindented = {
  name: 'unindented',
  setup({ onLoad, esbuild }) {
    onLoad({ filter: /[\\/]ui[\\/][^\\/]+\.js$/ }, async ({ path: file }) => {
      const { code } = await esbuild.transform(fs.readFileSync(file, 'utf8'), { minifyWhitespace: true, charset: 'utf8' });
      return { contents: code.replace(/\n {2,}/g, ' ') };
    });
  },
};

/** The page takes the elements from the bundle beside it, as a page of a user does. */
const elements = {
  name: 'elements',
  setup({ onResolve }) {
    onResolve({ filter: /^openrouter-native\/ui$/ }, () => ({ path: './index.mjs', external: true }));
  },
};

/** Makes the bundles. Throws if the elements are larger than they may be. */
async function buildInterface() {
  const { build } = require('esbuild');
  for (const { from, to } of BUNDLES) {
    const outfile = path.join(ROOT, to);
    await build({
      entryPoints: [path.join(ROOT, from)], outfile, plugins: [unindented, elements], bundle: true, minify: true,
      format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'eof', logLevel: 'warning',
    });
  }
  for (const name of COPIES) fs.copyFileSync(path.join(ROOT, 'ui', 'page', name), path.join(ROOT, 'ui', 'dist', name));
  const size = gzipSync(fs.readFileSync(path.join(ROOT, BUNDLES[0].to)), { level: 9 }).length;
  if (size > MOST_BYTES) throw new Error(`${BUNDLES[0].to} has ${size} bytes when compressed, more than ${MOST_BYTES}.`);
  console.log(`Built the interface: ${(size / 1024).toFixed(1)} KiB compressed.`);
}

/** Makes the bundles if one is missing, or older than its sources. */
async function ensureInterface() {
  const oldest = Math.min(...BUNDLES.map(({ to }) => modified(path.join(ROOT, to))));
  if (oldest >= Math.max(...SOURCES.map((name) => newest(path.join(ROOT, name))))) return;
  ensureDependencies();
  await buildInterface();
}

module.exports = { MOST_BYTES, buildInterface, ensureInterface };
