'use strict';

const { createFetch } = require('../..');
const { configureAgents } = require('openrouter-native/librechat');
const { failureOf } = require('../support/outcomes');
const { startRecordingServer } = require('../support/servers/recording-server');

let server;
beforeAll(async () => { server = await startRecordingServer((_, response) => response.end('{}')); });
afterAll(() => server.close());

async function sessionOf(fetch, headers, asRequest = false) {
  const init = { method: 'POST', headers, body: JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] }) };
  const url = `${server.url}/chat/completions`;
  await (await (asRequest ? fetch(new Request(url, init)) : fetch(url, init))).text();
  return server.requests.at(-1).headers['x-session-id'];
}

function agentsFetch(options) {
  const configOptions = { baseURL: server.url };
  configureAgents({ llmConfig: { model: 'a/b' }, configOptions }, options);
  return configOptions.fetch;
}

test.each([
  ['createFetch()', () => createFetch({ sessionHeader: 'X-Conversation' })],
  ['configureAgents()', () => agentsFetch({ sessionHeader: 'X-Conversation' })],
])('sessionHeader of %s sends the id of the conversation as x-session-id', async (_, make) => {
  for (const asRequest of [false, true]) {
    expect(await sessionOf(make(), { 'x-conversation': 'c-1' }, asRequest)).toBe('c-1');
    expect(await sessionOf(make(), {}, asRequest)).toBeUndefined();
    expect(await sessionOf(make(), { 'x-conversation': 'c-1', 'x-session-id': 'own' }, asRequest)).toBe('own');
  }
});

test("LibreChat's header x-session-id is sent under configureAgents(), unless LibreChat had no id for it", async () => {
  const fetch = agentsFetch();
  expect(await sessionOf(fetch, { 'x-session-id': '0192-conversation' })).toBe('0192-conversation');
  for (const none of ['new', '{{LIBRECHAT_BODY_CONVERSATIONID}}', '${CONVERSATION}', 'undefined', 'null', 'x'.repeat(257)]) {
    expect(await sessionOf(fetch, { 'x-session-id': none })).toBeUndefined();
    expect(await sessionOf(createFetch({ sessionHeader: 'x-id' }), { 'x-id': none })).toBeUndefined();
  }
  expect(await sessionOf(createFetch(), { 'x-session-id': 'new' })).toBe('new');
});

test('the headers of a Request of the caller stay as they are', async () => {
  const request = new Request(`${server.url}/chat/completions`, { method: 'POST', headers: { 'x-id': 'c-1' }, body: '{}' });
  await (await createFetch({ sessionHeader: 'x-id' })(request)).text();
  expect(request.headers.has('x-session-id')).toBe(false);
});

test.each(['', 'x id', 1, 'x:y'])('%j is no header', async (sessionHeader) => {
  expect(await failureOf(() => createFetch({ sessionHeader }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('sessionHeader') });
});
