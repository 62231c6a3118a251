'use strict';

// Bundles the interface: the elements into `ui/dist/index.mjs`, and the page of the playground beside it.
const fs = require('node:fs');
const path = require('node:path');
const { gzipSync } = require('node:zlib');

const { ROOT, ensureDependencies, fail, modified, newest, run } = require('./tools.js');

/** The elements load with every page that uses them, so they must stay small. */
const MOST_BYTES = 60 * 1024;
const DIST = path.join(ROOT, 'ui', 'dist');
const ELEMENTS = path.join(DIST, 'index.mjs');
/** What is bundled, and where the bundle is. */
const BUNDLES = [
  { from: 'ui/index.js', to: ELEMENTS },
  { from: 'ui/page/playground.js', to: path.join(DIST, 'page.js') },
];
/** The files of the page that are served as they are. */
const COPIES = ['page.html', 'page.css'];
/** The licences of the libraries in the bundles, which have to be shipped with them. */
const LICENSES = 'THIRD-PARTY-LICENSES.md';
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

/** Makes the bundles. Ends this process if that fails. */
function buildInterface() {
  ensureDependencies();
  run(process.execPath, [__filename]);
}

/** Makes the bundles if one is missing, or older than its sources. */
function ensureInterface() {
  const oldest = Math.min(...BUNDLES.map(({ to }) => modified(to)));
  if (oldest < Math.max(...SOURCES.map((name) => newest(path.join(ROOT, name))))) buildInterface();
}

async function bundle() {
  // Loaded here, because those who only ask whether a bundle is needed may have no development dependencies.
  const { build } = require('esbuild');
  const inputs = [];
  for (const { from, to } of BUNDLES) {
    const { metafile } = await build({
      entryPoints: [path.join(ROOT, from)], outfile: to, absWorkingDir: ROOT, plugins: [unindented, elements], bundle: true, minify: true, metafile: true,
      format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none', banner: { js: `// Licences: ${LICENSES}` }, logLevel: 'warning',
    });
    inputs.push(...Object.keys(metafile.inputs));
  }
  for (const name of COPIES) fs.copyFileSync(path.join(ROOT, 'ui', 'page', name), path.join(DIST, name));
  fs.writeFileSync(path.join(DIST, LICENSES), licensesOf(inputs));
  const size = gzipSync(fs.readFileSync(ELEMENTS), { level: 9 }).length;
  if (size > MOST_BYTES) throw new Error(`The elements have ${size} bytes when compressed, more than ${MOST_BYTES}.`);
  console.log(`Built the interface: ${(size / 1024).toFixed(1)} KiB compressed.`);
}

/** Returns the licences of the packages whose files are among the inputs of a bundle. */
function licensesOf(inputs) {
  const names = new Set(inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
  const sections = [...names].sort().map((name) => {
    const folder = path.join(ROOT, 'node_modules', name);
    const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const files = fs.readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
    if (files.length === 0) throw new Error(`${name} has no file with its licence.`);
    return `## ${name} ${version} (${license})\n\n\`\`\`text\n${files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n')}\n\`\`\`\n`;
  });
  return ['# Licences of what the interface is made of\n', ...sections].join('\n');
}

module.exports = { ELEMENTS, MOST_BYTES, buildInterface, ensureInterface };

if (require.main === module) bundle().catch((error) => fail(error.message));
