'use strict';

const { OpenRouterError } = require('../../index.js');
const { optionsOf } = require('../../lib/options.js');
const { commonSettings, namesOf, wrong } = require('../handler/settings.js');

const PLACE = 'openrouterRouter';
const NAMES = namesOf(PLACE, ['express']);

/** Checks and returns the options of a router. */
function settingsOf(options, caller) {
  const { auth, express } = optionsOf(options);
  return { ...commonSettings(options, { place: PLACE, names: NAMES, caller }), auth: guardsOf(auth), Router: routerOf(express) };
}

/** Returns the guards. At least one is required, because every request that passes them spends the credits of the key. */
function guardsOf(auth) {
  const guards = [auth].flat(Infinity);
  // Express takes a function with four parameters for an error handler and does not call it for requests.
  if (guards.length === 0 || !guards.every((guard) => typeof guard === 'function' && guard.length <= 3)) {
    throw wrong(PLACE, 'auth', 'a middleware (req, res, next), or several, that lets only those through who may spend your credits');
  }
  return guards;
}

/** Returns the `Router` of the application's Express, version 4 or 5. */
function routerOf(express) {
  const chosen = express ?? installed();
  const Router = chosen?.Router ?? chosen?.default?.Router;
  if (typeof Router !== 'function') throw wrong(PLACE, 'express', "what require('express') gives");
  return Router;
}

function installed() {
  try {
    return require('express');
  } catch (cause) {
    const message = 'openrouterRouter needs Express: npm install express, or pass yours as the option express.';
    throw new OpenRouterError(message, { code: 'invalid_option', cause });
  }
}

module.exports.settingsOf = settingsOf;
