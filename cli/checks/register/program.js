'use strict';

const path = require('node:path');

const { failed, ok, warning } = require('../outcome.js');
const { readText } = require('./imports.js');

/** The oldest release of Node that has what `register` needs. */
const OLDEST = 20;

const program = {
  name: 'program',
  needs: [],
  look(subject) {
    const { file, given } = subject;
    if (file === null) return failed(`${given} is no program`, 'Name the file that Node starts, or a folder whose package.json has "main".');
    const { folder } = subject;
    const wanted = ['.nvmrc', '.node-version'].map((name) => readText(path.join(folder, name))?.trim()).find(Boolean);
    if (wanted !== undefined && Number.parseInt(wanted.replace(/^v/, ''), 10) < OLDEST) {
      return warning(`${folder} asks for Node ${wanted}`, `It needs Node ${OLDEST} or later.`);
    }
    return ok(file);
  },
};

const settings = {
  name: 'settings',
  needs: ['addon'],
  look({ env }) {
    const { likelyOption } = require('../../../lib/bridge/native.js');
    const { SETTINGS, settingsIn } = require('../../../register/settings.js');
    settingsIn(env, likelyOption);
    const names = SETTINGS.map(({ name }) => name).filter((name) => env[name]?.trim());
    return ok(names.length === 0 ? 'none is set' : names.join(', '));
  },
};

module.exports = { program, settings };
