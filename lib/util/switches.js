'use strict';

const { wrongOption } = require('../errors.js');

// Reads the switches that a caller may set in several places: in the options, in model options, and in the objects that hold
// LibreChat's settings. All entry points of this package use these rules: `autoRouter` has the value of the first place that
// sets it, and a privacy floor (`zdr`, `dataCollection: 'deny'`) holds if any place sets it.

/**
 * Returns a switch of `place`; undefined if it is not set. Anything but a boolean is an error, because a mistyped privacy
 * switch must not be taken for "off".
 */
function switchIn(place, name, shownName = name) {
  const value = place?.[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrongOption(shownName, 'true or false');
  return value;
}

/**
 * Returns whether the auto router is on, by the first place that says so; undefined if none does.
 * @param {Array<object | null | undefined>} places
 */
function autoRouterOf(places) {
  return places.map((place) => switchIn(place, 'autoRouter')).find((value) => value !== undefined);
}

/**
 * Returns the privacy floors that hold for requests with settings in these places. A place sets a floor with `zdr` or
 * `dataCollection`, or in OpenRouter's form, in its `provider` or LibreChat's `providerPreferences`.
 * @param {Array<object | null | undefined>} places
 * @returns {{ zdr: boolean, dataCollection: 'deny' | undefined }}
 */
function floorsOf(places) {
  const demands = places.flatMap((place) => [
    [switchIn(place, 'zdr'), collectionIn(place, 'dataCollection')],
    ...['provider', 'providerPreferences'].map((name) => [
      switchIn(place?.[name], 'zdr', `${name}.zdr`),
      collectionIn(place?.[name], 'data_collection', `${name}.data_collection`),
    ]),
  ]);
  return {
    zdr: demands.some(([zdr]) => zdr === true),
    dataCollection: demands.some(([, collection]) => collection === 'deny') ? 'deny' : undefined,
  };
}

function collectionIn(place, name, shownName = name) {
  const value = place?.[name];
  if (value === undefined || value === null) return undefined;
  if (value !== 'deny' && value !== 'allow') throw wrongOption(shownName, "'deny' or 'allow'");
  return value;
}

module.exports = { autoRouterOf, floorsOf, switchIn };
