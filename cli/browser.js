'use strict';

const { spawn } = require('node:child_process');

/** The program of each system that opens an address in the browser of the user. No shell reads the address. */
const OPENERS = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an address in the browser, if there is one. The caller also shows the address: on a server nothing opens it. */
function openBrowser(url) {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

module.exports = { openBrowser };
