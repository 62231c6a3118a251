'use strict';

// npm, pnpm and yarn run this for an install from git, where there is no binary to fetch: the addon is built there. They
// run it in a checkout too, which has `npm run build` for that, and need not wait for Rust to install its dependencies.
const fs = require('node:fs');
const path = require('node:path');

const { ROOT, addonFile, build } = require('./tools.js');

/** Where npm, pnpm, yarn 1 and yarn 4 put what they have cloned; others leave its history out. */
const CLONE = /[\\/](tmp[\\/]git-clone[^\\/]*|\.tmp\w+|\.tmp[\\/][^\\/]+|xfs-[0-9a-f]+)$/;

const isCheckout = fs.existsSync(path.join(ROOT, '.git')) && !CLONE.test(ROOT);
if (!isCheckout && addonFile() === null) build();
