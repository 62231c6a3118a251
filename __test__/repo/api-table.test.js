'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { OpenRouterClient, explainPrivacy } = require('../..');
const { findRoute } = require('../../emulator/routes.js');
const { ROOT } = require('../support/process.js');

const page = fs.readFileSync(path.join(ROOT, 'docs', 'api.md'), 'utf8');
const types = fs.readdirSync(path.join(ROOT, 'types'), { recursive: true }).filter((name) => name.endsWith('.d.ts'))
  .map((name) => fs.readFileSync(path.join(ROOT, 'types', name), 'utf8')).join('\n');
const client = new OpenRouterClient('sk-or-v1-management-api-table');

const rows = page.split('\n').filter((line) => /^\| `\w/.test(line) && line.split('|').length === 7).map((line) => {
  const [methods, endpoint, floor, cost, test] = line.split('|').slice(1, -1).map((cell) => cell.trim());
  const [method, asked] = endpoint.replaceAll('`', '').split(' ');
  return { names: [...methods.matchAll(/`([\w.]+)\(/g)].map(([, name]) => name), method, asked, floor, cost, test: test.replaceAll('`', '') };
});

describe('docs/api.md', () => {
  test.each(rows.map((row) => [row.names.join(', '), row]))('%s exists, is typed, emulated and tested, and has the floor that the table says', (_, { names, method, asked, floor, test }) => {
    for (const name of names) {
      const [first, second] = name.split('.');
      const value = second ? client[first][second] : client[first];
      expect(typeof value).toBe('function');
      expect(types).toMatch(new RegExp(`^ {2}(?:readonly )?${second ?? first}[(:<]`, 'm'));
      const text = fs.readFileSync(path.join(ROOT, '__test__', test), 'utf8');
      expect(text).toMatch(new RegExp(`\\b${second ?? first}\\b|\\[kind\\]|\\[name\\]`));
    }
    expect(() => findRoute(method, `/api/v1${asked}`)).not.toThrow();
    const body = ['GET', 'DELETE'].includes(method) ? undefined : {};
    const { action } = explainPrivacy({ method, url: asked, body, zdr: true });
    expect({ merge: 'merged', refuse: 'refused', pass: '–' }[action]).toBe(floor);
  });

  test('has every endpoint that the client declares', () => {
    const named = new Set(rows.flatMap(({ names }) => names.map((name) => name.split('.')[0])));
    const declared = fs.readFileSync(path.join(ROOT, 'types', 'api', 'endpoints.d.ts'), 'utf8').matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm);
    const missing = [...declared].map(([, name]) => name).filter((name) => name !== 'request' && !named.has(name));
    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(25);
  });
});
