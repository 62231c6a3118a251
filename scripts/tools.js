'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { platform } = require('../lib/bridge/platform.js');

const ROOT = path.join(__dirname, '..');
const NATIVE = path.join(ROOT, 'native');
const TARGET = path.join(ROOT, 'target');
/** The folder of the tools that the scripts install. */
const TOOLS = path.join(TARGET, 'tools');
/** The folder of binaries for other platforms, and for this one built for the oldest supported glibc. */
const BINARIES = path.join(ROOT, 'binaries');
/**
 * The arguments of `cargo rustc`. `cargo build` would also make the library that the Rust tests need. Then neither is
 * optimised as a whole, and the addon was 0.6 MB larger and slower.
 */
const ADDON = ['--release', '--lib', '--crate-type', 'cdylib', '--locked'];
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
/** The environment in which the cargo tools of {@link ensureCargoTool} are found. */
const toolsEnv = { ...process.env, PATH: [path.join(TOOLS, 'bin'), process.env.PATH].join(path.delimiter) };

/** Runs a command in the checkout and prints its output. Ends this process if the command fails. */
function run(command, args, options = {}) {
  // Node starts .cmd files only through a shell (CVE-2024-27980).
  const shell = command.endsWith('.cmd');
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell, ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result;
}

/** Runs the command of a development dependency. */
function runLocal(name, args, options) {
  return run(process.execPath, [bin(name), ...args], options);
}

/** Returns the script of a development dependency's command. */
function bin(name) {
  return fs.realpathSync(path.join(ROOT, 'node_modules', '.bin', name));
}

/** Installs the dependencies of a folder if they are missing, or older than its lock file. */
function ensureDependencies(folder = ROOT) {
  const installed = modified(path.join(folder, 'node_modules', '.package-lock.json'));
  if (installed >= modified(path.join(folder, 'package-lock.json'))) return;
  // `npm ci` refuses a lock file that lacks the binary packages of platforms which a registry does not have. `npm install`
  // with `--no-save` also installs the locked versions, and does not change the lock file.
  run(npm, ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

/** Installs a command of cargo into the folder of the tools, if it is missing. */
function ensureCargoTool(name, version, options = []) {
  if (spawnSync(name, ['--version'], { env: toolsEnv }).status === 0) return;
  run('cargo', ['install', name, '--version', version, '--locked', '--quiet', ...options, '--root', TOOLS]);
}

/** Builds the addon if it is missing, or older than its sources. */
function ensureBuilt() {
  ensureDependencies();
  const sources = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src'].map((name) => newest(path.join(ROOT, name)));
  const addon = addonFile();
  if (addon !== null && modified(addon) >= Math.max(...sources)) return;
  build();
}

/** Builds the release addon: for this machine into `native/`, or for another installed Rust target into `folder`. */
function build({ triple = ownTriple(), name = binaryName(platform()), folder = NATIVE } = {}) {
  run('cargo', ['rustc', ...ADDON, '--target', triple, '--target-dir', TARGET]);
  const built = ['libopenrouter_native.so', 'libopenrouter_native.dylib', 'openrouter_native.dll']
    .map((file) => path.join(TARGET, triple, 'release', file))
    .find((file) => fs.existsSync(file));
  const file = path.join(folder, name);
  fs.mkdirSync(folder, { recursive: true });
  // Delete the old file instead of overwriting it, because a running process may have loaded it.
  fs.rmSync(file, { force: true });
  fs.copyFileSync(built, file);
}

/** Returns the target triple that this machine's Rust builds for by default. */
function ownTriple() {
  const { status, stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  if (status !== 0) fail('Rust is needed to build the addon: install it from https://rustup.rs, then run this again.');
  return /^host: (.+)$/m.exec(stdout)[1];
}

/** Returns the file name of a platform's binary, which `lib/bridge/native.js` loads. */
function binaryName(platform) {
  return `openrouter-native.${platform}.node`;
}

/** Returns the path of the addon that was built for this machine, or null. */
function addonFile() {
  const file = path.join(NATIVE, binaryName(platform()));
  return fs.existsSync(file) ? file : null;
}

function modified(file) {
  return fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0;
}

/** Returns when the newest file of a folder was changed. What a build left in a folder `dist` does not count. */
function newest(file) {
  if (path.basename(file) === 'dist') return 0;
  if (!fs.statSync(file).isDirectory()) return modified(file);
  return Math.max(...fs.readdirSync(file).map((name) => newest(path.join(file, name))));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

module.exports = { ADDON, BINARIES, NATIVE, ROOT, TARGET, TOOLS, npm, toolsEnv, addonFile, bin, binaryName, build, ensureBuilt, ensureCargoTool, ensureDependencies, fail, modified, newest, run, runLocal };
