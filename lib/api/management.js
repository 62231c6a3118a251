'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { settingsIn, pathOf } = require('./post.js');
const { SEND } = require('../util/send.js');

// What a management key manages: lists of things that are made, read, changed and removed alike.

/** The methods of each kind of thing. */
const KINDS = {
  keys: { folder: '/keys', has: ['list', 'create', 'get', 'update', 'delete'] },
  guardrails: { folder: '/guardrails', has: ['list', 'create', 'get', 'update', 'delete'] },
  presets: { folder: '/presets', has: ['list', 'get'] },
  workspaces: { folder: '/workspaces', has: ['list', 'create', 'get', 'update', 'delete'] },
};

const METHODS = {
  list: (client, { folder }, [filters, options], caller) => ask(client, 'GET', folder, { query: filters }, options, caller),
  create: (client, { folder }, [params, options], caller) => ask(client, 'POST', folder, { body: objectIn(params) }, options, caller),
  get: (client, { folder, name }, [id, options], caller) => ask(client, 'GET', pathOf(folder, id, `${name}.get`), {}, options, caller),
  update: (client, { folder, name }, [id, params, options], caller) =>
    ask(client, 'PATCH', pathOf(folder, id, `${name}.update`), { body: objectIn(params) }, options, caller),
  delete: (client, { folder, name }, [id, options], caller) => ask(client, 'DELETE', pathOf(folder, id, `${name}.delete`), {}, options, caller),
};

function ask(client, method, path, request, options, caller) {
  return client[SEND]({ method, path, options: { ...settingsIn(options, caller), ...request }, caller });
}

function objectIn(params) {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params;
  throw new OpenRouterError('Give an object of fields, such as { name }.', { code: 'invalid_request' });
}

/**
 * Returns the methods for one kind of thing.
 * @param {(work: (caller: Function) => object, caller: Function) => object} guarded makes a rejected promise of what is thrown
 */
function manager(client, name, guarded) {
  const { folder, has } = KINDS[name] ?? {};
  if (folder === undefined) throw wrongOption(name, Object.keys(KINDS).join(', '));
  const entries = has.map((method) => {
    const call = (...given) => guarded(() => METHODS[method](client, { folder, name }, given, call), call);
    Object.defineProperty(call, 'name', { value: `${name}.${method}` });
    return [method, call];
  });
  return Object.freeze(Object.fromEntries(entries));
}

module.exports = { KINDS, manager };
