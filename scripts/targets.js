'use strict';

const { fail } = require('./tools.js');

/** The newest glibc version that a binary may need, so that it runs on RHEL 7, Amazon Linux 2, Debian 8 and later ones. */
const GLIBC_FLOOR = '2.17';

/** The platforms that a binary is published for: our name, Rust's target triple, and npm's fields `os`, `cpu` and `libc`. */
const TARGETS = [
  { platform: 'linux-x64-gnu', triple: 'x86_64-unknown-linux-gnu', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { platform: 'linux-x64-musl', triple: 'x86_64-unknown-linux-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  { platform: 'linux-arm64-gnu', triple: 'aarch64-unknown-linux-gnu', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { platform: 'linux-arm64-musl', triple: 'aarch64-unknown-linux-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  { platform: 'darwin-x64', triple: 'x86_64-apple-darwin', os: 'darwin', cpu: 'x64' },
  { platform: 'darwin-arm64', triple: 'aarch64-apple-darwin', os: 'darwin', cpu: 'arm64' },
  { platform: 'win32-x64-msvc', triple: 'x86_64-pc-windows-msvc', os: 'win32', cpu: 'x64' },
  { platform: 'win32-arm64-msvc', triple: 'aarch64-pc-windows-msvc', os: 'win32', cpu: 'arm64' },
];

const LINUX = TARGETS.filter(({ os }) => os === 'linux');

/** Returns the targets with these platform names; all of them if there is no name. Ends this process for an unknown name. */
function targetsNamed(names, targets) {
  const all = targets.map(({ platform }) => platform);
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) fail(`There is no platform ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  return targets.filter(({ platform }) => names.length === 0 || names.includes(platform));
}

module.exports = { GLIBC_FLOOR, LINUX, TARGETS, targetsNamed };
