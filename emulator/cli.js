#!/usr/bin/env node
'use strict';

const { parseArgs } = require('node:util');

const { startEmulator } = require('.');
const { guide } = require('./guide');

const USAGE = `Usage: node emulator/cli.js [--port N] [--credits USD] [--directives "name=value; name=value"]`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      credits: { type: 'string', default: '10' },
      directives: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [port, credits] = [Number(values.port), Number(values.credits)];
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`--port ${values.port} is not a port`);
  if (!Number.isFinite(credits)) throw new RangeError(`--credits ${values.credits} is not an amount`);
  return { port, credits, directives: values.directives, help: values.help };
}

async function main() {
  const { help, ...options } = readOptions();
  if (help) {
    console.log(USAGE);
    return;
  }
  const emulator = await startEmulator(options);
  console.log(guide(emulator));
  const stop = () => emulator.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error) => {
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 1;
});
