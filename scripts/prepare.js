'use strict';

// npm, pnpm and yarn run this for an install from git, where there is no binary to fetch: the addon is built there. They
// run it in a checkout too, which has `npm run build` for that, and need not wait for Rust to install its dependencies.
const { ROOT, addonFile, build } = require('./tools.js');

/** Where package managers put what they have cloned. */
const CLONE = /[\\/](tmp[\\/](git-clone|_tmp)[^\\/]*|(\.tmp|node_modules)[\\/][^\\/]+|xfs-[0-9a-f]+)$/;

if (CLONE.test(ROOT) && addonFile() === null) build();
