'use strict';

const fs = require('node:fs');

const { chromium } = require('playwright-core');

/** Where Debian, and other systems, have Chromium. `CHROMIUM` names another one. */
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const EXECUTABLE = PLACES.find((file) => file && fs.existsSync(file));

/** `describe` for tests in a browser. Without Chromium they are skipped, and the name of the group says why. */
const describeInBrowser = (name, tests) => (EXECUTABLE ? describe(name, tests) : describe.skip(`${name} (skipped: needs Chromium; on Debian: apt-get install chromium)`, tests));

/** Starts Chromium. Root may only run it without its sandbox; what it loads here is of this checkout. */
const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

module.exports = { describeInBrowser, launch };
