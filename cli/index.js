#!/usr/bin/env node
'use strict';

// The command `openrouter-native`. Exit status: 0 all is well, 1 it failed, 2 it was called wrongly, 130 Ctrl-C.
const { CommanderError } = require('commander');

const { explain } = require('./advice.js');
const { Terminal } = require('./output/terminal.js');
const { makeProgram } = require('./program.js');

const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;

const terminal = new Terminal(process);

/** Runs the command that the arguments name; gives the exit status. */
async function run(args) {
  const about = { terminal, env: process.env, stdin: process.stdin };
  try {
    await makeProgram(about).parseAsync(args, { from: 'user' });
    return about.exitCode ?? 0;
  } catch (error) {
    // The parser has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    terminal.fail(explain(error));
    return FAILED;
  }
}

// What was printed stays, and the request is closed with the process. Nothing holds that up: neither an answer that does
// not come, nor a stdin that stays open.
process.once('SIGINT', () => {
  terminal.endLine();
  process.exit(INTERRUPTED);
});

// Whoever reads the answer may leave early, as `head` does: there is nobody to tell, and no reason to go on paying.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  terminal.fail(`The answer cannot be written: ${error.message}`);
  process.exit(FAILED);
});
// Nobody hears the complaints: the answer and the exit status are as they are.
process.stderr.on('error', () => {});

run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
