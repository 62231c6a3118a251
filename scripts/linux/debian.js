'use strict';

// Unpacks Debian packages into `target/tools/debian` instead of installing them. That changes nothing on the machine, and
// works for packages of another architecture or release.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { TOOLS, fail } = require('../tools.js');
const { once } = require('./once.js');

const FOLDER = path.join(TOOLS, 'debian');
const STATE = path.join(TOOLS, 'apt');
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The Debian releases before and after this machine's. Some packages are taken from them. */
const OLDER = 'bullseye';
const LATER = 'trixie';

/**
 * Unpacks packages into a folder of their own, if it does not exist yet.
 * @param {string} name the name of the folder
 * @param {() => string[]} packages returns the packages as apt names them: `name`, `name:arm64`, `name/trixie`
 * @returns {string} the folder
 */
function unpack(name, packages) {
  return once(path.join(FOLDER, name), (unfinished) => {
    const options = configure();
    const cache = path.join(STATE, 'downloads', name);
    fs.rmSync(cache, { recursive: true, force: true });
    fs.mkdirSync(cache, { recursive: true });
    call('apt-get', [...options, '-qq', 'download', ...packages()], { cwd: cache });
    for (const file of fs.readdirSync(cache)) call('dpkg-deb', ['-x', path.join(cache, file), unfinished]);
    fs.rmSync(cache, { recursive: true });
  });
}

/** Returns the dependency of a package whose name matches `shape`. Some packages have their version in their name. */
function dependency(name, shape) {
  const { stdout } = call('apt-cache', [...configure(), 'depends', name], { stdio: 'pipe' });
  const found = stdout.split('\n').map((line) => line.trim().replace(/^Depends: /, '')).find((one) => shape.test(one));
  return found ?? fail(`${name} does not depend on ${shape} any more.`);
}

/** Installs packages on the machine, if the program `name` is missing. */
function ensureProgram(name, packages) {
  if (spawnSync(name, ['--version']).error) install(packages);
}

function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  call('apt-get', ['-qq', 'update'], { env });
  call('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages], { env });
}

let configured = null;

/** Returns options that give apt a separate state folder. Updates the package lists once per run. */
function configure() {
  if (configured) return configured;
  for (const name of ['lists/partial', 'cache/archives/partial', 'sources']) fs.mkdirSync(path.join(STATE, name), { recursive: true });
  fs.writeFileSync(path.join(STATE, 'status'), '');
  fs.writeFileSync(path.join(STATE, 'sources.list'), sources());
  const settings = {
    'Dir::State': STATE,
    'Dir::State::lists': path.join(STATE, 'lists'),
    'Dir::State::status': path.join(STATE, 'status'),
    'Dir::Cache': path.join(STATE, 'cache'),
    'Dir::Etc::sourcelist': path.join(STATE, 'sources.list'),
    'Dir::Etc::sourceparts': path.join(STATE, 'sources'),
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64,arm64',
    // Take packages of the other releases only where `name/release` asks for them.
    'APT::Default-Release': '/^bookworm/',
    'Acquire::Languages': 'none',
    // If run as root, apt would download as the user `_apt`, which cannot write here.
    'APT::Sandbox::User': 'root',
  };
  configured = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  call('apt-get', [...configured, '-qq', 'update']);
  return configured;
}

/** Returns a sources.list with the mirrors that this machine uses, for the three releases. */
function sources() {
  const format = '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT)';
  const { stdout } = call('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], { stdio: 'pipe' });
  const found = stdout.trim().split('\n').map((line) => line.split(' ')).filter(([, suite]) => /^bookworm/.test(suite));
  if (found.length === 0) fail('Debian 12 (bookworm) is needed: its packages of Rust make the binaries for other platforms.');
  const lines = found.map(([uri, suite, , component]) => `deb [signed-by=${KEYS}] ${uri} ${suite} ${component}`);
  const [base] = found.find(([, suite]) => suite === 'bookworm') ?? found[0];
  const others = [OLDER, LATER].map((release) => `deb [signed-by=${KEYS}] ${base} ${release} main`);
  return [...new Set([...lines, ...others])].join('\n') + '\n';
}

function call(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], encoding: 'utf8', ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${args.filter((one) => !/::/.test(one) && one !== '-o').join(' ')} failed.`);
  return result;
}

module.exports = { LATER, OLDER, dependency, ensureProgram, install, unpack };
