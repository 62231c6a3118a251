'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { run } = require('../support/command.js');

const SCHEMA = { type: 'object', properties: { name: { type: 'string' }, year: { type: 'integer' } }, required: ['name', 'year'] };

let emulator;
let env;
let folder;
beforeAll(async () => {
  emulator = await startEmulator();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'schema-'));
});
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
  return emulator.close();
});

function file(content) {
  const name = path.join(folder, 'schema.json');
  fs.writeFileSync(name, content);
  return name;
}
const chat = (...args) => run(['chat', '-m', 'openai/gpt-5-mini', '--schema', file(JSON.stringify(SCHEMA)), ...args], { env });

test('--schema prints the value that the schema has checked, in one line for a pipe', async () => {
  emulator.script(['{ "name": "Ada",\n "year": 1843 }']);
  expect(await chat('Who?')).toMatchObject({ code: 0, stdout: '{"name":"Ada","year":1843}\n', stderr: '' });
  expect(JSON.parse(emulator.requests[0].rawBody).response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
});

test('--json beside it prints the value with its completion and cost', async () => {
  emulator.script(['{"name":"Ada","year":1843}']);
  const { code, stdout } = await chat('--json', 'Who?');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ value: { name: 'Ada', year: 1843 }, cost: expect.any(Number), completion: { model: 'openai/gpt-5-mini' } });
});

test.each([
  ['does not fit', [{ text: '{"name":"Ada"}' }], '{"name":"Ada"}\n', /^error: The answer does not match the schema: [^\n]*year[^\n]*--repair[^\n]*\n$/],
  ['was cut off', [{ text: '{"name":"A', finish: 'length' }], '{"name":"A\n', /^error: The answer was cut off at the token limit[^\n]*--max-tokens raises it\. ?\n$/],
  ['is a refusal', [{ text: 'I may not.', refusal: true }], '', /^error: The model refused to answer: I may not\. ?\n$/],
])('an answer that %s is an error in one line, and stays on stdout', async (_what, script, stdout, stderr) => {
  emulator.script(script);
  expect(await chat('Who?')).toMatchObject({ code: 1, stdout, stderr: expect.stringMatching(stderr) });
  expect(emulator.requests).toHaveLength(1);
});

test('--repair asks once more', async () => {
  emulator.script(['{"name":"Ada"}', '{"name":"Ada","year":1843}']);
  expect(await chat('--repair', 'Who?')).toMatchObject({ code: 0, stdout: '{"name":"Ada","year":1843}\n' });
  expect(emulator.requests).toHaveLength(2);
});

test.each([
  [() => path.join(folder, 'none.json'), /: it does not exist\.\n$/],
  [() => folder, /: it is a directory\.\n$/],
  [() => file('{ "type": '), /: it is no JSON: [^\n]+\.\n$/],
  [() => file('[]'), /: a JSON Schema is an object, such as \{ "type": "object" \}\.\n$/],
])('a schema that cannot be read is a wrong call: %#', async (make, message) => {
  const shown = await run(['chat', '--schema', make(), 'Hi'], { env });
  expect(shown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(shown.stderr).toMatch(/^error: --schema [^\n]+\n$/);
  expect(emulator.requests).toEqual([]);
});

test('--repair without --schema is a wrong call', async () => {
  expect(await run(['chat', '--repair', 'Hi'], { env })).toMatchObject({ code: 2, stderr: 'error: --repair needs --schema.\n' });
});
