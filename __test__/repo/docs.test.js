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

describe('the API reference', () => {
  const committed = textsIn(path.join(ROOT, 'docs', 'api'));

  test('is what npm run docs generates from the types', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-docs-'));
    execFileSync(process.execPath, ['scripts/docs.js', '--out', folder], { cwd: ROOT, stdio: 'pipe' });
    expect(textsIn(folder)).toEqual(committed);
    fs.rmSync(folder, { recursive: true });
  });

  test('has every name that the package exports', () => {
    const headings = committed['index.md'].match(/^## .*$/gm).map((line) => line.replace(/^## |\\|\(\)$/g, ''));
    expect(headings).toEqual(expect.arrayContaining(Object.keys(openrouter)));
  });
});
