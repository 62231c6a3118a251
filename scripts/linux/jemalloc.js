'use strict';

// Builds jemalloc for x64 and musl, from the source in its Rust crate. LibreChat's images preload jemalloc.
const fs = require('node:fs');
const path = require('node:path');

const { TOOLS, run } = require('../tools.js');
const { ensureProgram } = require('./debian.js');
const { once } = require('./once.js');
const { python } = require('./python.js');

const CRATE = 'tikv-jemalloc-sys';
const VERSION = '0.6.0';
const MACHINE = 'x86_64-linux-musl';

/** Builds the library if it does not exist yet, and returns its path. */
function jemalloc() {
  const folder = once(path.join(TOOLS, `jemalloc-${VERSION}-x64`), (unfinished) => {
    ensureProgram('make', ['make']);
    const source = path.join(fetched(), CRATE);
    const work = path.join(unfinished, 'work');
    fs.cpSync(path.join(source, 'jemalloc'), work, { recursive: true });
    fs.cpSync(path.join(source, 'configure'), work, { recursive: true });
    const zig = `${python(['ziglang==0.17.1'])} -m ziglang`;
    const options = [`--host=${MACHINE}`, `CC=${zig} cc -target ${MACHINE}`, `AR=${zig} ar`, 'RANLIB=true', '--disable-cxx', '--disable-doc', '--with-lg-page=12'];
    const quiet = { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] };
    run('sh', ['configure', ...options], quiet);
    run('make', ['lib/libjemalloc.so.2'], quiet);
    fs.copyFileSync(path.join(work, 'lib', 'libjemalloc.so.2'), path.join(unfinished, 'libjemalloc.so.2'));
    fs.rmSync(work, { recursive: true });
  });
  return path.join(folder, 'libjemalloc.so.2');
}

/** Downloads the crate with cargo, and returns the folder that holds it. */
function fetched() {
  return once(path.join(TOOLS, `vendor-${CRATE}-${VERSION}`), (unfinished) => {
    fs.mkdirSync(path.join(unfinished, 'src'));
    fs.writeFileSync(path.join(unfinished, 'src', 'lib.rs'), '');
    const manifest = `[package]\nname = "source"\nversion = "0.0.0"\n[dependencies]\n${CRATE} = "=${VERSION}"\n[workspace]\n`;
    fs.writeFileSync(path.join(unfinished, 'Cargo.toml'), manifest);
    run('cargo', ['vendor', '--quiet', '.'], { cwd: unfinished, stdio: ['ignore', 'ignore', 'inherit'] });
  });
}

module.exports = { jemalloc };
