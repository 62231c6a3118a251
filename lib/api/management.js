'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { isBytes, pathOf, settingsIn } = require('./post.js');
const { SEND } = require('../util/send.js');

// What belongs to an account: lists of things that are made, read, changed and removed, most of them by a management key.

/** The methods of a list whose things are all managed alike. */
const managed = (folder) => ({
  list: `GET ${folder}`, create: `POST ${folder}`, get: `GET ${folder}/{id}`, update: `PATCH ${folder}/{id}`, delete: `DELETE ${folder}/{id}`,
});

/**
 * The methods of each kind of thing. The arguments of a method are the parts in braces, then what is sent, or the filters of a
 * `GET`, and the settings of the call.
 */
const KINDS = {
  keys: managed('/keys'),
  guardrails: {
    ...managed('/guardrails'),
    listKeys: 'GET /guardrails/{id}/assignments/keys',
    assignKeys: 'POST /guardrails/{id}/assignments/keys',
    unassignKeys: 'POST /guardrails/{id}/assignments/keys/remove',
    listMembers: 'GET /guardrails/{id}/assignments/members',
    assignMembers: 'POST /guardrails/{id}/assignments/members',
    unassignMembers: 'POST /guardrails/{id}/assignments/members/remove',
    listAllKeys: 'GET /guardrails/assignments/keys',
    listAllMembers: 'GET /guardrails/assignments/members',
  },
  presets: {
    list: 'GET /presets',
    get: 'GET /presets/{slug}',
    listVersions: 'GET /presets/{slug}/versions',
    getVersion: 'GET /presets/{slug}/versions/{version}',
    createFromChat: 'POST /presets/{slug}/chat/completions',
    createFromMessages: 'POST /presets/{slug}/messages',
    createFromResponses: 'POST /presets/{slug}/responses',
  },
  workspaces: {
    ...managed('/workspaces'),
    listBudgets: 'GET /workspaces/{id}/budgets',
    getBudget: 'GET /workspaces/{id}/budgets/{interval}',
    setBudget: 'PUT /workspaces/{id}/budgets/{interval}',
    deleteBudget: 'DELETE /workspaces/{id}/budgets/{interval}',
    listMembers: 'GET /workspaces/{id}/members',
    addMembers: 'POST /workspaces/{id}/members/add',
    removeMembers: 'POST /workspaces/{id}/members/remove',
  },
  byok: managed('/byok'),
  observability: managed('/observability/destinations'),
  organization: { listMembers: 'GET /organization/members' },
  analytics: { getMeta: 'GET /analytics/meta', query: 'POST /analytics/query' },
  files: { list: 'GET /files', upload: 'POST /files', get: 'GET /files/{id}', delete: 'DELETE /files/{id}', getContent: 'GET /files/{id}/content' },
  scim: {
    ...managed('/scim/group-mappings'),
    listGroups: 'GET /scim/groups',
    startSync: 'POST /scim/sync-jobs',
    getSync: 'GET /scim/sync-jobs/{id}',
  },
  vault: {
    list: 'GET /vault/secrets',
    store: 'PUT /vault/secrets/{name}',
    delete: 'DELETE /vault/secrets/{name}',
  },
  containers: {
    listFiles: 'GET /containers/{id}/files',
    getFile: 'GET /containers/{id}/files/{file}',
    getFileContent: 'GET /containers/{id}/files/{file}/content',
    promoteFile: 'POST /containers/{id}/files/{file}/promote',
  },
  datasets: { appRankings: 'GET /datasets/app-rankings', dailyRankings: 'GET /datasets/rankings-daily', sessionCost: 'GET /datasets/session-cost' },
};

/** The methods that send no fields, the one that sends a file, and those whose answer is a file. */
const WITHOUT_FIELDS = new Set(['containers.promoteFile', 'scim.startSync']);
const UPLOADS = new Set(['files.upload']);
const DOWNLOADS = new Set(['files.getContent', 'containers.getFileContent']);

/** Calls a method of a kind. */
function call(client, name, endpoint, given, caller) {
  const [verb, template] = endpoint.split(' ');
  const parts = [...given];
  const path = template.replace(/\/\{\w+\}/g, () => pathOf('', parts.shift(), name));
  const isList = verb === 'GET' && !template.endsWith('}') && !DOWNLOADS.has(name);
  const sends = ['POST', 'PATCH', 'PUT'].includes(verb) && !WITHOUT_FIELDS.has(name);
  const request = {};
  if (isList) request.query = parts.shift();
  if (sends) request.body = UPLOADS.has(name) ? formOf(parts.shift()) : objectIn(parts.shift());
  const [options] = parts;
  const { query, ...settings } = settingsIn(options, caller, isList ? [] : ['query']);
  if (!isList && query !== undefined) request.query = query;
  if (DOWNLOADS.has(name)) request.as = 'response';
  return client[SEND]({ method: verb, path, options: { ...settings, ...request }, caller });
}

function objectIn(params) {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params;
  throw new OpenRouterError('Give an object of fields, such as { name }.', { code: 'invalid_request' });
}

/** Returns the form that uploads a file. */
function formOf(file) {
  if (file instanceof FormData) return file;
  const form = new FormData();
  if (file instanceof Blob) form.set('file', file);
  else if (isBytes(file)) form.set('file', new Blob([file]), 'file');
  else throw new OpenRouterError('files.upload takes a File, a Blob, bytes or a FormData.', { code: 'invalid_request' });
  return form;
}

/**
 * Returns the methods for one kind of thing.
 * @param {(work: (caller: Function) => object, caller: Function) => object} guarded makes a rejected promise of what is thrown
 */
function manager(client, kind, guarded) {
  if (!Object.hasOwn(KINDS, kind)) throw wrongOption(kind, Object.keys(KINDS).join(', '));
  const entries = Object.entries(KINDS[kind]).map(([method, endpoint]) => {
    const name = `${kind}.${method}`;
    const work = (...given) => guarded(() => call(client, name, endpoint, given, work), work);
    Object.defineProperty(work, 'name', { value: name });
    return [method, work];
  });
  return Object.freeze(Object.fromEntries(entries));
}

module.exports = { KINDS, manager };
