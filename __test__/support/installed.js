'use strict';

// Installs the package as a user does: by `npm install openrouter-native`, from a registry on this machine that has the tarballs
// of `npm run package`.
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { npm } = require('../../scripts/tools.js');
const { startRegistry } = require('../package/install/registry.js');
const { environmentWith } = require('./environment.js');
const { ROOT } = require('./process.js');

/**
 * Makes an empty folder and runs the npm command in it.
 * @param {string[]} [args] the arguments of npm
 * @returns {Promise<{ folder: string, link(...names: string[]): void, remove(): void }>} `link` adds packages of this
 *   checkout's node_modules
 */
async function install(args = ['install', 'openrouter-native']) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-installed-'));
  const dist = path.join(folder, 'dist');
  const app = path.join(folder, 'app');
  fs.mkdirSync(app);
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'package.js'), '--dist', dist], { stdio: 'pipe' });
  const registry = await startRegistry(fs.readdirSync(dist).map((name) => path.join(dist, name)));
  try {
    const own = { npm_config_registry: registry.url, npm_config_cache: path.join(folder, 'cache'), npm_config_audit: 'false', npm_config_fund: 'false' };
    await promisify(execFile)(npm, args, { cwd: app, env: environmentWith(own), shell: npm.endsWith('.cmd') });
  } finally {
    registry.close();
  }
  return {
    folder: app,
    link(...names) {
      for (const name of names) {
        const place = path.join(app, 'node_modules', name);
        fs.mkdirSync(path.dirname(place), { recursive: true });
        fs.symlinkSync(path.join(ROOT, 'node_modules', name), place, 'junction');
      }
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

module.exports.install = install;
