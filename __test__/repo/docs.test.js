'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ROOT } = require('../support/process.js');

const openrouter = require('../..');

/** Returns the text of each file in a folder, by its path in that folder. */
function textsIn(folder) {
  const names = fs.readdirSync(folder, { recursive: true }).filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(names.sort().map((name) => [name.replaceAll(path.sep, '/'), fs.readFileSync(path.join(folder, name), 'utf8')]));
}

/** Returns the anchors of a page: the ids that it sets, and the headings in GitHub's form, a repeated one with a number. */
function anchorsOf(text) {
  const seen = new Map();
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').trim().replaceAll(' ', '-'));
  const numbered = headings.map((slug) => {
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set([...numbered, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)]);
}

describe('the API reference', () => {
  const committed = textsIn(path.join(ROOT, 'docs', 'api'));

  test('is what npm run docs generates from the types', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-docs-'));
    execFileSync(process.execPath, ['scripts/docs.js', '--out', folder], { cwd: ROOT, stdio: 'pipe' });
    expect(textsIn(folder)).toEqual(committed);
    fs.rmSync(folder, { recursive: true });
  });

  test('has only links that lead somewhere', () => {
    const anchors = new Map(Object.entries(committed).map(([name, text]) => [name, anchorsOf(text)]));
    const links = Object.entries(committed).flatMap(([name, text]) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)]+)\)/g)].map(([, file, anchor]) => [file ? path.posix.join(path.posix.dirname(name), file) : name, anchor]));
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(([name, anchor]) => !anchors.get(name)?.has(anchor))).toEqual([]);
  });

  test('has every name that the package exports', () => {
    const headings = committed['index.md'].match(/^## .*$/gm).map((line) => line.replace(/^## |\\|\(\)$/g, ''));
    expect(headings).toEqual(expect.arrayContaining(Object.keys(openrouter)));
  });
});
