'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');

const { startEmulator } = require('../../emulator');

const KEY = 'sk-or-v1-test';
const EMULATOR_DIR = path.join(__dirname, '..', '..', 'emulator');
const TOOL = (name, parameter = 'city') => ({ type: 'function', function: { name, parameters: { type: 'object', properties: { [parameter]: { type: 'string' } } } } });

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function get(route, { key = KEY, directives } = {}) {
  const headers = { ...(key && { authorization: `Bearer ${key}` }), ...(directives && { 'x-emulator': directives }) };
  return fetch(emulator.baseURL + route, { headers, redirect: 'manual' });
}
function chat(body = {}, directives, { key = KEY, headers = {}, ...init } = {}) {
  return fetch(`${emulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(directives && { 'x-emulator': directives }), ...headers },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], ...body }),
    ...init,
  });
}

const streamed = async (directives, body = {}, init) => (await chat({ stream: true, ...body }, directives, init)).text();
/** The JSON of each data event of an event stream in plain framing. */
function events(sse) {
  return sse.split('\n\n').filter((part) => part.startsWith('data: {')).map((part) => JSON.parse(part.slice(6)));
}
const deltas = (sse) => events(sse).flatMap((event) => event.choices ?? []).map((choice) => choice.delta);
const contentOf = (sse) => deltas(sse).map((delta) => delta.content ?? '').join('');

/** Sends a request over a bare socket and keeps all bytes until the connection ends. */
function rawChat(directives, body = {}) {
  const json = JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], ...body });
  const socket = net.connect(emulator.port, '127.0.0.1');
  const head = ['POST /api/v1/chat/completions HTTP/1.1', 'Host: emulator', `Authorization: Bearer ${KEY}`, `X-Emulator: ${directives}`, `Content-Length: ${Buffer.byteLength(json)}`];
  socket.write(`${head.join('\r\n')}\r\n\r\n${json}`);
  const parts = [];
  socket.on('data', (part) => parts.push(part));
  const ended = new Promise((resolve) => {
    let code = null;
    socket.on('error', (error) => { code = error.code; });
    socket.on('close', () => resolve({ code, text: Buffer.concat(parts).toString('latin1') }));
  });
  return { socket, ended };
}

describe('the server', () => {
  test('answers unknown paths and missing keys in the error envelope', async () => {
    const lost = await get('/nowhere');
    expect(lost.status).toBe(404);
    expect(await lost.json()).toMatchObject({ error: { code: 404, message: expect.any(String) } });
    expect(await (await get('/key', { key: '' })).json()).toMatchObject({ error: { code: 401, message: 'No auth credentials found' } });
    expect(await (await get('/key', { key: 'sk-other' })).json()).toMatchObject({ error: { code: 401, message: 'User not found.' } });
  });

  test.each([
    ['no messages', { messages: [] }, 400, /messages/],
    ['four models', { models: ['a/a', 'b/b', 'c/c', 'd/d'] }, 400, /^'models' array must have 3 items or fewer\.$/],
    ['an unknown model', { model: 'nobody/nothing' }, 400, /^nobody\/nothing is not a valid model ID$/],
    ['ZDR without an endpoint', { model: 'x-ai/grok-4', provider: { zdr: true } }, 404, /^No endpoints found matching your data policy/],
    ['providers that are not a list', { provider: { only: 'openai' } }, 400, /^provider.only must be/],
    ['a provider that does not run it', { provider: { only: ['groq'] } }, 404, /^No allowed providers are available/],
  ])('refuses %s', async (_, body, status, message) => {
    const response = await chat(body);
    expect(response.status).toBe(status);
    expect((await response.json()).error).toMatchObject({ code: status, message: expect.stringMatching(message) });
  });

  test('follows provider.order and provider.ignore, refuses broken JSON, and listens on loopback only', async () => {
    expect((await (await chat({ provider: { order: ['azure'] } })).json()).provider).toBe('Azure');
    expect((await (await chat({ provider: { ignore: ['openai'], zdr: true } })).json()).provider).toBe('Azure');
    expect((await chat({}, undefined, { body: '{"model":' })).status).toBe(400);
    await expect(startEmulator({ host: '0.0.0.0' })).rejects.toThrow(/loopback/);
  });

  test('records requests, and which side ended each', async () => {
    const before = emulator.connections;
    const waiting = emulator.waitForRequest(({ path: at }) => at.endsWith('/models'));
    await (await get('/models?q=claude', { directives: 'gap=0' })).text();
    const record = await waiting;
    expect(record).toMatchObject({ method: 'GET', path: '/api/v1/models', query: { q: 'claude' }, rawBody: '', body: undefined });
    expect(await record.closed).toMatchObject({ by: 'server', bytesWritten: record.bytesWritten });
    expect(record).toMatchObject({ closedBy: 'server', finished: true, status: 200 });
    expect(emulator.connections - before).toBeLessThanOrEqual(1);
    expect(await emulator.waitForRequest()).toBe(record);
  });

  test('can be closed while clients are still waiting', async () => {
    const other = await startEmulator({ key: 'sk-or-mine', directives: 'stall=0' });
    const { baseURL } = other;
    const response = await fetch(`${baseURL}/models`, { headers: {} });
    const reading = response.text().catch((error) => error);
    await other.close();
    expect((await reading).name).toBe('TypeError');
    expect([other.openConnections, other.requests[0].closedBy]).toEqual([0, 'server']);
  });

  test('does not keep a process alive', async () => {
    const source = `require(${JSON.stringify(EMULATOR_DIR)}).startEmulator().then((e) => {
      const socket = require('node:net').connect(e.port); socket.unref(); console.log('up'); })`;
    const child = spawn(process.execPath, ['-e', source]);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('npm run emulator runs it until a signal ends its process', async () => {
    const child = spawn(process.execPath, [path.join(EMULATOR_DIR, '..', 'scripts', 'emulator.js')]);
    const [output] = await once(child.stdout, 'data');
    const [, baseURL] = /^OPENROUTER_BASE_URL=(http:\/\/127\.0\.0\.1:\d+\/api\/v1)$/m.exec(String(output));
    expect((await fetch(`${baseURL}/providers`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([143, null]);
    await expect(fetch(`${baseURL}/providers`)).rejects.toThrow();
  });
});

describe('models and providers', () => {
  test('lists models with prices that are strings', async () => {
    const { data, total_count: total } = await (await get('/models', { key: '' })).json();
    expect([data.length >= 20, total]).toEqual([true, data.length]);
    const auto = data.find(({ id }) => id === 'openrouter/auto');
    expect(auto.pricing).toEqual({ prompt: '-1', completion: '-1' });
    const model = data.find(({ id }) => id === 'anthropic/claude-sonnet-4.5');
    expect(model).toMatchObject({ pricing: { prompt: '0.000003', completion: '0.000015' }, architecture: { tokenizer: 'Claude' }, top_provider: { max_completion_tokens: 64000 } });
    expect(data.some(({ architecture }) => !architecture.output_modalities.includes('text'))).toBe(false);
    expect((await (await get('/models?output_modalities=all')).json()).total_count).toBeGreaterThan(total);
  });

  test('serves pages of models, one model, its endpoints, ZDR endpoints and providers', async () => {
    const page = await (await get('/models?limit=2&offset=2')).json();
    expect([page.data.length, page.links.next]).toEqual([2, '/api/v1/models?offset=4&limit=2']);
    expect((await (await get('/model/~anthropic/claude-sonnet-latest')).json()).data.id).toBe('anthropic/claude-sonnet-4.5');
    expect((await get('/model/no/such')).status).toBe(404);
    const { data } = await (await get('/models/openai/gpt-5-mini/endpoints', { key: '' })).json();
    expect(data.endpoints.map(({ tag, latency_last_30m: latency }) => [tag, latency])).toEqual([['openai', null], ['azure', null]]);
    expect((await (await get('/endpoints/zdr')).json()).data.some(({ tag }) => tag === 'xai')).toBe(false);
    expect((await (await get('/providers')).json()).data[0]).toMatchObject({ name: 'OpenAI', slug: 'openai' });
  });

  test.each([['empty', 200, []], ['null', 200, null], ['500', 500, undefined]])('models=%s', async (models, status, data) => {
    const response = await get('/models/user', { directives: `models=${models}` });
    expect([response.status, (await response.json()).data]).toEqual([status, data]);
  });
});

describe('money', () => {
  test('each completion adds its cost to the usage that a management key reads', async () => {
    const { usage, id } = await (await chat()).json();
    expect(usage.cost).toBeCloseTo(usage.prompt_tokens * 0.25e-6 + usage.completion_tokens * 2e-6, 12);
    const { data } = await (await get('/credits', { key: 'sk-or-management' })).json();
    expect(data).toEqual({ total_credits: 10, total_usage: usage.cost });
    expect((await (await get(`/generation?id=${id}`)).json()).data).toMatchObject({ id, total_cost: usage.cost, streamed: false, cancelled: false });
  });

  test('each kind of key reads what OpenRouter lets it read', async () => {
    const refused = await get('/credits');
    expect([refused.status, (await refused.json()).error.message]).toEqual([403, 'Only management keys can perform this operation']);
    expect((await (await get('/credits', { key: 'sk-or-zeros' })).json()).data).toEqual({ total_credits: 0, total_usage: 0 });
    expect((await (await get('/credits', { key: 'sk-or-management', directives: 'credits=zeros' })).json()).data.total_credits).toBe(0);
    expect((await get('/credits', { key: 'sk-or-zeros', directives: 'credits=403' })).status).toBe(403);
    expect((await (await get('/auth/key')).json()).data).toMatchObject({ limit: null, limit_remaining: null, is_management_key: false });
    const { usage } = await (await chat({}, undefined, { key: 'sk-or-limit' })).json();
    expect((await (await get('/key', { key: 'sk-or-limit' })).json()).data).toMatchObject({ limit: 10, limit_remaining: 10 - usage.cost, usage: usage.cost });
    expect((await get('/key', { directives: 'key=403' })).status).toBe(403);
    expect((await chat({}, undefined, { key: 'sk-or-management' })).status).toBe(401);
    expect((await chat({}, undefined, { key: 'sk-or-broke' })).status).toBe(402);
  });

  test('byok charges a fee for an own provider key, and cost sets a price', async () => {
    const { usage } = await (await chat({}, 'byok')).json();
    expect(usage.is_byok).toBe(true);
    expect(usage.cost).toBeCloseTo(usage.cost_details.upstream_inference_cost * 0.05, 10);
    expect((await (await chat({}, 'cost=20')).json()).usage.cost).toBe(20);
    expect((await chat()).status).toBe(402);
    expect((await chat({ model: 'openrouter/free' })).status).toBe(200);
  });

  test('pending delays a generation', async () => {
    const { id } = await (await chat({}, 'pending=2')).json();
    for (const status of [404, 404, 200]) expect((await get(`/generation?id=${id}`)).status).toBe(status);
    // Only the first request for a generation may set it.
    expect((await get(`/generation?id=${id}`, { directives: 'pending=1' })).status).toBe(200);
    const { id: other } = await (await chat()).json();
    for (const status of [404, 200]) expect((await get(`/generation?id=${other}`, { directives: 'pending=1' })).status).toBe(status);
    const { id: third } = await (await chat()).json();
    expect((await get(`/generation?id=${third}`)).status).toBe(200);
    expect((await get(`/generation?id=${third}`, { directives: 'pending=1' })).status).toBe(200);
  });
});

describe('answers', () => {
  test('a stream has a first chunk, content, a finish_reason, usage and [DONE]', async () => {
    const response = await chat({ stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const sse = await response.text();
    expect(sse.startsWith(': OPENROUTER PROCESSING\n\n')).toBe(true);
    expect(sse.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    const chunks = events(sse);
    const id = response.headers.get('x-generation-id');
    const base = { id, provider: 'OpenAI', model: 'openai/gpt-5-mini', object: 'chat.completion.chunk', created: expect.any(Number) };
    const empty = { finish_reason: null, native_finish_reason: null, logprobs: null };
    expect(chunks[0]).toEqual({ ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, ...empty }] });
    const [finish, accounting] = chunks.slice(-2);
    expect(finish.choices[0]).toMatchObject({ finish_reason: 'stop', native_finish_reason: 'end_turn' });
    expect(finish).not.toHaveProperty('usage');
    expect(accounting.choices[0]).toMatchObject({ delta: { content: '' }, finish_reason: 'stop' });
    expect(accounting.usage).toMatchObject({ cost: expect.any(Number), is_byok: false, cost_details: {}, prompt_tokens_details: {}, completion_tokens_details: {} });
    const whole = await (await chat()).json();
    expect(whole).toMatchObject({ object: 'chat.completion', system_fingerprint: null, choices: [{ finish_reason: 'stop', message: { role: 'assistant' } }] });
    expect(contentOf(sse)).toBe(whole.choices[0].message.content);
    expect(contentOf(sse)).toContain('Tell me about bees');
  });

  test('routers, aliases, presets and suffixes answer with the resolved model', async () => {
    const modelFor = async (model) => (await (await chat({ model })).json()).model;
    expect(await modelFor('openrouter/auto')).toBe('openai/gpt-5-mini');
    expect(await modelFor('~anthropic/claude-sonnet-latest')).toBe('anthropic/claude-sonnet-4.5');
    expect(await modelFor('@preset/mine')).toBe('anthropic/claude-haiku-4.5');
    expect(await modelFor('openai/gpt-4o:nitro')).toBe('openai/gpt-4o');
    const chunks = events(await streamed('late-model=2', { model: 'openrouter/auto' }));
    expect(chunks.slice(0, 3).map(({ model }) => model)).toEqual(['openrouter/auto', 'openrouter/auto', 'openai/gpt-5-mini']);
  });

  test('falls back within one request, and openrouter_metadata reports it', async () => {
    const headers = { 'x-openrouter-metadata': 'enabled' };
    const body = { models: ['x-ai/grok-4', 'google/gemini-2.5-flash'] };
    const answer = await (await chat(body, 'fail=openai/gpt-5-mini,x-ai/grok-4; fail-status=429', { headers })).json();
    expect(answer.model).toBe('google/gemini-2.5-flash');
    expect(answer.openrouter_metadata).toMatchObject({ requested: 'openai/gpt-5-mini', strategy: 'fallback' });
    expect(answer.openrouter_metadata.attempts.map(({ model, status }) => [model, status])).toEqual([
      ['openai/gpt-5-mini', 429], ['x-ai/grok-4', 429], ['google/gemini-2.5-flash', 200]]);
    const failed = await chat(body, 'fail=*; fail-status=503', { headers });
    expect([failed.status, (await failed.json()).openrouter_metadata.attempts.length]).toEqual([503, 3]);
    expect(events(await streamed('', {}, { headers })).at(-1).openrouter_metadata.strategy).toBe('direct');
  });

  test.each([
    ['no-index', (piece) => expect(piece).not.toHaveProperty('index')],
    ['id-repeated', (piece) => expect(piece).toMatchObject({ id: 'call_emulator_1', function: { name: 'get_weather' } })],
    ['empty-id', (piece) => expect(piece).toMatchObject({ id: '', function: { name: '' } })],
    ['null-fields', (piece) => expect(piece).toMatchObject({ id: null, function: { name: null } })],
    ['first-index-1', (piece) => expect(piece.index).toBe(1)],
  ])('tool-quirk=%s', async (quirk, check) => {
    check(deltas(await streamed(`tool-quirk=${quirk}`)).flatMap((delta) => delta.tool_calls ?? [])[1]);
  });

  test('tool quirks that concern whole calls', async () => {
    const calls = async (quirk) => deltas(await streamed(`tool-quirk=${quirk}`)).flatMap((delta) => delta.tool_calls ?? []);
    expect(new Set((await calls('same-index')).map(({ index }) => index))).toEqual(new Set([0]));
    expect((await calls('interleaved')).slice(0, 2).map(({ index }) => index)).toEqual([0, 1]);
    expect((await calls('args-first')).at(-1)).toMatchObject({ id: 'call_emulator_1' });
    expect((await calls('args-empty')).map((piece) => piece.function.arguments)).toEqual(['']);
    expect((await calls('args-object'))[0].function.arguments).toEqual({ city: 'São Paulo' });
    expect((await calls('trailing')).at(-1).function.arguments).toBe('\n');
    expect(events(await streamed('tool-quirk=finish-stop')).at(-1).choices[0].finish_reason).toBe('stop');
    expect(events(await streamed('tool-quirk=finish-without-calls')).at(-1).choices[0].finish_reason).toBe('tool_calls');
    expect(deltas(await streamed('tool-quirk=function-call'))[1].function_call.name).toBe('get_weather');
    for (const quirk of ['function-call', 'interleaved']) {
      const [{ message, finish_reason: finish }] = (await (await chat({ tools: [TOOL('weather')] }, `calls=0; tool-quirk=${quirk}`)).json()).choices;
      expect([message.content, finish]).toEqual([expect.stringMatching(/bees/), 'stop']);
    }
  });

  test.each([
    ['standard', ['reasoning', 'reasoning_details']], ['reasoning', ['reasoning']], ['reasoning_content', ['reasoning_content']],
    ['details', ['reasoning_details']], ['all', ['reasoning', 'reasoning_content', 'reasoning_details']],
  ])('reasoning-style=%s', async (style, fields) => {
    const first = deltas(await streamed(`reasoning-style=${style}`))[1];
    expect(Object.keys(first).sort()).toEqual(['content', ...fields].sort());
  });

  test('sends reasoning, images, audio, citations and JSON when requested', async () => {
    const thoughts = deltas(await streamed('', { reasoning: { effort: 'low' } })).flatMap((delta) => delta.reasoning_details ?? []);
    expect(thoughts.slice(-2)).toMatchObject([{ type: 'reasoning.text', signature: expect.any(String), index: 0 }, { type: 'reasoning.encrypted', index: 1 }]);
    const { images } = deltas(await streamed('', { modalities: ['image', 'text'] })).find((delta) => delta.images);
    expect(images[0].image_url.url).toMatch(/^data:image\/png;base64,iVBOR/);
    const { message: spoken } = (await (await chat({ modalities: ['text', 'audio'] })).json()).choices[0];
    expect([spoken.content, typeof spoken.audio.data]).toEqual([null, 'string']);
    expect(deltas(await streamed('', { model: 'openai/gpt-4o:online' })).find((delta) => delta.annotations).annotations[0].type).toBe('url_citation');
    const schema = { type: 'object', properties: { n: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } } };
    const { message } = (await (await chat({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })).json()).choices[0];
    expect(JSON.parse(message.content)).toEqual({ n: 1, tags: ['Tell me about bees'] });
    expect((await (await chat({ max_tokens: 3 })).json()).choices[0].finish_reason).toBe('length');
    expect((await (await chat({}, 'refusal')).json()).choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: null } });
  });
});

describe('directives', () => {
  test('are read from a header, the body or a message, and unknown ones are refused', async () => {
    const contents = await Promise.all([
      chat({}, 'text="a; \\"b\\" ü"'),
      chat({}, 'text=a%3B%20%22b%22%20%C3%BC'),
      chat({ emulator: { text: 'a; "b" ü' } }),
      chat({ messages: [{ role: 'user', content: 'Hello\n/emulate text="a; \\"b\\" ü" gap=0' }] }),
      chat({ messages: [{ role: 'user', content: [{ type: 'text', text: '/emulate text="a; \\"b\\" ü"' }] }] }),
    ].map(async (response) => (await (await response).json()).choices[0].message.content));
    expect(new Set(contents)).toEqual(new Set(['a; "b" ü']));
    const refused = await chat({}, 'nonsense=1');
    expect([refused.status, (await refused.json()).error.message]).toEqual([400, expect.stringContaining('Known: status, kind,')]);
    for (const wrong of ['eol=tab', 'status=99', 'cut=-1', 'location=%0A', 'status=429; kind=odd', 'error-at', 'cost=']) expect((await chat({}, wrong)).status).toBe(400);
    for (const value of [null, true, '', ' ', [1], {}]) expect((await chat({ emulator: { 'error-at': value } })).status).toBe(400);
    expect((await chat({ emulator: { text: null } })).status).toBe(400);
  });

  test('times limits how often a fault occurs', async () => {
    for (const status of [503, 503, 200]) expect((await chat({}, 'status=503; times=2; id=x')).status).toBe(status);
    expect((await chat({}, 'status=503; times=1; id=y')).status).toBe(503);
  });

  test.each([
    ['status=402; kind=in-flight; retry-after=3', 402, { limit_source: 'openrouter_in_flight_budget' }, { 'retry-after': '3' }],
    ['status=402; kind=weight', 402, { reason: 'weight_exceeds_budget' }, {}],
    ['status=403; kind=moderation', 403, { flagged_input: 'Tell me about bees', reasons: ['violence'] }, {}],
    ['status=429', 429, {}, { 'retry-after': '1' }],
    ['status=429; kind=body; reset=50', 429, { headers: { 'X-RateLimit-Reset': expect.stringMatching(/^\d{13}$/) } }, { 'retry-after': null }],
    ['status=429; kind=daily', 429, { limit_source: 'openrouter_free_tier_daily' }, {}],
    ['status=502', 502, { provider_name: expect.any(String), raw: expect.any(String) }, {}],
  ])('%s', async (directives, status, metadata, headers) => {
    const response = await chat({}, directives);
    const { error } = await response.json();
    expect([response.status, error.code]).toEqual([status, status]);
    expect(error.metadata).toMatchObject(metadata);
    for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
  });

  test('error bodies of gateways, truncated bodies and redirects', async () => {
    const bodyOf = async (kind) => (await chat({}, `status=524; kind=${kind}`)).text();
    expect(await bodyOf('html')).toMatch(/^<!DOCTYPE html>/);
    expect(await bodyOf('empty')).toBe('');
    expect(await bodyOf('truncated')).toBe('{"error":{"code":524,"message":"Provider ret');
    expect(await bodyOf('echo-key')).toContain(KEY);
    const moved = await get('/models', { directives: 'status=307; location=/elsewhere' });
    expect([moved.status, moved.headers.get('location')]).toEqual([307, '/elsewhere']);
  });

  test('a 200 response can be a failure', async () => {
    expect(Object.keys(await (await chat({}, 'error-in-200')).json())).toEqual(['id', 'error']);
    expect((await (await chat({}, 'error-in-200=choice-error')).json()).choices[0]).toMatchObject({ finish_reason: 'error', error: { code: 502 } });
    expect((await (await chat({}, 'pad=2; error-in-200=choices-null; error-code=429')).json())).toMatchObject({ choices: null, error: { code: 429 } });
    expect((await (await chat({}, 'padonly')).text()).trim()).toBe('');
    expect((await (await chat({ stream: true }, 'json')).json()).object).toBe('chat.completion');
    expect(emulator.account.usage).toBeGreaterThan(0);
  });

  test('errors in mid-stream can have every shape', async () => {
    const last = async (shape) => events(await streamed(`text="a b c d"; error-at=2; error-shape=${shape}`)).at(-1);
    const sse = await streamed('text="a b c d"; error-at=2; error-done');
    expect(contentOf(sse)).toBe('a b ');
    expect(sse.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await last('object')).toMatchObject({ object: 'chat.completion.chunk', error: { code: 502 }, choices: [{ finish_reason: 'error' }] });
    expect(Object.keys(await last('bare'))).toEqual(['error']);
    expect((await last('string-code')).error.code).toBe('server_error');
    expect(await last('finish')).not.toHaveProperty('error');
    expect((await last('choice')).choices[0].error.code).toBe(502);
    expect((await last('choices-empty')).choices).toEqual([]);
    expect(events(await streamed('error-at=0'))).toHaveLength(1);
    // A position beyond the last delta is the regular end, also where there is no delta.
    expect(deltas(await streamed('text=a; error-at=9'))).toMatchObject([{ role: 'assistant' }, { content: 'a' }, { content: '' }]);
    expect(deltas(await streamed('text=""; error-at=3'))).toMatchObject([{ role: 'assistant' }, { content: '' }]);
    expect(emulator.account.usage).toBe(0);
    expect((await streamed('text=a; garbage=0')).split('this is not JSON')).toHaveLength(2);
  });

  test('usage can come in every place and shape', async () => {
    const at = async (directives) => events(await streamed(directives)).slice(-2).map((chunk) => [chunk.choices?.[0]?.finish_reason, 'usage' in chunk]);
    expect(await at('usage-at=before')).toEqual([[null, true], ['stop', false]]);
    expect(await at('usage-at=with')).toEqual([[null, false], ['stop', true]]);
    expect(await at('usage-at=after-done')).toEqual([['stop', false], ['stop', true]]);
    expect(await streamed('usage-at=after-done')).toMatch(/data: \[DONE\]\n\ndata: \{.*"usage".*\}\n\n$/);
    expect(await at('no-usage')).toEqual([[null, false], ['stop', false]]);
    const shapes = ['empty', 'null', 'missing'].map(async (shape) => events(await streamed(`usage-shape=choices-${shape}`)).at(-1).choices);
    expect(await Promise.all(shapes)).toEqual([[], null, undefined]);
    expect(events(await streamed('usage-noise=zeros'))[1].usage.total_tokens).toBe(0);
  });
});

describe('bytes', () => {
  const plain = 'text=hé; processing=1';

  test('line ends, BOM, frames, comments and garbage', async () => {
    const response = await chat({ stream: true }, `${plain}; bom`);
    expect([...new Uint8Array(await response.arrayBuffer()).subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x3a]);
    expect(await streamed(`${plain}; eol=crlf`)).toMatch(/^: OPENROUTER PROCESSING\r\n\r\ndata: \{/);
    const carriage = await streamed(`${plain}; eol=cr`);
    expect([carriage.includes('\n'), carriage.endsWith('data: [DONE]\r\r')]).toEqual([false, true]);
    expect(await streamed(`${plain}; frame=no-space`)).toContain('\n\ndata:[DONE]\n\n');
    expect(await streamed(`${plain}; frame=multi-line`)).toMatch(/\ndata: \{\ndata: {2}"id"/);
    expect(await streamed(`${plain}; frame=named`)).toMatch(/event: message\nid: 1\nretry: 1000\ndata: \{/);
    expect(await streamed(`${plain}; rewrap`)).toMatch(/^data: : OPENROUTER PROCESSING\n\n/);
    expect(await streamed('chunks=3; processing=0; comments-every=1')).toMatch(/^data: [^]*: OPENROUTER PROCESSING\n\n$/);
    expect(await streamed(`${plain}; garbage=1`)).toContain('\n\ndata: this is not JSON\n\n');
    expect(await streamed(`${plain}; garbage=0; garbage-how=glued`)).toMatch(/"logprodata: \{"id"/);
    expect(await streamed(`${plain}; no-done`)).not.toContain('[DONE]');
    expect(await streamed('raw="data: x\\r\\r"')).toBe('data: x\r\r');
    expect(deltas(await streamed('text=%F0%9F%99%82; surrogates')).slice(1, 3).map(({ content }) => content)).toEqual(['\ud83d', '\ude42']);
    expect(deltas(await streamed('chunks=1000')).length).toBe(1003);
  });

  test('split=1 sends each byte alone, and the bytes stay the same', async () => {
    const { socket, ended } = rawChat(`${plain}; split=1`);
    const record = await emulator.waitForRequest();
    const { bytesWritten } = await record.closed;
    socket.end();
    const body = (await ended).text.replace(/^[^]*?\r\n\r\n/, '');
    expect(body.match(/1\r\n[^]\r\n/g)).toHaveLength(bytesWritten);
    expect(body.replace(/1\r\n([^])\r\n/g, '$1')).toMatch(/^: OPENROUTER PROCESSING\n\ndata: \{"id"[^]*data: \[DONE\]\n\n0\r\n\r\n$/);
  });

  test.each(['gzip', 'br', 'deflate'])('encoding=%s is flushed with each event', async (encoding) => {
    const response = await chat({ stream: true }, `${plain}; encoding=${encoding}; stall=1`);
    const reader = response.body.getReader();
    let text = '';
    while (!text.includes('"hé"')) text += Buffer.from((await reader.read()).value).toString();
    await reader.cancel();
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect((await (await chat({}, `text=hé; encoding=${encoding}`)).json()).choices[0].message.content).toBe('hé');
  });

  test('encoding=zstd is valid', async () => {
    const body = Buffer.from(await (await chat({}, 'text=ok; encoding=zstd')).arrayBuffer());
    // From Node 22 on, fetch decompresses zstd, so that the body is the answer.
    if (body[0] === '{'.charCodeAt(0)) expect(JSON.parse(body).choices[0].message.content).toBe('ok');
    else expect(body.subarray(0, 6).toString('hex')).toBe('28b52ffd0038');
  });
});

describe('connections', () => {
  test.each([
    ['fin', null, /"a "[^]*\n\n\r\n$/],
    ['reset', 'ECONNRESET', /"a "/],
    ['half-chunk', null, /\r\n400\r\ndata: \{"id":"gen-$/],
  ])('cut-how=%s ends in mid-stream', async (how, code, tail) => {
    const result = await rawChat(`text="a b c"; cut=1; cut-how=${how}`).ended;
    expect(result.code).toBe(code);
    expect(result.text).toMatch(tail);
    expect(result.text).not.toMatch(/"b "|DONE|0\r\n\r\n$/);
    const [record] = emulator.requests;
    expect((await record.closed).by).toBe('server');
    expect(record).toMatchObject({ finished: false, deltas: 1 });
  });

  test('cut-how=clean ends the HTTP body but not the answer', async () => {
    const sse = await streamed('text="a b c"; cut=2; cut-how=clean');
    expect([contentOf(sse), sse.includes('finish_reason":"stop')]).toEqual(['a b ', false]);
  });

  test.each(['stall=1', 'hold; text=a', 'stall=1; comments=1'])('%s waits until the client disconnects, and bills what was generated', async (directives) => {
    const abort = new AbortController();
    const response = await chat({ stream: true }, directives, { signal: abort.signal });
    const reader = response.body.getReader();
    const comments = directives.includes('comments') ? 6 : 0;
    let text = '';
    while (!/"content":"\S+ ?"/.test(text) || text.split(': OPENROUTER').length <= comments) text += Buffer.from((await reader.read()).value).toString();
    const [record] = emulator.requests;
    expect(record.closedBy).toBeNull();
    abort.abort();
    expect((await record.closed).by).toBe('client');
    const { data } = await (await get(`/generation?id=${record.generationId}`)).json();
    expect(data).toMatchObject({ cancelled: !directives.startsWith('hold'), total_cost: emulator.account.usage });
    expect(data.total_cost).toBeGreaterThan(0);
  });

  test('delays end when the client disconnects', async () => {
    for (const directives of ['delay=60000', 'first-delay=60000', 'gap=60000']) {
      const { socket } = rawChat(directives);
      const record = await emulator.waitForRequest(({ headers }) => headers['x-emulator'] === directives);
      socket.destroy();
      expect((await record.closed).by).toBe('client');
    }
  });

  test('a client that stops reading stops the server', async () => {
    const { socket } = rawChat('chunks=1000000');
    socket.pause();
    const record = await emulator.waitForRequest();
    for (let before = -1; record.bytesWritten !== before;) {
      before = record.bytesWritten;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    expect(record.deltas).toBeLessThan(1000000);
    socket.destroy();
    expect((await record.closed).by).toBe('client');
  });

  test('drop closes the connection before an answer; drop=reused does so only on a reused connection', async () => {
    expect(await rawChat('drop').ended).toEqual({ code: null, text: '' });
    expect((await rawChat('drop=reset').ended).code).toBe('ECONNRESET');
    const { socket, ended } = rawChat('drop=reused; json; text=a');
    await once(socket, 'data');
    socket.write(`GET /api/v1/models HTTP/1.1\r\nHost: emulator\r\nX-Emulator: drop=reused\r\n\r\n`);
    expect((await ended).text.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(emulator.requests.at(-1).connectionId).toBe(emulator.requests.at(-2).connectionId);
  });

  test('hangup closes the idle connection', async () => {
    expect((await rawChat('json; text=a; hangup=5').ended).text).toMatch(/Connection: keep-alive[^]*"content":"a"/i);
  });
});
