'use strict';

// `npm run package`: packs the main package and this machine's platform package, into `dist/`.
// `npm run package -- binaries`: packs the main package and one platform package for each binary in that folder.
// `--all`: fails if the binary of a platform is missing.
// `--dist FOLDER`: packs into another folder than `dist/`. Earlier tarballs of these packages in the folder are deleted.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { platform } = require('../lib/bridge/platform.js');
const { licensesOf } = require('./licenses.js');
const { LICENSES, mainManifest, origin } = require('./manifests.js');
const { TARGETS } = require('./targets.js');
const { NATIVE, ROOT, binaryName, ensureBuilt, ensureDependencies, fail, npm, run } = require('./tools.js');
const { ensureInterface } = require('./ui.js');

const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean' }, dist: { type: 'string', default: path.join(ROOT, 'dist') } },
  allowPositionals: true,
});
const DIST = path.resolve(values.dist);
/** The names of the tarballs that this script makes. */
const TARBALL = /^openrouter-native(-[a-z0-9]+)*-\d+\.\d+\.\d+.*\.tgz$/;

ensureDependencies();
if (positionals.length === 0) ensureBuilt();
ensureInterface();
const binaries = path.resolve(positionals[0] ?? NATIVE);
const isHere = (target) => fs.existsSync(path.join(binaries, binaryName(target.platform)));
const wanted = positionals.length > 0 ? TARGETS : TARGETS.filter((target) => target.platform === platform());
const missing = wanted.filter((target) => !isHere(target)).map((target) => target.platform);
const targets = wanted.filter(isHere);
if (targets.length === 0 || (values.all && missing.length > 0)) fail(`${binaries} has no binary for ${missing.join(', ') || platform()}.`);

fs.mkdirSync(DIST, { recursive: true });
for (const name of fs.readdirSync(DIST).filter((one) => TARBALL.test(one))) fs.rmSync(path.join(DIST, name));
const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-stage-'));
const folders = [...targets.map(stagePlatform), stageMain()];
run(npm, ['pack', ...folders, '--pack-destination', DIST, '--ignore-scripts', '--loglevel=error']);
fs.rmSync(stage, { recursive: true });

function stagePlatform(target) {
  const source = path.join(ROOT, 'npm', target.platform);
  const manifest = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
  const folder = folderFor({ ...manifest, ...origin() });
  fs.copyFileSync(path.join(source, 'README.md'), path.join(folder, 'README.md'));
  fs.copyFileSync(path.join(binaries, binaryName(target.platform)), path.join(folder, binaryName(target.platform)));
  fs.writeFileSync(path.join(folder, LICENSES), licensesOf(target.triple));
  return folder;
}

/** Prepares the main package, which depends on exactly the platform packages that are packed. */
function stageMain() {
  const manifest = mainManifest(targets.map((target) => target.platform));
  const folder = folderFor(manifest);
  for (const name of manifest.files) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  return folder;
}

/** Makes a folder with this package.json and the LICENSE. */
function folderFor(manifest) {
  const folder = path.join(stage, manifest.name);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
  return folder;
}
