'use strict';

/** Measures how long it takes to load a package in a process that has loaded nothing else. */
async function load({ path }) {
  const started = performance.now();
  await (path.startsWith('esm:') ? import(path.slice(4)) : require(path));
  return { loadMs: performance.now() - started };
}

module.exports = load;
