'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { KINDS } = require('../../lib/api/management.js');
const { failureOf } = require('../support/outcomes.js');

const MODEL = 'openai/gpt-5-mini';

let emulator;
let clients = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const newClient = (options) => new OpenRouterClient(`sk-or-v1-limit-api-account-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const newManager = (options) => new OpenRouterClient(`sk-or-v1-management-api-account-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const sent = () => emulator.requests.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);

test('every kind of thing has the methods of the table, under their names', () => {
  const client = newManager();
  for (const [kind, methods] of Object.entries(KINDS)) {
    expect(Object.keys(client[kind])).toEqual(Object.keys(methods));
    for (const [method, work] of Object.entries(client[kind])) expect(work.name).toBe(`${kind}.${method}`);
  }
});

describe('what a management key manages', () => {
  test('guardrails are assigned to keys and members, and taken from them', async () => {
    const { guardrails } = newManager();
    const { data: { id } } = await guardrails.create({ name: 'Careful' });
    expect(await guardrails.assignKeys(id, { key_hashes: ['a', 'b'] })).toEqual({ assigned_count: 2 });
    expect((await guardrails.listKeys(id, { limit: 10 })).data).toHaveLength(2);
    expect(await guardrails.unassignKeys(id, { key_hashes: ['a'] })).toEqual({ unassigned_count: 1 });
    expect(await guardrails.assignMembers(id, { member_user_ids: ['u'] })).toEqual({ assigned_count: 1 });
    expect((await guardrails.listMembers(id)).total_count).toBe(1);
    expect(await guardrails.unassignMembers(id, { member_user_ids: ['u'] })).toEqual({ unassigned_count: 1 });
    expect((await guardrails.listAllKeys()).data).toEqual([]);
    expect((await guardrails.listAllMembers()).data).toEqual([]);
    expect(sent()).toContain(`POST /guardrails/${id}/assignments/keys/remove`);
  });

  test('workspaces have budgets and members', async () => {
    const { workspaces } = newManager();
    const { data: { id } } = await workspaces.create({ name: 'Team', slug: 'team' });
    expect((await workspaces.setBudget(id, 'daily', { limit_usd: 5 })).data).toEqual({ interval: 'daily', limit_usd: 5 });
    expect((await workspaces.getBudget(id, 'daily')).data.limit_usd).toBe(5);
    expect((await workspaces.listBudgets(id)).data).toHaveLength(1);
    expect(await workspaces.deleteBudget(id, 'daily')).toEqual({ deleted: true });
    expect(await failureOf(workspaces.getBudget(id, 'daily'))).toMatchObject({ code: 'not_found' });
    expect(await workspaces.addMembers(id, { user_ids: ['u', 'v'] })).toEqual({ added_count: 2 });
    expect((await workspaces.listMembers(id)).data).toHaveLength(2);
    expect(await workspaces.removeMembers(id, { user_ids: ['u'] })).toEqual({ removed_count: 1 });
  });

  test.each([['createFromChat', 'chat/completions'], ['createFromMessages', 'messages'], ['createFromResponses', 'responses']])('presets.%s stores parameters, of which the versions can be read', async (method, path) => {
    const { presets } = newManager();
    await presets[method]('mine', { model: MODEL, messages: [{ role: 'user', content: 'Hi' }], input: 'Hi' });
    expect(sent()).toEqual([`POST /presets/mine/${path}`]);
    expect((await presets.listVersions('mine')).data).toHaveLength(1);
    expect((await presets.getVersion('mine', '1')).data).toMatchObject({ version: 1, slug: 'mine' });
  });

  test.each([
    ['byok', { provider: 'openai', key: 'sk-own' }, { name: 'Other' }, {}],
    ['observability', { type: 'webhook', name: 'Mine', config: { url: 'https://example.com' } }, { name: 'Other' }, {}],
    ['scim', { scim_group_id: 'g', workspace_id: 'w', role: 'member' }, { role: 'admin' }, { keep_members: 'true' }],
  ])('%s: things are made, listed, read, changed and removed', async (kind, fields, change, query) => {
    const things = newManager()[kind];
    const { data: { id } } = await things.create(fields);
    expect((await things.list({ limit: 5 })).data.map((thing) => thing.id)).toContain(id);
    await things.update(id, change);
    expect((await things.get(id)).data).toMatchObject({ id, ...change });
    expect(await things.delete(id, { query })).toMatchObject({ deleted: true });
    expect(emulator.requests.at(-1).query).toEqual(query);
    expect(await failureOf(things.get(id))).toMatchObject({ code: 'not_found' });
  });

  test('groups, members, figures and secrets', async () => {
    const { scim, organization, analytics, vault } = newManager();
    expect((await scim.listGroups()).data).toHaveLength(1);
    const { data: { id } } = await scim.startSync();
    expect((await scim.getSync(id)).data.status).toBe('completed');
    expect((await organization.listMembers()).data).toHaveLength(1);
    expect((await analytics.getMeta()).data.metrics).toContain('cost');
    expect((await analytics.query({ metrics: ['cost'] })).data.rows).toEqual([{ cost: 1 }]);
    await vault.store('TOKEN', { value: 'secret' });
    expect((await vault.list()).data).toEqual([{ name: 'TOKEN' }]);
    expect(await vault.delete('TOKEN')).toEqual({ deleted: true });
  });

  test('other keys are refused by the API, and a part of an address cannot leave its folder', async () => {
    expect(await failureOf(newClient().byok.list())).toMatchObject({ code: 'forbidden' });
    const { workspaces } = newManager();
    emulator.clear();
    for (const id of ['', '..', undefined]) expect(await failureOf(workspaces.getBudget('w', id))).toMatchObject({ code: 'invalid_request' });
    expect(await failureOf(workspaces.setBudget('w', 'daily'))).toMatchObject({ code: 'invalid_request' });
    expect(await failureOf(workspaces.getBudget('w', 'daily', { timeout: 1 }))).toMatchObject({ code: 'invalid_option' });
    expect(emulator.requests).toHaveLength(0);
  });
});

describe('files', () => {
  test.each([
    ['a File', new File(['hello'], 'a.txt')], ['bytes', Buffer.from('hello')],
    ['a form', (() => { const form = new FormData(); form.set('file', new Blob(['hello']), 'a.txt'); return form; })()],
  ])('are uploaded from %s as a form, read and removed', async (_name, file) => {
    const { files } = newClient();
    const { id } = await files.upload(file, { query: { workspace_id: 'w' } });
    const { headers, rawBody, query } = emulator.requests[0];
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(rawBody).toMatch(/name="file"[^]*hello/);
    expect(query).toEqual({ workspace_id: 'w' });
    expect((await files.list()).data.map((one) => one.id)).toContain(id);
    expect((await (await files.getContent(id)).arrayBuffer()).byteLength).toBe((await files.get(id)).bytes);
    expect(await files.delete(id)).toEqual({ id, deleted: true });
  });

  test('are refused where they are none, and under a privacy setting', async () => {
    expect(await failureOf(newClient().files.upload('path.txt'))).toMatchObject({ code: 'invalid_request' });
    expect(await failureOf(newClient({ zdr: true }).files.upload(Buffer.from('x')))).toMatchObject({ code: 'privacy_not_possible' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('of containers are listed, read and kept', async () => {
    const { containers } = newClient();
    expect((await containers.listFiles('c')).data).toHaveLength(1);
    expect(await containers.getFile('c', 'f')).toEqual({ id: 'f', container_id: 'c' });
    expect((await (await containers.getFileContent('c', 'f')).arrayBuffer()).byteLength).toBe(64);
    expect(await containers.promoteFile('c', 'f')).toEqual({ id: 'file-of-f' });
  });
});

test('public figures are read with their filters', async () => {
  const { datasets } = newClient();
  await datasets.appRankings({ limit: 5 });
  await datasets.dailyRankings();
  await datasets.sessionCost();
  expect(sent()).toEqual(['GET /datasets/app-rankings', 'GET /datasets/rankings-daily', 'GET /datasets/session-cost']);
  expect(emulator.requests[0].query).toEqual({ limit: '5' });
});

test.each([
  ['getEmbeddingModels', [{ limit: 5 }], 'GET /embeddings/models', Array.isArray],
  ['getImageModels', [], 'GET /images/models', Array.isArray],
  ['getVideoModels', [], 'GET /videos/models', Array.isArray],
  ['getImageEndpoints', [MODEL], `GET /images/models/${MODEL}/endpoints`, ({ endpoints }) => endpoints[0].pricing[0].cost_usd > 0],
  ['countModels', [{ output_modalities: ['text'] }], 'GET /models/count', (count) => count > 0],
  ['getBenchmarks', [], 'GET /benchmarks', Array.isArray],
  ['getTaskClassifications', [{ window: '7d' }], 'GET /classifications/task', Array.isArray],
  ['sendFeedback', [{ generation_id: 'gen-1', category: 'other' }], 'POST /generation/feedback', ({ success }) => success],
])('%s(%j) asks %s', async (name, given, asked, isRight) => {
  expect(isRight(await newClient()[name](...given))).toBe(true);
  expect(sent()).toEqual([asked]);
});

describe('what lies beside /v1', () => {
  test('decisions are asked for with the key, below the same address', async () => {
    const client = newClient();
    const { answers } = await client.decisions({ model: 'x/y', state: 'A bee', questions: { color: { choices: ['yellow', 'blue'] } } });
    expect(answers).toEqual({ color: { answer: 'yellow' } });
    expect(emulator.requests[0].path).toBe('/api/alpha/decisions');
    expect(await failureOf(client.decisions({ state: 'x', questions: {}, stream: true }))).toMatchObject({ code: 'invalid_request' });
  });

  test('is refused where the base URL does not say where it lies, and a path that leaves it too', async () => {
    const client = new OpenRouterClient('sk-or-v1-x', { baseURL: `${emulator.url}/gateway` });
    expect(await failureOf(client.request('POST', '/api/beta/batches', { body: {} }))).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('/api/v1') });
    expect(await failureOf(newClient().request('GET', '/api/alpha/../v1/keys'))).toMatchObject({ code: 'invalid_request' });
    expect(emulator.requests).toHaveLength(0);
  });
});

test.each([
  ['responses', (client) => client.responses({ model: MODEL, input: 'x' }), 'output_text'],
  ['embeddings', (client) => client.embeddings({ model: 'x/y', input: 'x' }), 'data'],
  ['getProviders', (client) => client.getProviders(), 'map'],
  ['keys.list', (client) => client.keys.list(), 'data'],
  ['speech', (client) => client.speech({ model: 'x/y', input: 'x' }), 'arrayBuffer'],
  ['request', (client) => client.request('GET', '/providers'), 'data'],
  ['videos', (client) => client.videos({ model: 'x/y', prompt: 'x' }, { interval: 1 }), 'status'],
])('a missing await before %s() throws an error that says so', async (name, call, member) => {
  const used = async () => {
    const pending = call(newManager());
    pending.catch(() => {});
    const value = pending[member];
    return typeof value === 'function' ? value.call(pending) : value;
  };
  expect(await failureOf(used())).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(new RegExp(`^await is missing: client.${name}\\(\\)`)) });
});

test.each([['text', (text) => JSON.parse(text)], ['bytes', (bytes) => JSON.parse(Buffer.from(bytes))], ['response', (response) => response.json()]])('JSON is given as %s, too, and its cost is subtracted', async (as, parse) => {
  const client = newClient();
  const { balance } = await client.getCredits();
  const answer = await parse(await client.request('POST', '/embeddings', { body: { model: 'x/y', input: 'x', emulator: { cost: 0.5 } }, as }));
  expect(answer).toMatchObject({ object: 'list', usage: { cost: 0.5 } });
  expect((await client.getCredits()).balance).toBeCloseTo(balance - 0.5, 9);
  expect(await failureOf(client.request('POST', '/embeddings', { body: { model: 'x/y', input: 'x', emulator: { errorIn200: 'top' } }, as }))).toMatchObject({ code: 'provider_error' });
});

test('where sound is expected, JSON is an error', async () => {
  expect(await failureOf(newClient().speech({ model: 'x/y', input: 'x', emulator: { headers: { 'content-type': 'application/json' } } }))).toMatchObject({ code: 'malformed_response' });
});

describe('a stream of images', () => {
  const params = { model: 'x/y', prompt: 'A bee', n: 2, stream: true };

  test('gives the partial images and the finished ones, and the whole answer with its cost', async () => {
    const client = newClient();
    const { balance } = await client.getCredits();
    const stream = await client.images(params);
    const whole = stream.finalImages();
    const types = [];
    for await (const { type, b64_json: image } of stream) types.push([type, image.length > 0]);
    expect(types).toEqual([
      ['image_generation.partial_image', true], ['image_generation.completed', true],
      ['image_generation.partial_image', true], ['image_generation.completed', true],
    ]);
    expect(await whole).toMatchObject({ created: expect.any(Number), data: [{ b64_json: expect.any(String), media_type: 'image/png' }, { media_type: 'image/png' }], usage: { cost: 0.08 } });
    expect(stream.cost).toBe(0.08);
    expect((await client.getCredits()).balance).toBeCloseTo(balance - 0.08, 9);
  });

  test.each([[{ cut: 1 }, 'stream_truncated'], [{ errorAt: 1 }, 'provider_error']])('that ends with %j fails, with what had come', async (emulate, code) => {
    const stream = await newClient().images({ ...params, emulator: emulate });
    const error = await failureOf(stream.finalImages());
    expect(error).toMatchObject({ code, partial: { data: [{ partial_image_index: 0 }] } });
  });
});
