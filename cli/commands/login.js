'use strict';

const { baseURLIn, deleteSavedKey, prepareFolder, saveKey } = require('../saved-key.js');
const { withService } = require('../service.js');
const { UsageError, numberIn, portIn } = require('../usage.js');

const MORE = `
Opens OpenRouter in the browser, where you allow a new key for this program, and
waits ten minutes for you to come back. The key is printed on stdout; with --save it
is kept in a file that only you can read, and the commands use it where
OPENROUTER_API_KEY is not set. \`logout\` deletes that file.

Examples:
  $ openrouter-native login --save
  $ openrouter-native login --limit 5 --no-browser
  $ export OPENROUTER_API_KEY=$(openrouter-native login)`;

const LOGOUT_MORE = `
The key itself stays valid: delete it at https://openrouter.ai/settings/keys.

Examples:
  $ openrouter-native logout`;

const KEYS = 'https://openrouter.ai/settings/keys';

function addLogin(program, context) {
  return program
    .command('login')
    .summary('get a key for this program in the browser')
    .description('Gets a key for this program from your account, by a login in the browser.')
    .option('--save', 'keep the key in a file for the commands, instead of printing it')
    .option('--limit <usd>', 'the most that the key may spend, in USD', numberIn({ min: 0, unit: ' of US dollars' }))
    .option('--port <number>', 'the port of this machine to which the browser comes back (default: a free one)', portIn)
    .option('--no-browser', 'only print the address, and open no browser')
    .option('--json', 'print { key, userId }')
    .option('--emulator', 'log in at the built-in emulator, which asks no question')
    .addHelpText('after', MORE)
    .action((options) => login(context, options));
}

function addLogout(program, context) {
  return program
    .command('logout')
    .summary('delete the key that login --save has kept')
    .description('Deletes the key that `login --save` has kept.')
    .addHelpText('after', LOGOUT_MORE)
    .action(() => logout(context));
}

async function login(context, options) {
  const { env, terminal } = context;
  if (options.save && options.emulator) throw new UsageError('--save keeps no key of the emulator: no command could use it.');
  if (options.save && options.json) throw new UsageError('Choose --save or --json: a saved key is not printed.');
  // Before the login: afterwards the key would be lost.
  if (options.save) prepareFolder(env);
  await withService(context, options, async (service) => {
    const { login: logIn } = require('../..');
    const stop = new AbortController();
    const { key, userId } = await logIn({
      open: (url) => (service.isEmulator ? visit(url, stop) : show(url, options, terminal)),
      signal: stop.signal,
      baseURL: service.options.baseURL ?? baseURLIn(env),
      ...(options.port !== undefined && { port: options.port }),
      ...(options.limit !== undefined && { limit: options.limit }),
    });
    if (options.save) save(key, context);
    else if (options.json) terminal.json({ key, userId });
    else terminal.say(key);
  });
}

/** Shows the address at which the user logs in, and opens it. */
function show(url, { browser }, terminal) {
  terminal.tell(`Log in at this address${browser ? ', if the browser does not open it' : ''}:\n${url}`);
  if (browser) require('../browser.js').openBrowser(url);
}

/** Goes through the login of the emulator as a browser would. */
function visit(url, stop) {
  fetch(url).then((page) => page.text()).catch((error) => stop.abort(error));
}

/** Saves the key. If that fails, the key is printed: it is valid, and could not be read again. */
function save(key, { env, terminal }) {
  try {
    terminal.tell(`The key is saved in ${saveKey(env, key)}.`);
  } catch (error) {
    terminal.say(key);
    throw new Error(`The key cannot be saved: ${error.message}. It is printed instead.`, { cause: error });
  }
  if (env.OPENROUTER_API_KEY?.trim()) terminal.warn('OPENROUTER_API_KEY is set, and comes before the saved key.');
}

function logout({ env, terminal }) {
  const file = deleteSavedKey(env);
  terminal.tell(file === null ? 'No key was saved.' : `${file} is deleted. The key stays valid until you delete it at ${KEYS}.`);
}

module.exports = { addLogin, addLogout };
