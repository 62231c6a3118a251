'use strict';

// `npm run fuzz`: runs each fuzz target for a time, two at a time. Options: --seconds 60, --seed 1, then names of targets.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { ROOT, ensureCargoTool, fail, run, toolsEnv } = require('./tools.js');

const FUZZ = path.join(ROOT, 'fuzz');
/** RUSTC_BOOTSTRAP allows the unstable flags that coverage needs, without a nightly toolchain. */
const env = { ...toolsEnv, RUSTC_BOOTSTRAP: '1' };
/** A fixed seed makes a failure reproducible on other machines; `--seed 0` chooses a random one. */
const SEED = '1';
/** The core has no unsafe code, so no sanitizer is needed. */
const BUILD = ['--sanitizer', 'none'];

const { values, positionals } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: SEED } }, allowPositionals: true });
const all = fs.readdirSync(path.join(FUZZ, 'fuzz_targets')).map((file) => path.basename(file, '.rs'));
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) fail(`There is no fuzz target ${unknown.join(', ')}. There are: ${all.join(', ')}`);
const targets = positionals.length > 0 ? positionals : all;

main();

async function main() {
  // A debug build takes half the time, and cargo-fuzz only calls cargo.
  ensureCargoTool('cargo-fuzz', '0.13.2', ['--debug']);
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

/** Runs a target. Prints one line, or the whole output if the target failed. Resolves to the exit status. */
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
