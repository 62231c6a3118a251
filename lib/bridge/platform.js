'use strict';

const fs = require('node:fs');

/** The number of bytes at the start of an executable in which the name of its loader is searched. */
const HEAD_BYTES = 4096;

/** Returns this platform as named in the binary packages: `linux-x64-musl`, `darwin-arm64`, `win32-x64-msvc`. */
function platform() {
  return [process.platform, process.arch, abi()].filter(Boolean).join('-');
}

function abi() {
  if (process.platform === 'win32') return 'msvc';
  if (process.platform !== 'linux') return null;
  return fromLoader() ?? fromReport();
}

/**
 * Returns the C library that this Node is linked with, judged by the loader that its executable names. Other programs of the
 * machine are not consulted, because they may use another C library.
 */
function fromLoader() {
  try {
    const file = fs.openSync(process.execPath, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    try {
      fs.readSync(file, head, 0, HEAD_BYTES, 0);
    } finally {
      fs.closeSync(file);
    }
    const [, name] = /\/ld-(musl|linux)-[\w.-]+\0/.exec(head.toString('latin1')) ?? [];
    return { musl: 'musl', linux: 'gnu' }[name] ?? null;
  } catch {
    return null; // Reading the executable may be forbidden (`--permission`).
  }
}

/**
 * Returns the C library from Node's report. That takes some milliseconds, and longer if it looks up the names of open
 * sockets.
 */
function fromReport() {
  const { report } = process;
  const { excludeNetwork } = report;
  report.excludeNetwork = true;
  try {
    return report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl';
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

module.exports.platform = platform;
