'use strict';

const { sendBody } = require('../body');
const { ApiError } = require('../errors');
const { FOLDERS, listOf } = require('./managed');

// The endpoints that manage an account.

const json = (makeValue) => (context) => sendBody(context.transaction, context.directives, { text: JSON.stringify(makeValue(context)) });

/** Makes a route of a template such as `GET /keys/{hash}`, whose handler gets the decoded parts after the context. */
function route(template, answer, { isManaged = true } = {}) {
  const [method, path] = template.split(' ');
  const handle = (context) => {
    if (isManaged) context.emulator.account.checkManagement(context.key);
    return answer(context, ...context.params.map(decodeURIComponent));
  };
  return { method, path: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`), handle: json(handle) };
}

const bodyOf = ({ transaction }) => transaction.record.body;

const lists = FOLDERS.flatMap((folder) => [
  ['GET', ''], ['POST', ''], ['GET', '/{id}'], ['PATCH', '/{id}'], ['DELETE', '/{id}'],
].filter(([method]) => folder !== 'presets' || method === 'GET').map(([method, id]) =>
  route(`${method} /${folder}${id}`, (context, ...given) => context.emulator.managed.answer(context, folder, given[0]))));

/** Routes that add ids to a thing, remove them, and list them. `adds` and `removes` say by which address, and what they answer. */
function members(path, field, [addPath, added], [removePath, removed]) {
  const folder = path.split('/')[1];
  const parts = ({ emulator: { managed } }, id) => {
    managed.find(folder, id);
    return managed.parts(path.replace('{id}', id));
  };
  const change = (work) => (context, id) => {
    const ids = bodyOf(context)[field];
    if (!Array.isArray(ids)) throw new ApiError(400, `"${field}" must be a list`);
    const all = parts(context, id);
    return { [work.answer]: ids.filter((one) => work.change(all, one)).length };
  };
  const add = { answer: added, change: (all, id) => !all.has(id) && all.set(id, { id }) };
  const remove = { answer: removed, change: (all, id) => all.delete(id) };
  return [
    route(`GET ${path}`, (context, id) => listOf([...parts(context, id).values()])),
    route(`POST ${addPath}`, change(add)),
    route(`POST ${removePath}`, change(remove)),
  ];
}

function assignments(what, field) {
  const path = `/guardrails/{id}/assignments/${what}`;
  return [
    ...members(path, field, [path, 'assigned_count'], [`${path}/remove`, 'unassigned_count']),
    route(`GET /guardrails/assignments/${what}`, () => listOf([])),
  ];
}

const budget = ({ emulator: { managed } }, id) => {
  managed.find('workspaces', id);
  return managed.parts(`workspaces/${id}/budgets`);
};
function budgetAt(context, id, interval) {
  const found = budget(context, id).get(interval);
  if (!found) throw new ApiError(404, `There is no budget for ${interval}`);
  return { data: found, include_byok_in_budgets: false };
}

const workspaceParts = [
  ...members('/workspaces/{id}/members', 'user_ids', ['/workspaces/{id}/members/add', 'added_count'], ['/workspaces/{id}/members/remove', 'removed_count']),
  route('GET /workspaces/{id}/budgets', (context, id) => ({ data: [...budget(context, id).values()], include_byok_in_budgets: false })),
  route('GET /workspaces/{id}/budgets/{interval}', budgetAt),
  route('PUT /workspaces/{id}/budgets/{interval}', (context, id, interval) => {
    budget(context, id).set(interval, { interval, ...bodyOf(context) });
    return budgetAt(context, id, interval);
  }),
  route('DELETE /workspaces/{id}/budgets/{interval}', (context, id, interval) => ({ deleted: budget(context, id).delete(interval) })),
];

const createPreset = (context, slug) => {
  const data = { slug, config: bodyOf(context) };
  context.emulator.managed.add('presets', slug, data);
  return { data };
};
const presetParts = [
  ...['chat/completions', 'messages', 'responses'].map((what) => route(`POST /presets/{slug}/${what}`, createPreset)),
  route('GET /presets/{slug}/versions', ({ emulator }, slug) => listOf([{ version: 1, ...emulator.managed.find('presets', slug) }])),
  route('GET /presets/{slug}/versions/{version}', ({ emulator }, slug, version) => ({ data: { version: Number(version), ...emulator.managed.find('presets', slug) } })),
];

const secrets = ({ emulator }) => emulator.managed.parts('vault/secrets');
const files = ({ emulator }) => emulator.managed.parts('files');
function fileAt(context, id) {
  const found = files(context).get(id);
  if (!found) throw new ApiError(404, `File ${id} not found`);
  return found;
}
/** Keeps an uploaded file: the emulator takes the bytes of the form as they are. */
function upload(context) {
  const { rawBody, headers } = context.transaction.record;
  if (!/^multipart\/form-data/.test(headers['content-type'] ?? '')) throw new ApiError(400, 'A file must be sent as multipart/form-data');
  const id = `file-${files(context).size + 1}`;
  files(context).set(id, { id, object: 'file', filename: /filename="([^"]*)"/.exec(rawBody)?.[1] ?? 'file', bytes: rawBody.length });
  return fileAt(context, id);
}
const open = { isManaged: false };
const storage = [
  route('GET /vault/secrets', (context) => listOf([...secrets(context).values()])),
  route('PUT /vault/secrets/{name}', (context, name) => ({ data: secrets(context).set(name, { name }).get(name) })),
  route('DELETE /vault/secrets/{name}', (context, name) => ({ deleted: secrets(context).delete(name) })),
  route('GET /files', (context) => listOf([...files(context).values()]), open),
  route('POST /files', upload, open),
  route('GET /files/{id}', fileAt, open),
  route('DELETE /files/{id}', (context, id) => ({ id, deleted: files(context).delete(id) }), open),
  { method: 'GET', path: /^\/files\/([^/]+)\/content$/, handle: (context) => sendFile(context, fileAt(context, context.params[0])) },
  route('GET /containers/{id}/files', () => listOf([{ id: 'cfile-1' }]), open),
  route('GET /containers/{id}/files/{file}', (_context, container, id) => ({ id, container_id: container }), open),
  route('POST /containers/{id}/files/{file}/promote', (_context, _container, id) => ({ id: `file-of-${id}` }), open),
  { method: 'GET', path: /^\/containers\/([^/]+)\/files\/([^/]+)\/content$/, handle: (context) => sendFile(context, { bytes: 64 }) },
];

function sendFile({ transaction, directives }, { bytes }) {
  return sendBody(transaction, directives, { contentType: 'application/octet-stream', text: Buffer.alloc(bytes, 7) });
}

const figures = [
  route('GET /organization/members', () => listOf([{ id: 'user-1', role: 'admin' }])),
  route('GET /scim/groups', () => listOf([{ id: 'group-1', display_name: 'Everybody' }])),
  route('POST /scim/sync-jobs', () => ({ data: { id: 'sync-1', status: 'queued' } })),
  route('GET /scim/sync-jobs/{id}', (_context, id) => ({ data: { id, status: 'completed' } })),
  route('GET /analytics/meta', () => ({ data: { metrics: ['cost', 'requests'] } })),
  route('POST /analytics/query', (context) => ({ data: { rows: [Object.fromEntries((bodyOf(context).metrics ?? []).map((name) => [name, 1]))] } })),
  route('POST /generation/feedback', (context) => ({ data: { success: true, generation_id: bodyOf(context).generation_id } }), open),
  ...['/benchmarks', '/classifications/task', '/datasets/app-rankings', '/datasets/rankings-daily', '/datasets/session-cost'].map((path) =>
    route(`GET ${path}`, () => ({ data: [{ model: 'openai/gpt-5-mini', score: 1 }], meta: {} }), open)),
];

/** The routes that manage an account. */
const ADMIN_ROUTES = [
  ...assignments('keys', 'key_hashes'), ...assignments('members', 'member_user_ids'), ...workspaceParts, ...presetParts, ...lists, ...storage, ...figures,
];

module.exports.ADMIN_ROUTES = ADMIN_ROUTES;
