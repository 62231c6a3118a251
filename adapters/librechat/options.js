'use strict';

/**
 * The options of a client after `incoming` came: merged into what there was, or instead of it with `replaceOptions`.
 * Later places win: existing, then `modelOptions`, then `endpointOption.modelOptions`. The key is not in the result.
 * @param {{ options?: object, modelOptions?: object, zdr?: boolean }} client what there was
 * @param {object} incoming
 * @returns {{ options: object, apiKey: string | undefined }}
 */
function mergeOptions(client, incoming) {
  // Options are printed and passed around: no key stays in them.
  const { openRouterApiKey, apiKey: _, ...given } = incoming;
  const existing = client.options ?? {};
  const isReplaced = Boolean(given.replaceOptions);
  const nested = given.endpointOption?.modelOptions;
  const hasModelOptions = Boolean(given.modelOptions ?? nested);
  // Without a model there is nothing to ask: a replacement that brings no model options leaves them alone.
  const kept = isReplaced && hasModelOptions ? {} : (client.modelOptions ?? {});
  const autoRouter = switchOf(given, 'autoRouter', isReplaced ? false : existing.autoRouter);
  const zdr = switchOf(given, 'zdr', client.zdr);
  const options = {
    // The request lives as long as the client, whatever its options become.
    ...(isReplaced ? { req: existing.req, res: existing.res } : existing),
    ...given,
    modelOptions: { ...kept, ...given.modelOptions, ...nested, autoRouter },
    autoRouter,
    zdr,
  };
  if ('zdr' in options.modelOptions) options.modelOptions.zdr = zdr;
  return { options, apiKey: openRouterApiKey || undefined };
}

/** A switch by all the places LibreChat puts it: on if any says so, off if one says that, else as it was. */
function switchOf(given, name, existing) {
  const { endpointOption, modelOptions } = given;
  const said = [endpointOption?.[name], endpointOption?.modelOptions?.[name], modelOptions?.[name], given[name]];
  if (said.includes(true)) return true;
  return said.includes(false) ? false : Boolean(existing);
}

module.exports = { mergeOptions };
