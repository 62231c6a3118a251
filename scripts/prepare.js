'use strict';

// npm, pnpm and yarn run this for an install from git, where there is no binary to fetch: the addon is built there. They
// run it in a checkout too, which has `npm run build` for that, and need not wait for Rust to install its dependencies.
const path = require('node:path');
const { ROOT, addonFile, build } = require('./tools.js');

/** Where package managers put what they have cloned. */
const PARENTS = /^(tmp|\.tmp|_tmp.*|xfs-[0-9a-f]+|node_modules)$/;

const isGitInstall = ROOT.split(path.sep).slice(0, -1).some((folder, at, all) => at >= all.length - 2 && PARENTS.test(folder));
if (isGitInstall && addonFile() === null) build();
