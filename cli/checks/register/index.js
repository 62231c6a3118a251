'use strict';

const path = require('node:path');

const { addon } = require('../addon.js');
const { clients } = require('./clients.js');
const { importsOf, manifestAbove } = require('./imports.js');
const { takesHold, variable } = require('./preload.js');
const { program, settings } = require('./program.js');

/** The checks of `doctor --register`, see `CHECKS` of the doctor. */
const REGISTER_CHECKS = [addon, settings, program, variable, takesHold, clients];

/** A program that is to run under `openrouter-native/register`. */
class RegisterSubject {
  #imports;

  /** @param {{ given: string, env: NodeJS.ProcessEnv }} of `given`: the file that is started, or its package's folder */
  constructor({ given, env }) {
    this.given = given;
    this.env = env;
    this.file = resolved(path.resolve(given));
  }

  /** The folder of the program's package, or of its file. */
  get folder() {
    return manifestAbove(this.file)?.folder ?? path.dirname(this.file);
  }

  get manifest() {
    return manifestAbove(this.file)?.manifest ?? null;
  }

  get imports() {
    this.#imports ??= importsOf(this.file);
    return this.#imports;
  }
}

function resolved(file) {
  try {
    return require.resolve(file);
  } catch {
    return null;
  }
}

module.exports = { REGISTER_CHECKS, RegisterSubject };
