'use strict';

// `npm run build`: builds the release addon, so that `require` of this checkout works.
// `npm run build -- darwin-x64`: builds it for another platform whose Rust target is installed, into `binaries/`.
const { TARGETS, targetsNamed } = require('./targets.js');
const { BINARIES, binaryName, build } = require('./tools.js');

const names = process.argv.slice(2);

if (names.length === 0) build();
else for (const { platform, triple } of targetsNamed(names, TARGETS)) build({ triple, name: binaryName(platform), folder: BINARIES });
