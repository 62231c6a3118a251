'use strict';

// The demo shows in a terminal what this package does. `npm run demo` builds the addon if necessary, then runs this file.
// Without a key it uses the emulator; with OPENROUTER_API_KEY it uses the real service.
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

/** Runs every part of the demo in order. `signal` aborts the part that is running. */
async function present(screen, command, service, signal) {
  const client = new OpenRouterClient(service.apiKey, service.options);
  introduce(screen, client, service);
  const context = { screen, client, signal };

  screen.heading('Credits');
  await showCredits(context);

  screen.heading('A chat, streamed');
  await showChat(context, command);

  screen.heading('Credits after it');
  await showCreditsAfter(context);

  screen.heading('Models');
  await showModels(context);

  screen.heading('A fallback, reported as a fallback');
  if (service.isEmulator) await showFallback(context);
  else screen.say(NEEDS_EMULATOR);

  screen.heading('An error in mid-stream, reported as an error');
  if (service.isEmulator) await showBrokenStream(context);
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
  // Handle only the first Ctrl-C, so that a second one ends the process at once.
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

/** Prints an error without its stack, because the message says what to do. */
function explain(error) {
  const screen = new Screen(process.stderr);
  screen.say(`${screen.paint('red', 'Error:')} ${plain(error.message)}`);
  if (error.code) screen.say(`code: ${error.code}`);
}

// The reader of a pipe may close it early, as `head` does. That is not an error.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main();
