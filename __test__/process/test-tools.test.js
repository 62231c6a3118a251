'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { FIN, startByteServer } = require('../support/servers/byte-server');
const { ROOT } = require('../support/process');
const { SSE_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming');

const run = promisify(execFile);

let server;
let folder;
beforeAll(async () => {
  server = await startByteServer(() => [SSE_HEAD + sse(chunkOf('one'), chunkOf(' two'), finishChunk()), FIN]);
  folder = fs.mkdtempSync(path.join(ROOT, 'target', 'jest-'));
});
afterAll(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

/** The text of a test file for a user of this package: it reads an answer in every way. `setUp` runs at its start. */
const testOf = (setUp) => `
  ${setUp}
  const { OpenRouterClient, createFetch } = require(${JSON.stringify(ROOT)});
  const baseURL = ${JSON.stringify(server.baseURL)};
  const CHAT = { model: 'a/b', messages: [{ role: 'user', content: 'q' }], stream: true };
  const open = (params) => new OpenRouterClient('sk-or-v1-limit-tools', { baseURL }).chatCompletion({ ...CHAT, ...params });
  const ways = {
    finalCompletion: async () => (await (await open()).finalCompletion()).choices[0].message.content,
    onProgress: async () => {
      let text = '';
      const stream = await open({ onProgress: (piece) => { text += piece; } });
      await new Promise((resolve) => { stream.on('end', resolve); });
      return text;
    },
    listener: async () => {
      let text = '';
      const stream = await open();
      stream.on('content', (piece) => { text += piece; });
      await new Promise((resolve) => { stream.on('end', resolve); });
      return text;
    },
    loop: async () => {
      let text = '';
      for await (const piece of (await open()).text()) text += piece;
      return text;
    },
    body: async () => {
      const text = await new Response((await open()).body).text();
      return text.includes('[DONE]') ? 'one two' : text;
    },
    createFetch: async () => {
      const response = await createFetch({ onUsage() {} })(baseURL + '/chat/completions', { method: 'POST', body: JSON.stringify(CHAT) });
      return (await response.text()).includes('[DONE]') ? 'one two' : '';
    },
  };
  for (const [name, way] of Object.entries(ways)) test(name, async () => { expect(await way()).toBe('one two'); }, 20_000);
`;

/** Runs a test file in a Jest of its own. Returns what Jest wrote. */
async function jest(name, text, config = {}, args = []) {
  fs.writeFileSync(path.join(folder, `${name}.test.js`), text);
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ jest: { testEnvironment: 'node', rootDir: folder, ...config } }));
  const bin = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  const { stdout, stderr } = await run(process.execPath, [bin, '--rootDir', folder, '--runInBand', ...args, name], { cwd: folder, timeout: 50_000 })
    .catch((error) => error);
  return `${stdout}${stderr}`;
}

test.each([
  ['that are on everywhere', { fakeTimers: { enableGlobally: true } }, ''],
  ['of the legacy kind', { fakeTimers: { enableGlobally: true, legacyFakeTimers: true } }, ''],
  ['that are turned on after this package was loaded', {}, `require(${JSON.stringify(ROOT)}); jest.useFakeTimers();`],
  ['that replace the functions of node:timers', {}, `
    const timers = require('node:timers');
    const fake = Object.assign(() => {}, { clock: {} });
    const { setImmediate } = timers;
    timers.setImmediate = fake;
    afterAll(() => { timers.setImmediate = setImmediate; });`],
])('fake timers %s stop nothing', async (_which, config, setUp) => {
  const output = await jest('fake', testOf(setUp), config);
  expect(output).toContain('6 passed, 6 total');
});

test('jest --detectOpenHandles reports nothing of this package', async () => {
  const output = await jest('handles', testOf(''), {}, ['--detectOpenHandles']);
  expect(output).toContain('6 passed, 6 total');
  expect(output).not.toContain('open handle');
});
