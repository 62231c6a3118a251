'use strict';

// The demo: what this package does, shown in a terminal. `npm run demo` makes sure that the addon is built, then runs
// this. Without a key it plays against the emulator; with OPENROUTER_API_KEY it is the real thing.
const { OpenRouterClient } = require('..');
const { plain } = require('../cli/output/plain.js');
const { keyIn, openService } = require('../cli/service.js');
const { showCredits, showCreditsAfter } = require('./account.js');
const { showChat } = require('./chat.js');
const { USAGE, readCommand } = require('./command.js');
const { showBrokenStream, showFallback } = require('./faults.js');
const { showModels } = require('./models.js');
const { Screen } = require('./screen.js');
const { showStats } = require('./stats.js');

const INTERRUPTED = 130;
const NEEDS_EMULATOR =
  'Skipped: only the emulator fails on request. Run this without OPENROUTER_API_KEY to see it.';

/** Every part, in order. All of them stop at once when `signal` does. */
async function present(screen, command, service, signal) {
  const client = new OpenRouterClient(service.apiKey, service.options);
  introduce(screen, client, service);
  const about = { screen, client, signal };

  screen.heading('Credits');
  await showCredits(about);

  screen.heading('A chat, streamed');
  await showChat(about, command);

  screen.heading('Credits after it');
  await showCreditsAfter(about);

  screen.heading('Models');
  await showModels(about);

  screen.heading('A fallback, shown for what it is');
  if (service.isEmulator) await showFallback(about);
  else screen.say(NEEDS_EMULATOR);

  screen.heading('An error in mid-stream, shown for what it is');
  if (service.isEmulator) await showBrokenStream(about);
  else screen.say(NEEDS_EMULATOR);

  screen.heading('Statistics of this process');
  showStats(screen);
}

function introduce(screen, client, { isEmulator }) {
  screen.say(screen.paint('bold', 'openrouter-native, a demo'));
  if (isEmulator) {
    screen.say('OPENROUTER_API_KEY is not set, so this talks to the emulator: a stand-in for');
    screen.say('OpenRouter on this machine, with canned answers and play money.');
    screen.say('Set OPENROUTER_API_KEY to talk to the real service.');
  } else {
    screen.say(`This talks to ${client.baseURL} with the key in`);
    screen.say('OPENROUTER_API_KEY, which pays for the answer.');
  }
}

async function main() {
  const screen = new Screen(process.stdout);
  const interrupt = new AbortController();
  let service;
  // Only the first Ctrl-C is caught: a second one ends the process whatever it is doing.
  process.once('SIGINT', () => interrupt.abort());
  try {
    const command = readCommand(process.argv.slice(2));
    if (command.help) {
      screen.say(USAGE);
      return;
    }
    service = await openService(process.env, { emulator: keyIn(process.env) === undefined });
    await present(screen, command, service, interrupt.signal);
  } catch (error) {
    screen.endLine();
    if (interrupt.signal.aborted) {
      screen.say('Stopped.');
      process.exitCode = INTERRUPTED;
    } else {
      explain(error);
      process.exitCode = 1;
    }
  } finally {
    await service?.close();
  }
}

/** What went wrong, for who runs this: the message says what to do, and a stack would only hide it. */
function explain(error) {
  const screen = new Screen(process.stderr);
  screen.say(`${screen.paint('red', 'Error:')} ${plain(error.message)}`);
  if (error.code) screen.say(`code: ${error.code}`);
}

// Whoever reads this through a pipe may leave early, as `head` does.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main();
