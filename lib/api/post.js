'use strict';

const { isAnyArrayBuffer, isUint8Array } = require('node:util/types');

const { OpenRouterError, wrongOption } = require('../errors.js');
const { OptionNames, optionsOf } = require('../option-names.js');
const { SETTINGS } = require('./request.js');
const { SEND } = require('../util/send.js');

const AUTO = "Name the router: model: 'openrouter/auto'.";
/** What is no parameter of an endpoint beside chats, and what to do instead; null for a setting of the call. */
const MISPLACED = {
  ...Object.fromEntries(SETTINGS.filter((name) => !['zdr', 'dataCollection'].includes(name)).map((name) => [name, null])),
  session: 'Sessions are for chats. Send session_id, which keeps a conversation with a provider where the endpoint has it.',
  extraBody: 'Write its fields beside the other parameters, which are all sent.',
  onProgress: 'Read the stream: for await (const text of stream.text()).',
  autoRouter: AUTO,
};

/** The names of the options of each method. */
const NAMES = new Map();

/**
 * Sends parameters to an endpoint.
 * @param {object} params the body; `stream: true` in it asks for a stream
 * @param {object | null | undefined} options the settings of the call
 * @param {{ Stream?: Function, as?: string, isFile?: boolean, caller: Function }} how
 */
function post(client, path, params, options, { Stream, as, isFile, caller }) {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new OpenRouterError(`${caller.name} takes an object of parameters.`, { code: 'invalid_request' });
  }
  checkParameters(params, caller);
  const { stream } = params;
  if (![undefined, null, true, false].includes(stream)) throw wrongOption('stream', 'true or false');
  const isStream = Stream !== undefined && stream === true;
  return client[SEND]({
    method: 'POST',
    path,
    options: { ...settingsIn(options, caller), body: params, stream: isStream, as },
    Stream,
    isFile,
    caller,
  });
}

/**
 * Refuses what a chat has among its parameters, and no other endpoint: the API would ignore it. `zdr` and `dataCollection` are read
 * wherever they stand.
 */
function checkParameters(params, { name }) {
  const found = Object.keys(params).find((key) => Object.hasOwn(MISPLACED, key) && params[key] !== undefined && params[key] !== null);
  if (found === undefined) return;
  const advice = MISPLACED[found] ?? `Give it in the settings of the call: client.${name}(params, { ${found} }).`;
  throw new OpenRouterError(`${found} is no parameter of ${name}, so nothing was sent. ${advice}`, { code: 'invalid_request' });
}

/** Sends a request without a body. */
function get(client, path, query, options, caller) {
  return client[SEND]({ method: 'GET', path, options: { ...settingsIn(options, caller), query }, caller });
}

/**
 * Returns the options of a call, whose names are checked.
 * @param {Function} caller the method that the user called
 * @param {string[]} [own] its options beside the settings that every call takes
 */
function settingsIn(options, caller, own = []) {
  const given = optionsOf(options);
  let names = NAMES.get(caller.name);
  if (names === undefined) NAMES.set(caller.name, names = new OptionNames(caller.name, [...SETTINGS, ...own]));
  names.check(given, caller);
  return given;
}

/** Returns the path of one thing, whose id the caller gave. */
function pathOf(folder, id, what) {
  if (typeof id !== 'string' || id === '') throw new OpenRouterError(`${what} needs an id.`, { code: 'invalid_request' });
  return `${folder}/${encodeURIComponent(id)}`;
}

/** Returns the path of a model, `author/slug`. */
function modelPath(id, what) {
  const [author, slug, ...more] = typeof id === 'string' ? id.split('/') : [];
  if (!author || !slug || more.length > 0) {
    throw new OpenRouterError(`${what} needs the id of a model, such as 'openai/gpt-5-mini'.`, { code: 'invalid_request' });
  }
  return `${encodeURIComponent(author)}/${encodeURIComponent(slug)}`;
}

function isBytes(value) {
  return isUint8Array(value) || isAnyArrayBuffer(value);
}

module.exports = { checkParameters, get, isBytes, modelPath, pathOf, post, settingsIn };
