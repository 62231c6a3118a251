'use strict';

// `npm run fuzz`: each fuzz target for a while, two at a time. Options: --seconds 60, --seed 1, then names of targets.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { ROOT, run } = require('./tools.js');

const FUZZ = path.join(ROOT, 'fuzz');
const TOOLS = path.join(ROOT, 'target', 'tools');
/** Coverage needs flags that are not stable yet; no other toolchain does. */
const env = { ...process.env, RUSTC_BOOTSTRAP: '1', PATH: [path.join(TOOLS, 'bin'), process.env.PATH].join(path.delimiter) };
/** The same inputs each time, so that a failure here is one everywhere; `--seed 0` is at random. */
const SEED = '1';
/** The core has no unsafe code, so no sanitizer is needed. */
const BUILD = ['--sanitizer', 'none'];

const { values, positionals } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: SEED } }, allowPositionals: true });
const all = fs.readdirSync(path.join(FUZZ, 'fuzz_targets')).map((file) => path.basename(file, '.rs'));
const targets = positionals.length > 0 ? positionals : all;

main();

async function main() {
  if (spawnSync('cargo-fuzz', ['--version'], { env }).status !== 0) {
    // Not optimised: it only calls cargo, and is there in half the time.
    run('cargo', ['install', 'cargo-fuzz', '--version', '0.13.2', '--locked', '--quiet', '--debug', '--root', TOOLS]);
  }
  run('cargo', ['fuzz', 'build', ...BUILD], { env });
  const waiting = [...targets];
  const failed = [];
  const worker = async () => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      if ((await fuzz(target)) !== 0) failed.push(target);
    }
  };
  await Promise.all([worker(), worker()]);
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}; the inputs are in fuzz/artifacts`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** Runs a target; shows what it did in a line, or all that it said when it failed. */
function fuzz(target) {
  return new Promise((resolve) => {
    const args = ['fuzz', 'run', ...BUILD, target, '--', `-max_total_time=${values.seconds}`, `-seed=${values.seed}`, '-timeout=10', '-rss_limit_mb=2048'];
    const child = spawn('cargo', args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (bytes) => { said += bytes; });
    child.on('close', (status) => {
      const [, runs = '0'] = /Done (\d+) runs/.exec(said) ?? [];
      console.log(status === 0 ? `fuzz ${target}: ${runs} runs, no failure` : said);
      resolve(status);
    });
  });
}
