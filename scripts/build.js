'use strict';

// `npm run build`: builds the release addon, so that `require` of this checkout works, and the interface.
// `npm run build -- ui`: builds the interface alone.
// `npm run build -- darwin-x64`: builds it for another platform whose Rust target is installed, into `binaries/`.
const { TARGETS, targetsNamed } = require('./targets.js');
const { BINARIES, binaryName, build } = require('./tools.js');
const { buildInterface } = require('./ui.js');

const names = process.argv.slice(2);

if (names.length === 0) {
  build();
  buildInterface();
} else if (names.join() === 'ui') buildInterface();
else for (const { platform, triple } of targetsNamed(names, TARGETS)) build({ triple, name: binaryName(platform), folder: BINARIES });
