'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { hasTerminal } = require('../support/command.js');
const { ROOT } = require('../support/process.js');

/** Hides what the machine's speed decides. */
const withoutTimes = (svg) => svg.replace(/after \d+ ms/g, 'after N ms').replace(/[\d.]+ tokens per second/g, 'N tokens per second');

(hasTerminal ? test : test.skip)('the picture in the README shows what the demo writes today', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-terminal-'));
  const file = path.join(folder, 'terminal.svg');
  execFileSync(process.execPath, ['scripts/terminal.js', '--out', file], { cwd: ROOT, stdio: 'pipe' });
  const [drawn, committed] = [file, path.join(ROOT, 'docs', 'terminal.svg')].map((name) => withoutTimes(fs.readFileSync(name, 'utf8')));
  fs.rmSync(folder, { recursive: true });
  expect(drawn).toBe(committed);
  expect(drawn).toContain('provider_error');
});
