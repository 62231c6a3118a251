'use strict';

const { version } = require('../../package.json');
const { ok } = require('./outcome.js');

const addon = {
  name: 'addon',
  needs: [],
  async look() {
    // Without a binary for this machine the loader throws an error that says what to do.
    require('../../lib/bridge/native.js');
    return ok(`openrouter-native ${version} on ${process.platform}-${process.arch}, Node ${process.version}`);
  },
};

module.exports = { addon };
