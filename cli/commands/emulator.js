'use strict';

const { onStarterEnd } = require('../starter.js');
const { numberIn, portIn } = require('../usage.js');

const MORE = `
The emulator speaks OpenRouter's HTTP API. Its answers are canned and its credits
are play money; it accepts every key that begins with sk-or-. Directives choose
delays, errors and other properties of each response, for example
"gap=15; status=429; times=2". A request can carry directives of its own. The
package's emulator/README.md explains them.

Examples:
  $ openrouter-native emulator --port 8787
  $ openrouter-native emulator --directives "error-at=5"
  $ export OPENROUTER_BASE_URL=http://127.0.0.1:8787/api/v1 OPENROUTER_API_KEY=sk-or-x
  $ openrouter-native chat "Hello"`;

function addEmulator(program, context) {
  return program
    .command('emulator')
    .summary('serve an emulated OpenRouter on this machine, for tests')
    .description('Serves an emulated OpenRouter on the loopback interface until it is stopped.')
    .option('-p, --port <number>', 'the port to listen on; 0 takes a free one', portIn, 0)
    .option('--credits <usd>', 'the credits of the account, in USD', numberIn({ unit: ' of US dollars' }), 10)
    .option('--directives <list>', 'directives for every request', '')
    .option('--json', 'print { baseURL, url, port } once it listens')
    .addHelpText('after', MORE)
    .action((options, command) => emulator(context, options, command));
}

async function emulator({ terminal, env }, { json, ...options }, command) {
  const { Emulator } = require('../../emulator/server.js');
  const { guide } = require('../../emulator/guide.js');
  let server;
  try {
    // The listening server keeps the process alive until it is stopped.
    server = new Emulator({ ...options, unref: false });
  } catch (error) {
    command.error(`error: ${error.message}`);
  }
  await server.listen();
  onStarterEnd(env, () => server.close());
  const { baseURL, url } = server;
  if (json) terminal.json({ baseURL, url, port: server.port });
  else terminal.say(guide(server));
}

module.exports = { addEmulator };
