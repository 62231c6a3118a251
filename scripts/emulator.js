'use strict';

// `npm run emulator`: installs the dependencies of the command if they are missing, then runs its subcommand `emulator` in this
// process, so that a signal to this process ends the server.
const { ensureDependencies } = require('./tools.js');

ensureDependencies();
process.argv.splice(2, 0, 'emulator');
require('../cli/index.js');
