'use strict';

// What compiles for a Linux target: zig as C compiler and linker, which has every glibc and musl in it, and a Rust that
// has the target's standard library, or its source.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { dependency, ensureProgram, unpack } = require('./debian.js');
const { python } = require('./python.js');

const ZIG = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.1'];

/** Installs what is missing, and gives the environment and the arguments of cargo for a target. */
function toolchain(target) {
  ensureProgram('cc', ['gcc', 'libc6-dev']);
  ensureProgram('cargo', ['cargo-web', 'rustc-web']);
  const bins = path.dirname(python(ZIG));
  const env = { ...process.env, PATH: [bins, process.env.PATH].join(path.delimiter) };
  if (hasStd(target.triple)) return { env, args: [] };
  // Debian has a standard library for arm64 beside that of amd64, and the source for what it has none for.
  env.RUSTC = ensureDebianRust();
  if (target.libc === 'glibc') return { env, args: [] };
  env.RUSTC_BOOTSTRAP = '1';
  return { env, args: ['-Zbuild-std=std,panic_unwind'] };
}

/** Whether the machine's own Rust has the target's standard library: where rustup can add it, this is so. */
function hasStd(triple) {
  const { status, stdout } = spawnSync('rustc', ['--print', 'target-libdir', '--target', triple], { encoding: 'utf8' });
  return status === 0 && fs.existsSync(stdout.trim());
}

/** Debian's Rust, unpacked. Gives a command that runs its compiler. */
function ensureDebianRust() {
  const std = () => dependency('libstd-rust-web-dev', /^libstd-rust-web-\d/);
  const folder = unpack('rust', () => [
    'rustc-web', 'rust-web-src', dependency(std(), /^libllvm/),
    ...['libstd-rust-web-dev', std()].flatMap((name) => [name, `${name}:arm64`]),
  ]);
  const command = path.join(folder, 'rustc');
  const libraries = path.join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${path.join(folder, 'usr', 'bin', 'rustc')}' "$@"\n`;
  // Written only where it differs: cargo builds all anew for another compiler, and tells by its file's time.
  if (!fs.existsSync(command) || fs.readFileSync(command, 'utf8') !== script) fs.writeFileSync(command, script, { mode: 0o755 });
  return command;
}

module.exports = { toolchain };
