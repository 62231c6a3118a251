'use strict';

// Installs Python packages into a virtual environment, and makes folders of tools.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { TOOLS, run } = require('../tools.js');
const { install } = require('./debian.js');

const VENV = path.join(TOOLS, 'venv');
const PYTHON = path.join(VENV, 'bin', 'python');

/** Installs these packages into the environment if necessary, and returns the path of its Python. */
function python(packages) {
  if (!fs.existsSync(PYTHON)) {
    fs.rmSync(VENV, { recursive: true, force: true });
    if (spawnSync('python3', ['-c', 'import ensurepip, venv']).status !== 0) install(['python3-venv']);
    run('python3', ['-m', 'venv', VENV]);
  }
  const pip = ['-m', 'pip', '--disable-pip-version-check'];
  const installed = spawnSync(PYTHON, [...pip, 'freeze'], { encoding: 'utf8' }).stdout.split('\n');
  const missing = packages.filter((one) => !installed.includes(one));
  if (missing.length > 0) run(PYTHON, [...pip, 'install', '--quiet', ...missing]);
  return PYTHON;
}

/** Returns a folder of the tools. If it is missing, `make` fills a temporary folder, which is renamed once complete. */
function once(name, make) {
  const folder = path.join(TOOLS, name);
  if (fs.existsSync(folder)) return folder;
  const unfinished = `${folder}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  make(unfinished);
  fs.renameSync(unfinished, folder);
  return folder;
}

module.exports = { VENV, once, python };
