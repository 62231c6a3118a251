'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { ROOT, runNode } = require('../support/process');

const FOLDER = path.join(ROOT, 'examples');
const files = fs.readdirSync(FOLDER).filter((name) => /\.[cm]?js$/.test(name));

const CHAT = [/\S+\/\S+ of \w.*, chosen by openrouter\/auto\n\d+ tokens in, \d+ out, for \$0\.0\d+\n\$9\.9\d+ left \(green\)\n$/];

/** What the output of each example must match. */
const EXPECTED = {
  'run-tools.mjs': [/^get_weather: \{/m, /^May book_table run with \{"city":"[^"]+","guests":2\}\? Yes\.$/m, /^book_table: "A table for 2 in/m, /2 steps, \d+ tokens, 0\.0\d+ USD, ended by stop\n$/],
  'parse.mjs': [/^… /, /ingredients: \[/, /\d+ ingredients for 0\.0\d+ USD\n$/],
  'session.mjs': [/^(\S.*) answered; \d+ of \d+ tokens came from its cache\n(\1 answered; .*\n){2}$/],
  'budget.mjs': [/^A chat is expected to cost 0\.0\d+ USD, and at most 0\.0\d+ USD\n/, /^\d+ of 20 chats at the same time were sent, \d+ did not fit$/m, /of 0\.005 USD are spent, 0 are reserved\n$/],
  'ai-sdk.mjs': [/openai\/gpt-5-mini answered, for 0\.0\d+ USD\n$/],
  'langchain-agent.mjs': [/name: 'get_weather'/, /tool: Sunny in/, /openai\/gpt-5-mini answered, for 0\.0\d+ USD\n$/],
  'librechat.js': [/Title: \S/, /Models: \d+/, /Left: \$9\.\d+/, /Agents on this engine: true/],
  'openai-sdk.mjs': [/\d+ tokens, 0\.0\d+ USD\n$/],
  'chat.mjs': CHAT,
  'chat.js': CHAT,
  'express.js': [/^Listening on http:\/\/127\.0\.0\.1:\d+\/api\/openrouter\n/, /data: \[DONE\]\n\n/, /Credits: \{\n[^}]*level: 'green',\n\s+low: false\n\}\n$/],
  'node-http.js': [/^Listening on http:\/\/127\.0\.0\.1:\d+\/api\/openrouter\n/, /data: \[DONE\]\n\n/, /\S+\/\S+ by \w.* answered, for 0\.0\d+ USD\n$/],
  'hono.mjs': [/^Listening on http:\/\/127\.0\.0\.1:\d+\/api\/openrouter\n/, /data: \[DONE\]\n\n/, /Providers: \d+\n$/],
  'next-route.mjs': [/data: \[DONE\]\n\n/, /Credits: green\n$/],
  'opentelemetry.js': [/^chat openai\/gpt-5-mini \{/, /gen_ai/],
};

test('each example has an expected output', () => expect(files.toSorted()).toEqual(Object.keys(EXPECTED).toSorted()));

test('each example is in the table of the README, and nothing else is', () => {
  const listed = fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8').match(/^\| \[[\w.-]+\]/gm).map((cell) => cell.slice(3, -1));
  expect(listed.sort()).toEqual(files.toSorted());
});

test.each(files)('%s runs on the emulator, prints its answer, nothing on stderr, and ends by itself', async (name) => {
  const { code, stdout, stderr } = await runNode([path.join(FOLDER, name)], { env: { NO_COLOR: '1' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const pattern of EXPECTED[name]) expect(stdout).toMatch(pattern);
  expect(stdout).not.toMatch(/undefined|\bNaN\b|\[object/);
});

test.each(['chat.js', 'express.js'])('%s fails for an invalid key with a sentence that does not show the key', async (name) => {
  const emulator = await startEmulator({ key: 'sk-or-v1-the-only-one' });
  try {
    const env = { OPENROUTER_API_KEY: 'sk-or-v1-canary-0123456789', OPENROUTER_BASE_URL: emulator.baseURL };
    const { stdout, stderr } = await runNode([path.join(FOLDER, name), ...(name === 'express.js' ? ['--once'] : [])], { env });
    expect(`${stdout}${stderr}`).toMatch(/Invalid OpenRouter API key\. Please check your OPENROUTER_API_KEY\./);
    expect(`${stdout}${stderr}`).not.toMatch(/canary|\n\s+at /);
  } finally {
    await emulator.close();
  }
});
