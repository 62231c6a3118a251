'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { blocksOf, textOf } = require('../support/markdown.js');
const { ROOT } = require('../support/process.js');
const { until } = require('../support/until.js');
const { describeInBrowser } = require('./support/browser.js');
const { Site } = require('./support/site.js');

const PAGE = 'docs/interface.md';
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
/** The rows of the table below a heading of the second level. */
function rowsOf(heading) {
  const [, section] = new RegExp(`^## ${heading}$([^]*?)(?=^## |(?![^]))`, 'm').exec(textOf(PAGE));
  return section.split('\n').filter((line) => /^\| [^-]/.test(line)).map((line) => line.slice(2, -2).split(' | '));
}
const codes = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

describe('docs/interface.md', () => {
  const elements = rowsOf('Elements').filter(([name]) => name.startsWith('`<openrouter'));

  test.each(elements)('lists each attribute and event of %s', (name, attributes, events) => {
    const source = read(`ui/${/openrouter-(\w+)/.exec(name)[1]}.js`);
    const [, properties] = /static properties = \{([^]*?)^ {2}\};/m.exec(source);
    const declared = [...properties.matchAll(/^ {4}(\w+): \{ (type: [^}]*) \}/gm)].map(([, property, options]) => /attribute: '([\w-]+)'/.exec(options)?.[1] ?? property.toLowerCase());
    expect(codes(attributes.replace(/\([^)]*\)/g, '')).sort()).toEqual(declared.sort());
    const told = [...source.matchAll(/this\.tell\((?:[^']*\? )?'(\w+)'(?: : '(\w+)')?/g)].flatMap(([, ...names]) => names.filter(Boolean)).map((one) => `openrouter-${one}`);
    const listed = codes(events).filter((code) => code.startsWith('openrouter-'));
    expect([...new Set([...listed, 'openrouter-error'])].sort()).toEqual([...new Set([...told, 'openrouter-error'])].sort());
  });

  test('lists each colour and size that can be set', () => {
    const listed = rowsOf('Elements').filter(([name]) => name.startsWith('`--')).flatMap(([names]) => codes(names));
    const all = [...(read('ui/styles.js') + read('ui/models.js')).matchAll(/var\((--openrouter-[\w-]+)/g)].map(([, name]) => name).filter((name) => !name.endsWith('-back'));
    expect(listed.sort()).toEqual([...new Set(all)].sort());
  });

  test('names for each sentence of the guide a test that exists', () => {
    const rows = rowsOf('What the guide promises').filter(([guide]) => guide !== 'the guide');
    expect(rows.length).toBeGreaterThan(20);
    for (const [, , cell] of rows) {
      const [, file, title = ''] = /^`([\w/.-]+)`(?:: (.*))?$/.exec(cell);
      expect([cell, read(`__test__/${file}`).includes(title)]).toEqual([cell, true]);
    }
  });
});

describeInBrowser('the pages in docs/interface.md', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const pages = blocksOf(PAGE).filter(({ language }) => language === 'html').map(({ code }) => code);

  test('a chat works as it is pasted', async () => {
    const page = await site.open(pages[0], { bypassCSP: true });
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Hi');
    await page.keyboard.press('Enter');
    await page.locator('openrouter-message .metrics .cost').waitFor();
  });

  test('the parts work as they are pasted', async () => {
    const page = await site.open(pages[1], { bypassCSP: true });
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.locator('openrouter-message .metrics .cost').waitFor();
    await until(async () => (await page.locator('openrouter-credits button').innerText()).startsWith('$'), 'the credits are shown');
  });
});
