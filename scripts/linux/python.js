'use strict';

// Installs Python packages into a virtual environment.
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

module.exports = { python };
