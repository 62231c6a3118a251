'use strict';

const fs = require('node:fs');

/**
 * Returns a folder that is filled only once. If it is missing, `fill` fills a temporary folder, which is renamed when it is
 * complete, so that an interrupted run leaves no half of a folder. Two processes may do this at a time: the first one's stays.
 * @param {string} folder its path
 * @param {(unfinished: string) => void} fill
 */
function once(folder, fill) {
  if (fs.existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  fill(unfinished);
  try {
    fs.renameSync(unfinished, folder);
  } catch (error) {
    if (!fs.existsSync(folder)) throw error;
    fs.rmSync(unfinished, { recursive: true });
  }
  return folder;
}

module.exports = { once };
