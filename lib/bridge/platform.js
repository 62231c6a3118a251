'use strict';

const fs = require('node:fs');

/** The bytes that hold the name of a program's loader. */
const HEAD_BYTES = 4096;

/** This platform as the packages of binaries name it: `linux-x64-musl`, `darwin-arm64`, `win32-x64-msvc`. */
function platform() {
  return [process.platform, process.arch, abi()].filter(Boolean).join('-');
}

function abi() {
  if (process.platform === 'win32') return 'msvc';
  if (process.platform !== 'linux') return null;
  return fromLoader() ?? fromReport();
}

/**
 * Which C library this Node was linked with, by the loader that its file asks for. No other program is asked: what the
 * machine has besides may be another.
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
    return null; // Not allowed to read it (`--permission`).
  }
}

/** The same from Node itself, which takes some milliseconds, and longer where it looks up the names of open sockets. */
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
