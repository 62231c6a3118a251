'use strict';

/**
 * Returns the options of a client after `setOptions(incoming)`. They are merged into the existing options, or replace them
 * with `replaceOptions`. For model options, `endpointOption.modelOptions` take precedence over `modelOptions`, and these
 * over the existing ones. The key is returned separately.
 * @param {{ options?: object, modelOptions?: object, zdr?: boolean }} client has the existing options
 * @param {object} incoming the new options
 * @returns {{ options: object, apiKey: string | undefined }}
 */
function mergeOptions(client, incoming) {
  // The key is removed, because the options are logged and passed on.
  const { openRouterApiKey, apiKey: _, ...given } = incoming;
  const existing = client.options ?? {};
  const isReplaced = Boolean(given.replaceOptions);
  const nested = given.endpointOption?.modelOptions;
  const hasModelOptions = Boolean(given.modelOptions ?? nested);
  // A replacement without model options keeps the existing ones, because a request needs a model.
  const kept = isReplaced && hasModelOptions ? {} : (client.modelOptions ?? {});
  const autoRouter = switchOf(given, 'autoRouter', isReplaced ? false : existing.autoRouter);
  const zdr = switchOf(given, 'zdr', client.zdr);
  const options = {
    // `req` and `res` stay, because they belong to the client for its whole life.
    ...(isReplaced ? { req: existing.req, res: existing.res } : existing),
    ...given,
    modelOptions: { ...kept, ...given.modelOptions, ...nested, autoRouter },
    autoRouter,
    zdr,
  };
  if ('zdr' in options.modelOptions) options.modelOptions.zdr = zdr;
  return { options, apiKey: openRouterApiKey || undefined };
}

/**
 * Returns a switch from all places where LibreChat puts it: on if any place turns it on, else off if one turns it off, else
 * unchanged.
 */
function switchOf(given, name, existing) {
  const { endpointOption, modelOptions } = given;
  const values = [endpointOption?.[name], endpointOption?.modelOptions?.[name], modelOptions?.[name], given[name]];
  if (values.includes(true)) return true;
  return values.includes(false) ? false : Boolean(existing);
}

module.exports = { mergeOptions };
