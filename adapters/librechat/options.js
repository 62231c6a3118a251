'use strict';

const { endpointPlaces, givenKeys } = require('../../lib/options.js');
const { autoRouterOf, floorsOf } = require('../../lib/util/switches.js');

/**
 * Returns the options of a client after `setOptions(incoming)`. They are merged into the existing options, or replace them
 * with `replaceOptions`. For model options, `endpointOption.modelOptions` take precedence over `modelOptions`, and these
 * over the existing ones. The key is returned separately.
 * @param {{ options?: object, modelOptions?: object, autoRouter?: boolean }} client has the existing options
 * @param {object} incoming the new options
 * @param {{ zdr: boolean, dataCollection: 'deny' | undefined }} floors the privacy floors of the client so far
 * @returns {{ options: object, floors: object, apiKey: string | undefined }}
 */
function mergeOptions(client, incoming, floors) {
  // The key is removed, because the options are logged and passed on.
  const { openRouterApiKey, apiKey: _, ...given } = incoming;
  const existing = client.options ?? {};
  const isReplaced = Boolean(given.replaceOptions);
  const endpointModelOptions = given.endpointOption?.modelOptions;
  const hasModelOptions = Boolean(given.modelOptions ?? endpointModelOptions);
  // A replacement without model options keeps the existing ones, because a request needs a model.
  const kept = isReplaced && hasModelOptions ? {} : (client.modelOptions ?? {});
  const places = [given, given.modelOptions, ...endpointPlaces(given.endpointOption)];
  const autoRouter = autoRouterOf(places) ?? (isReplaced ? false : Boolean(client.autoRouter));
  // New options can add a floor and cannot take one away.
  const { zdr, dataCollection } = floorsOf([floors, ...places]);
  const options = {
    // `req` and `res` stay, because they belong to the client for its whole life.
    ...(isReplaced ? { req: existing.req, res: existing.res } : existing),
    ...given,
    modelOptions: { ...kept, ...given.modelOptions, ...endpointModelOptions, autoRouter },
    autoRouter,
    zdr,
    ...(dataCollection && { dataCollection }),
  };
  if ('zdr' in options.modelOptions) options.modelOptions.zdr = zdr;
  return { options, floors: { zdr, dataCollection }, apiKey: givenKeys(undefined, { openRouterApiKey })[0] };
}

module.exports = { mergeOptions };
