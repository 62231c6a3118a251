'use strict';

// `npm run build`: builds the release addon, so that `require` of this checkout works.
// `npm run build -- darwin-x64`: builds it for another platform whose Rust target is installed, into `binaries/`.
const { TARGETS } = require('./targets.js');
const { BINARIES, binaryName, build, fail } = require('./tools.js');

const [platform] = process.argv.slice(2);
const target = TARGETS.find((one) => one.platform === platform);
if (platform && !target) fail(`There is no platform ${platform}. There are: ${TARGETS.map((one) => one.platform).join(', ')}`);

build(target && { triple: target.triple, name: binaryName(platform), folder: BINARIES });
