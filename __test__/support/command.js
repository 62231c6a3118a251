'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const { environmentWith } = require('./environment.js');
const { ROOT } = require('./process.js');
const { until } = require('./until.js');

const COMMAND = path.join(ROOT, 'cli', 'index.js');

/** Collects the output of a child that was just spawned. `ended` resolves to the output, exit code and signal. */
function follow(child) {
  const shown = { child, stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { shown[name] += text; });
  shown.ended = once(child, 'close').then(([code, signal]) => ({ ...shown, code, signal }));
  /** Resolves when stdout matches `pattern`, and rejects when the child exits before. */
  shown.says = (pattern) => until(() => {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} before it said ${pattern}: ${shown.stdout}${shown.stderr}`);
    return pattern.test(shown.stdout);
  }, `it says ${pattern}`);
  return shown;
}

/** Starts the command. Its stdin is a pipe that stays open, as is the default of Node's `spawn`. */
function start(args, { env = {} } = {}) {
  return follow(spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, env: environmentWith(env) }));
}

/** Runs the command until it exits. */
const run = (args, options) => start(args, options).ended;

/** Runs a shell command line, in which `$OPENROUTER` is the command, until it exits. */
function runShell(line, { env = {} } = {}) {
  const OPENROUTER = `${process.execPath} ${COMMAND}`;
  return follow(spawn('sh', ['-c', line], { cwd: ROOT, env: environmentWith({ OPENROUTER, ...env }) })).ended;
}

const SCRIPT = ['/usr/bin/script', '/bin/script'].find((file) => fs.existsSync(file));
/** Whether a pseudo-terminal is available: by `script` of util-linux, which every Debian has. */
const hasTerminal = process.platform === 'linux' && SCRIPT !== undefined;

/** Starts a shell command line in a pseudo-terminal of 60 columns. All output is in `stdout`; stdin acts as the keyboard. */
function startTerminal(line, { env = {} } = {}) {
  const OPENROUTER = `${process.execPath} ${COMMAND}`;
  const typed = ['-qec', `stty cols 60; ${line}`, '/dev/null'];
  return follow(spawn(SCRIPT, typed, { cwd: ROOT, env: environmentWith({ OPENROUTER, TERM: 'xterm', ...env }) }));
}

const ERASE = '\r\u001b[2K';

/**
 * Returns what a terminal shows after this output, and the texts that were erased in the meantime, each at most once in a row.
 * Colours stay in the former only.
 */
function screenOf(output) {
  const lines = output.replaceAll('\r\n', '\n').split('\n').map((line) => line.split(ERASE));
  const erased = lines.flatMap((texts) => texts.slice(0, -1)).map((text) => text.replace(/\u001b\[\d+m/g, '')).filter((text) => text !== '');
  return { text: lines.map((texts) => texts.at(-1)).join('\n'), erased: erased.filter((text, at) => text !== erased[at - 1]) };
}

module.exports.COMMAND = COMMAND;
module.exports.follow = follow;
module.exports.hasTerminal = hasTerminal;
module.exports.run = run;
module.exports.runShell = runShell;
module.exports.start = start;
module.exports.screenOf = screenOf;
module.exports.startTerminal = startTerminal;
