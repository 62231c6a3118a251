'use strict';

// `npm run package`: tarballs of the main package and of this machine's platform package, in `dist/`.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, addonFile, ensureBuilt, npm, run, runLocal } = require('./tools.js');

const DIST = path.join(ROOT, 'dist');
const STAGE = path.join(DIST, 'stage');
const NPM = path.join(ROOT, 'npm');

/** What the published package.json leaves out: it is for building this one. */
const LEFT_OUT = ['devDependencies', 'jest', 'napi', 'scripts'];

ensureBuilt();
fs.rmSync(DIST, { recursive: true, force: true });
fs.mkdirSync(STAGE, { recursive: true });
pack(stageMain(stagePlatform()));
fs.rmSync(STAGE, { recursive: true });

/** The platform package: the addon and a package.json with `os`, `cpu` and `libc`. Gives its name. */
function stagePlatform() {
  runLocal('napi', ['create-npm-dirs', '--npm-dir', 'npm'], { stdio: 'ignore' });
  const platform = path.basename(addonFile()).split('.')[1];
  const folder = path.join(NPM, platform);
  fs.copyFileSync(addonFile(), path.join(folder, path.basename(addonFile())));
  pack(folder);
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).name;
}

/** The main package, which names the platform packages that exist and no others. Gives its folder. */
function stageMain(platformPackage) {
  const folder = path.join(STAGE, 'main');
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const name of LEFT_OUT) delete manifest[name];
  manifest.optionalDependencies = { [platformPackage]: manifest.version };
  for (const name of manifest.files) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

function pack(folder) {
  run(npm, ['pack', folder, '--pack-destination', DIST, '--ignore-scripts', '--loglevel=error']);
}
