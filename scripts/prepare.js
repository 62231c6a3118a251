'use strict';

// npm, pnpm and yarn run this script for an install from git. Neither a binary nor the bundle of the
// interface is published for that, so this builds both.
// They also run it in a checkout. There it does nothing: `npm run build` builds them, and installing the dependencies
// should not wait for Rust.
const fs = require('node:fs');
const path = require('node:path');

const { ROOT, addonFile, build } = require('./tools.js');
const { ensureInterface } = require('./ui.js');

/** The folders into which npm, pnpm, yarn 1 and yarn 4 clone a repository with its `.git`. Other clones have no `.git`. */
const CLONE = /[\\/](tmp[\\/]git-clone[^\\/]*|\.tmp\w+|\.tmp[\\/][^\\/]+|xfs-[0-9a-f]+)$/;

const isCheckout = fs.existsSync(path.join(ROOT, '.git')) && !CLONE.test(ROOT);
if (!isCheckout) {
  if (addonFile() === null) build();
  ensureInterface();
}
