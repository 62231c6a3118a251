'use strict';

// Collects the licences of everything that is linked into a binary, because they must be shipped with it.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { ROOT, fail } = require('./tools.js');

const FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
/** Linked into every binary, but not listed by `cargo metadata`. */
const STD = { name: 'Rust standard library', license: 'MIT', authors: ['The Rust Project contributors'] };

/** Returns the licences of a target's binary as Markdown: each text once, with the crates that it applies to. */
function licensesOf(triple) {
  const crates = linked(metadata(triple));
  const texts = new Map();
  for (const crate of [STD, ...crates]) {
    for (const text of textsOf(crate)) {
      const words = text.split(/\s+/).join(' ').trim();
      const entry = texts.get(words) ?? { text, names: [] };
      entry.names.push(crate.version ? `${crate.name} ${crate.version} (${crate.license})` : crate.name);
      texts.set(words, entry);
    }
  }
  const sections = [...texts.values()].map(({ text, names }) => `## ${names.join(', ')}\n\n\`\`\`text\n${text.trim()}\n\`\`\`\n`);
  return ['# Licences of what this binary is made of\n', ...sections].join('\n');
}

/** Returns `cargo metadata`: all packages, and their dependencies for the target `triple`. */
function metadata(triple) {
  const args = ['metadata', '--locked', '--format-version', '1', '--filter-platform', triple];
  const { status, stdout, stderr } = spawnSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) fail(`The licences could not be read: ${stderr}`);
  return JSON.parse(stdout);
}

/** Returns the crates that are linked into the binary. Build and test dependencies and procedural macros are not. */
function linked({ packages, resolve }) {
  const crate = new Map(packages.map((one) => [one.id, one]));
  const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps]));
  const found = new Set();
  const visit = (id) => {
    if (found.has(id) || crate.get(id).targets.some(({ kind }) => kind.includes('proc-macro'))) return;
    found.add(id);
    for (const { pkg, dep_kinds: kinds } of needs.get(id)) if (kinds.some(({ kind }) => kind === null)) visit(pkg);
  };
  visit(resolve.root);
  found.delete(resolve.root);
  return [...found].map((id) => crate.get(id)).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Returns the texts of a crate's licence files, or the standard text of its licence if it has no such file. */
function textsOf({ name, license, authors, manifest_path: manifest }) {
  const folder = manifest ? path.dirname(manifest) : null;
  const files = folder ? fs.readdirSync(folder).filter((file) => FILE.test(file) && fs.statSync(path.join(folder, file)).isFile()) : [];
  if (files.length > 0) return files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
  const id = ['MIT', 'BSD-3-Clause'].find((one) => (license ?? '').includes(one));
  if (!id) fail(`${name} has neither a licence file nor a licence that is known here: ${license}`);
  const { licenseText } = require(`spdx-license-list/licenses/${id}.json`);
  return [licenseText.replace(/<year>\s*/, '').replace(/<(copyright holders|owner)>/, authors.join(', ') || `the authors of ${name}`)];
}

module.exports = { licensesOf };
