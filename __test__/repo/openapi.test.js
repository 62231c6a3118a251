'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { OpenRouterClient } = require('../..');
const { OpenApiCheck } = require('../support/openapi/check.js');
const { VARIABLE, recordServers } = require('../support/openapi/record.js');
const { reportOf } = require('../support/openapi/report.js');
const { startByteServer, answer, FIN } = require('../support/servers/byte-server.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

// Where OPENROUTER_OPENAPI names the API's OpenAPI file, Jest checks all requests of the tests against it. This file proves with a
// small sample that the check can fail.

const SAMPLE = `
openapi: 3.1.0
paths:
  /things:
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 0, exclusiveMinimum: true } }
        - { name: kinds, in: query, schema: { type: array, items: { enum: [a, b] } } }
        - { name: owner, in: query, required: true, schema: { type: string } }
    post:
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
  /things/{id}:
    delete: {}
  /things/mine:
    get: {}
  /other:
    post:
      requestBody: { $ref: '#/components/requestBodies/Other' }
components:
  requestBodies:
    Other: { content: { application/json: { schema: { anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] } } } }
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties: { name: { type: string }, kind: { enum: [a, b] } }
`;

let folder;
let check;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openapi-test-'));
  fs.writeFileSync(path.join(folder, 'sample.yaml'), SAMPLE);
  check = OpenApiCheck.of(path.join(folder, 'sample.yaml'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const request = (method, url, body, type = 'application/json') => ({ method, url: `/api/v1${url}`, type, body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body), test: '' });

test.each([
  [request('GET', '/things?owner=me&limit=5&kinds=a,b')],
  [request('POST', '/things', { name: 'x', kind: 'a', emulator: { status: 500 } }, 'application/json; charset=utf-8')],
  [request('DELETE', '/things/5')],
  [request('GET', '/things/mine')],
  [request('POST', '/other', { name: 'x' })],
])('a request that is in the file has no problems: %j', (given) => {
  expect(check.problemsOf(given)).toEqual([]);
});

test.each([
  [request('GET', '/nothing'), 'GET /nothing: no such path'],
  [request('PUT', '/things'), 'PUT /things: no such method'],
  [request('GET', '/things'), 'GET /things: the query parameter owner is missing'],
  [request('GET', '/things?owner=me&limt=5'), 'GET /things: no query parameter limt'],
  [request('GET', '/things?owner=me&limit=0'), 'GET /things: the query parameter limit must be > 0'],
  [request('GET', '/things?owner=me&limit=many'), 'GET /things: the query parameter limit must be integer'],
  [request('GET', '/things?owner=me&kinds=c'), 'GET /things: the query parameter kinds must be equal to one of the allowed values'],
  [request('POST', '/things'), 'POST /things: the body is missing'],
  [request('POST', '/things', 'no JSON'), 'POST /things: the body is no JSON'],
  [request('POST', '/things', 'x', 'text/plain'), 'POST /things: takes no body of the type text/plain'],
  [request('POST', '/things', {}), "POST /things: the body must have required property 'name'"],
  [request('POST', '/things', { name: 5 }), 'POST /things: /name must be string'],
  [request('POST', '/things', { name: 'x', kind: 'c' }), 'POST /things: /kind must be equal to one of the allowed values (a, b)'],
  [request('POST', '/things', { name: 'x', nam: 1 }), 'POST /things: the body must NOT have additional properties (nam)'],
  [request('DELETE', '/things/5', {}), 'DELETE /things/{id}: takes no body'],
  [request('POST', '/other', { name: 5 }), 'POST /other: /name must be string'],
])('%j is reported', (given, problem) => {
  expect(check.problemsOf(given)).toContain(problem);
});

test('the report names each problem once with its files, and what is excepted or goes elsewhere does not fail', () => {
  const wrong = { ...request('GET', '/nothing'), test: path.join(__dirname, 'openapi.test.js') };
  const { text, hasFailed } = reportOf(check, [wrong, wrong, { ...wrong, url: '/elsewhere' }], []);
  expect(hasFailed).toBe(true);
  expect(text).toBe(`Requests that are not in the OpenAPI file:
  GET /nothing: no such path
    in __test__/repo/openapi.test.js (2)
OpenAPI: 2 requests checked, 1 problems; 0 that are known, 1 requests to other addresses.`);
  expect(reportOf(check, [wrong], [{ problem: /nothing/, file: /openapi/, why: 'x' }]).hasFailed).toBe(false);
  expect(reportOf(check, [wrong], [{ problem: /nothing/, file: /other/, why: 'x' }]).hasFailed).toBe(true);
});

test('requests to servers of the tests are recorded with their bodies, and arrive as they were sent', async () => {
  const file = path.join(folder, 'requests.jsonl');
  const stop = recordServers(file);
  const server = await startRecordingServer((_request, response) => response.end('{"ok":true}'));
  try {
    const client = new OpenRouterClient('sk-or-v1-openapi', { baseURL: `${server.url}/api/v1` });
    const body = { name: 'x'.repeat(200_000) };
    await client.request('POST', '/things', { body });
    expect(JSON.parse(server.requests[0].body)).toEqual(body);
    const [line] = fs.readFileSync(file, 'utf8').trim().split('\n').map((text) => JSON.parse(text));
    expect(line).toMatchObject({ method: 'POST', url: '/api/v1/things', type: 'application/json', body: JSON.stringify(body) });
    expect(line.test).toMatch(/openapi\.test\.js$/);
  } finally {
    stop();
    await server.close();
  }
});

test('a server that reads raw bytes records its requests, too', async () => {
  const file = path.join(folder, 'raw.jsonl');
  const before = process.env[VARIABLE];
  process.env[VARIABLE] = file;
  const server = await startByteServer(() => [answer(200, '{}'), FIN]);
  try {
    await new OpenRouterClient('sk-or-v1-openapi', { baseURL: server.baseURL }).request('POST', '/things', { body: { name: 'x' } });
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ method: 'POST', url: '/api/v1/things', body: '{"name":"x"}' });
  } finally {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
    await server.close();
  }
});
