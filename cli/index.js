#!/usr/bin/env node
'use strict';

// The command `openrouter-native`. Exit status: 0 success, 1 failure, 2 wrong usage, 130 Ctrl-C.
const { CommanderError } = require('commander');

const { explain } = require('./advice.js');
const { Terminal } = require('./output/terminal.js');
const { makeProgram } = require('./program.js');
const { UsageError } = require('./usage.js');

const FAILED = 1;
const MISUSED = 2;
/** The exit status for the signals that end a process: 128 and the number of the signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

const terminal = new Terminal(process);

/** Runs the command that the arguments name. Resolves to the exit status. */
async function run(args) {
  const context = { terminal, env: process.env, stdin: process.stdin, stdout: process.stdout };
  try {
    await makeProgram(context).parseAsync(args, { from: 'user' });
    return context.exitCode ?? 0;
  } catch (error) {
    // The parser has already printed the message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    terminal.fail(explain(error));
    return error instanceof UsageError ? MISUSED : FAILED;
  }
}

// Exit at once on Ctrl-C, also while a response or stdin is awaited. The text printed so far stays; the end of the process
// closes the request.
for (const [signal, status] of Object.entries(SIGNALS)) {
  process.once(signal, () => {
    terminal.endLine();
    process.exit(status);
  });
}

// The reader of stdout may close it early, as `head` does. Exit without an error message; that also ends the request, so
// that it costs no more.
process.stdout.on('error', (error) => {
  terminal.eraseStatus();
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  terminal.fail(`The answer cannot be written: ${error.message}`);
  process.exit(FAILED);
});
// Ignore a closed stderr: only messages are lost, the answer and the exit status stay the same.
process.stderr.on('error', () => {});

run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
