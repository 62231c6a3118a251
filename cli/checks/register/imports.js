'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The numbers of files and packages after which the search ends. No program of this size is written by hand. */
const MAX_FILES = 5000;
const MAX_PACKAGES = 5000;
/** The endings that loaders add to a path, also those of TypeScript. */
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '.tsx', '.jsx', '/index.js', '/index.cjs', '/index.mjs', '/index.ts'];
const IMPORTS = [
  /\b(?:require|import)\s*\(\s*['"]([^'"\n]+)['"]\s*\)/g,
  /\b(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"\n]+)['"]/g,
  /\bimport\s*['"]([^'"\n]+)['"]/g,
];

/**
 * Finds what a program imports, without running it: the built-in modules, and the packages with those that they depend on.
 * Names that a program computes are not found.
 * @param {string} file
 * @returns {{ builtins: Set<string>, packages: Map<string, { version: string, by: string[] }[]> }} the installed versions of each
 *   package; `by` has the packages through which it is needed, the first one is imported by the program
 */
function importsOf(file) {
  const builtins = new Set();
  const packages = new Map();
  const files = new Set([file]);
  const wanted = new Map();
  for (const one of files) {
    for (const name of namesIn(one)) {
      if (name.startsWith('node:') || require('node:module').builtinModules.includes(name)) builtins.add(name.replace(/^node:/, ''));
      else if (!name.startsWith('.') && !path.isAbsolute(name)) wanted.set(packageName(name), path.dirname(one));
      else if (files.size < MAX_FILES) addFile(files, path.resolve(path.dirname(one), name));
    }
  }
  const queue = [...wanted].map(([name, folder]) => ({ name, folder, by: [] }));
  const seen = new Set();
  while (queue.length > 0 && seen.size < MAX_PACKAGES) {
    const { name, folder, by } = queue.shift();
    const place = installed(name, folder);
    if (place === null || seen.has(place.folder)) continue;
    seen.add(place.folder);
    const { version = 'unknown', dependencies = {} } = place.manifest;
    packages.set(name, [...(packages.get(name) ?? []), { version, by }]);
    for (const next of Object.keys(dependencies)) queue.push({ name: next, folder: place.folder, by: [...by, name] });
  }
  return { builtins, packages };
}

function namesIn(file) {
  const text = readText(file) ?? '';
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name));
}

function addFile(files, base) {
  // TypeScript writes `./a.js` for the file `./a.ts`.
  const bases = [base, base.replace(/\.([cm]?)js$/, '.$1ts')];
  const found = bases.flatMap((one) => ENDINGS.map((ending) => one + ending)).find((one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile());
  if (found) files.add(found);
}

/** Returns the name of the package in an import such as `@scope/name/part`. */
function packageName(name) {
  return name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
}

/** Returns the folder and the manifest of a package as it is found from a folder; null if it is not installed. */
function installed(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const place = path.join(folder, 'node_modules', name);
    const text = readText(path.join(place, 'package.json'));
    if (text !== null) return { folder: fs.realpathSync(place), manifest: manifestIn(text) };
    if (folder === path.dirname(folder)) return null;
  }
}

/** Returns the manifest of the package to which a file belongs, with its folder; null if there is none. */
function manifestAbove(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const text = readText(path.join(folder, 'package.json'));
    if (text !== null) return { folder, manifest: manifestIn(text) };
    if (folder === path.dirname(folder)) return null;
  }
}

function manifestIn(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

module.exports = { importsOf, manifestAbove, readText };
