'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** After so many names that are taken, something else is wrong. */
const MOST_NAMES = 10_000;

/** Returns the name with a number, from 2 on, before its ending. */
function numbered(name, number) {
  const { dir, name: stem, ext } = path.parse(name);
  return number === 1 ? name : path.join(dir, `${stem}-${number}${ext}`);
}

/**
 * Writes a file under a name that no file has, the given one if it is free, and returns the name. A file that cannot be
 * written whole is removed.
 */
function writeNew(name, bytes) {
  for (let number = 1; number <= MOST_NAMES; number += 1) {
    const free = numbered(name, number);
    let file;
    try {
      file = fs.openSync(free, 'wx');
    } catch (error) {
      if (error.code === 'EEXIST') continue;
      throw error;
    }
    try {
      fs.writeFileSync(file, bytes);
      return free;
    } catch (error) {
      fs.rmSync(free, { force: true });
      throw error;
    } finally {
      fs.closeSync(file);
    }
  }
  throw new Error(`There is no free name for ${name}`);
}

/** Writes a file in place of the one that has its name, which stays as it is if that fails. */
function replaceFile(name, bytes) {
  const written = writeNew(`${name}.new`, bytes);
  try {
    fs.renameSync(written, name);
  } catch (error) {
    fs.rmSync(written, { force: true });
    throw error;
  }
  return name;
}

module.exports = { replaceFile, writeNew };
