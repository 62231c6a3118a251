'use strict';

// Every program of the README, in the folder of a project that has installed the package: each runs on every supported Node, and
// all type-check under strict settings. The blocks of one section are one program, and go on from the client of the first program.
const fs = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { install } = require('../support/installed.js');
const { programsOf } = require('../support/markdown.js');
const { NODES } = require('../support/nodes.js');
const { runNode } = require('../support/process.js');
const { typeErrors } = require('../support/typescript.js');

const FIRST = 'Install and first chat';
/** What the first program has made, and the others use. */
const CLIENT = "import { OpenRouterClient } from 'openrouter-native';\nconst client = new OpenRouterClient();\n";

/**
 * What the program of each section must print. `before` and `after`: the application around a program that is only a part of
 * one. `files`: the files that a program reads. `key` and `complains`: a key of the emulator that makes it fail, and what the
 * program then writes to stderr.
 */
const SECTIONS = {
  'Streaming': { shows: /^\S[^]+\w+\/\S+ \{[^]+prompt_tokens[^]+\} 0\.0\d+ \d+(\.\d+)?\n\S.{20,}\n$/s },
  'Tools': { shows: /^\S.{20,} \d+ 0\.0\d+\n$/s },
  'Structured output': { shows: /^\{ name: '.+', year: \d+ \}\n$/ },
  'Images and files': { shows: /^\S.{20,}\n$/s, files: { 'car.jpg': 'a photo', 'invoice.pdf': 'an invoice' } },
  'The whole API': { shows: /^\S.{20,}0\.0\d+ Float32Array\(\d+\) \[[^]+\]\n$/s },
  'Routing and fallbacks': { shows: /^anthropic\/claude-sonnet-4\.5 \w.* first attempt\n$/ },
  'Privacy': { shows: /^\S.*\nrefuse \S.+\n$/ },
  'Credits and cost': { shows: /^green\n\{[^]*contextLength: \d+[^]*maxOutput[^]*promptPrice[^]*completionPrice[^]*free[^]*capabilities[^]*\}\n\{\s+min: [^]*max: 0\.0\d+[^]*\}\n0\.0\d+ 0\.99\d+\n$/ },
  'Errors': { shows: /^$/, key: 'sk-or-v1-broke', complains: /^insufficient_credits Insufficient credits\. .+ undefined undefined\n$/ },
  'Under other SDKs': {
    shows: /^\S.{20,}\n0\.0\d+\n\S[^]+\n\d+\n$/,
    after: `
      openai.baseURL = String(process.env['OPENROUTER_BASE_URL']);
      const answer = await openai.chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
      console.log(answer.choices[0]?.message.content);
      const server = app.listen(0, '127.0.0.1');
      await new Promise((resolve) => { server.on('listening', resolve); });
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const models = await fetch('http://127.0.0.1:' + port + '/api/openrouter/models', { headers: { 'X-User': 'me' } });
      console.log((await models.json()).data.length);
      server.close();
      server.closeAllConnections();`,
  },
  'LibreChat': {
    shows: /^function true \d+\n$/,
    before: `
      const llmConfig = {};
      const configOptions = { baseURL: process.env['OPENROUTER_BASE_URL'] };
      class BaseClient {}`,
    after: `
      const client = new module.exports(process.env['OPENROUTER_API_KEY'], { modelOptions: { model: 'openai/gpt-5-mini' } });
      client.getModels().then((models) => console.log(typeof Object(configOptions).fetch, client instanceof BaseClient, models.length));`,
  },
  'The emulator': { shows: /^Hello 1\n$/ },
};

const programs = programsOf('README.md')
  .filter(({ section }) => section !== FIRST)
  .map((program, index) => ({ ...program, ...SECTIONS[program.section], name: `program-${index}.${program.ending}` }));

let emulator;
let installed;
beforeAll(async () => {
  emulator = await startEmulator();
  installed = await install();
  installed.link('@types', 'undici-types', 'openai', 'express', '@langchain');
  for (const { name, before, after, ending, code, files = {} } of programs) {
    const text = [before ?? (ending === 'mjs' ? CLIENT : ''), code, after ?? ''].join('\n');
    for (const [file, content] of Object.entries({ ...files, [name]: text })) fs.writeFileSync(path.join(installed.folder, file), content);
  }
}, 180_000);
afterEach(() => emulator.reset());
afterAll(async () => {
  await emulator?.close();
  installed?.remove();
});

test('each section with a program is in the list of this test, and has one program', () => {
  expect(programs.map(({ section }) => section)).toEqual(Object.keys(SECTIONS));
});

describe.each(NODES)('Node $version', ({ command }) => {
  let node;
  beforeAll(() => { node = command(); }, 120_000);

  test.each(programs)('$section: the program runs and does what it says', async ({ name, shows, key = 'sk-or-v1-limit-readme', complains = /^$/ }) => {
    const env = { OPENROUTER_API_KEY: key, OPENROUTER_BASE_URL: emulator.baseURL, NO_COLOR: '1' };
    const { code, stdout, stderr } = await runNode([name], { cwd: installed.folder, env, command: node });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(complains) });
    expect(stdout).toMatch(shows);
  });
});

test('the checker below does complain', () => {
  fs.writeFileSync(path.join(installed.folder, 'wrong.mjs'), `${CLIENT}client.chatCompletion({ messages: 'Hi' });`);
  expect(typeErrors(installed.folder, ['wrong.mjs']).join()).toMatch(/^wrong\.mjs:3: /);
}, 120_000);

test('all programs type-check under strict settings, as JavaScript with checkJs', () => {
  expect(typeErrors(installed.folder, programs.map(({ name }) => name))).toEqual([]);
}, 120_000);
