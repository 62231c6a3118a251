'use strict';

const fs = require('node:fs');

/**
 * Returns a folder that is filled only once. If it is missing, `fill` fills a temporary folder, which is renamed when it is
 * complete, so that an interrupted run leaves no half of a folder.
 * @param {string} folder its path
 * @param {(unfinished: string) => void} fill
 */
function once(folder, fill) {
  if (fs.existsSync(folder)) return folder;
  const unfinished = `${folder}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  fill(unfinished);
  fs.renameSync(unfinished, folder);
  return folder;
}

module.exports = { once };
