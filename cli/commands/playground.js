'use strict';

const { openBrowser } = require('../browser.js');
const { keyFor } = require('../saved-key.js');
const { onStarterEnd } = require('../starter.js');
const { portIn } = require('../usage.js');

const MORE = `
The page chats, compares two models, and shows credits, models, routing, fallbacks
and providers. With a key it talks to OpenRouter and spends your credits; without
one it talks to the built-in emulator, where you can choose what goes wrong.

Only this machine can open it, and only by the address that is printed: it contains
a random token. The key stays in this process.

Examples:
  $ openrouter-native playground --open
  $ openrouter-native playground --emulator --port 8080`;

function addPlayground(program, context) {
  return program
    .command('playground')
    .summary('open a page to chat, compare models and watch fallbacks')
    .description('Serves a page on the loopback interface until it is stopped.')
    .option('-p, --port <number>', 'the port to listen on; 0 takes a free one', portIn, 0)
    .option('--open', 'open the page in the browser')
    .option('--emulator', 'talk to the built-in emulator, even if there is a key')
    .option('--json', 'print { url, port, emulator } once it listens')
    .addHelpText('after', MORE)
    .action((options) => playground(context, options));
}

async function playground({ terminal, env }, { port, open, emulator, json }) {
  const { Playground } = require('../playground/server.js');
  // The listening server keeps the process alive until it is stopped.
  const server = await Playground.start({ apiKey: emulator ? undefined : keyFor(env), port });
  onStarterEnd(env, () => server.close());
  const { url, isEmulator } = server;
  if (json) terminal.json({ url, port: server.port, emulator: isEmulator });
  else {
    terminal.say(`Open ${url}`);
    terminal.say(isEmulator ? `${emulator ? 'The' : 'There is no key, so the'} emulator answers: its answers are canned, and cost nothing.` : 'OpenRouter answers, and your credits pay.');
    terminal.say('Ctrl-C stops it.');
  }
  if (open) openBrowser(url);
}

module.exports = { addPlayground };
