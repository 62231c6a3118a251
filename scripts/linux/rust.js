'use strict';

// Provides the compilers for a Linux target: zig as C compiler and linker, because it contains every glibc and musl, and a
// Rust that has the target's standard library or its source.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { dependency, ensureProgram, unpack } = require('./debian.js');
const { python } = require('./python.js');

const ZIG = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.1'];

/** Installs the missing tools, and returns cargo's environment and arguments for a target. */
function toolchain(target) {
  ensureProgram('cc', ['gcc', 'libc6-dev']);
  ensureProgram('cargo', ['cargo-web', 'rustc-web']);
  const bins = path.dirname(python(ZIG));
  const env = { ...process.env, PATH: [bins, process.env.PATH].join(path.delimiter) };
  if (hasStd(target.triple)) return { env, args: [] };
  // Debian packages the standard library for arm64 glibc, and its source, from which it is built for musl.
  env.RUSTC = ensureDebianRust();
  if (target.libc === 'glibc') return { env, args: [] };
  env.RUSTC_BOOTSTRAP = '1';
  return { env, args: ['-Zbuild-std=std,panic_unwind'] };
}

/** Whether the machine's Rust has the target's standard library, for example because rustup has added it. */
function hasStd(triple) {
  const { status, stdout } = spawnSync('rustc', ['--print', 'target-libdir', '--target', triple], { encoding: 'utf8' });
  return status === 0 && fs.existsSync(stdout.trim());
}

/** Unpacks Debian's Rust. Returns the path of a script that runs its compiler. */
function ensureDebianRust() {
  const std = () => dependency('libstd-rust-web-dev', /^libstd-rust-web-\d/);
  const folder = unpack('rust', () => [
    'rustc-web', 'rust-web-src', dependency(std(), /^libllvm/),
    ...['libstd-rust-web-dev', std()].flatMap((name) => [name, `${name}:arm64`]),
  ]);
  const command = path.join(folder, 'rustc');
  const libraries = path.join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${path.join(folder, 'usr', 'bin', 'rustc')}' "$@"\n`;
  // Write the script only if it differs: with a newer file time, cargo would take it for another compiler and rebuild all.
  if (!fs.existsSync(command) || fs.readFileSync(command, 'utf8') !== script) fs.writeFileSync(command, script, { mode: 0o755 });
  return command;
}

module.exports = { toolchain };
