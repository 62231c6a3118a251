'use strict';

const { InvalidArgumentError } = require('commander');

const MORE = `
It behaves like OpenRouter on the wire, with canned answers and play money, for
every key that begins with sk-or-. Directives are what each request shall get, as
in "gap=15; status=429; times=2"; a request can ask for its own. They are
explained in the package's emulator/README.md.

Examples:
  $ openrouter-native emulator --port 8787
  $ openrouter-native emulator --directives "error-at=5"
  $ export OPENROUTER_BASE_URL=http://127.0.0.1:8787/api/v1 OPENROUTER_API_KEY=sk-or-x
  $ openrouter-native chat "Hello"`;

const LAST_PORT = 65_535;

function addEmulator(program, about) {
  return program
    .command('emulator')
    .summary('an OpenRouter on this machine, for tests')
    .description('Serves an OpenRouter on the loopback interface until it is stopped.')
    .option('-p, --port <number>', 'the port to listen on (default: any that is free)', port, 0)
    .option('--credits <usd>', 'what is on the account', amount, 10)
    .option('--directives <list>', 'what each request gets', '')
    .option('--json', '{ baseURL, url, port }, once it listens')
    .addHelpText('after', MORE)
    .action((options, command) => emulator(about, options, command));
}

function port(text) {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > LAST_PORT) throw new InvalidArgumentError('It is not a port.');
  return number;
}

function amount(text) {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is not an amount.');
  return number;
}

async function emulator({ terminal }, { json, ...options }, command) {
  const { Emulator } = require('../../emulator/server.js');
  const { guide } = require('../../emulator/guide.js');
  let server;
  try {
    server = new Emulator(options);
  } catch (error) {
    command.error(`error: ${error.message}`);
  }
  // It keeps the process until that is stopped.
  await server.listen();
  const { baseURL, url } = server;
  if (json) terminal.json({ baseURL, url, port: server.port });
  else terminal.say(guide(server));
}

module.exports = { addEmulator };
