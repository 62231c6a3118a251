'use strict';

// Programs with SDKs, whose code does not name this package, under `openrouter-native/register`. Their chats, streamed or not,
// carry the privacy setting of the environment, and go through the engine.
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { ROOT } = require('../support/process.js');
const { PROGRAMS, providersOf, runUnder } = require('./support/register.js');

const OLDER = path.join(ROOT, '__test__', 'sdk', 'older');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterEach(() => emulator.clear());
afterAll(() => emulator.close());

const OPENAI = `
  const openai = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'sk-or-v1-register' });
  const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };
  const { choices } = await openai.chat.completions.create(request);
  let streamed = '';
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) streamed += chunk.choices[0]?.delta.content ?? '';
  console.log(choices[0].message.content.length > 0, streamed.length > 0);`;
const AI = `
  import { createOpenRouter } from '@openrouter/ai-sdk-provider';
  import { generateText, streamText } from 'ai';
  const model = createOpenRouter({ baseURL: process.env.BASE_URL, apiKey: 'sk-or-v1-register' })('openai/gpt-5-mini');
  const { text } = await generateText({ model, prompt: 'Hi' });
  let streamed = '';
  for await (const piece of streamText({ model, prompt: 'Hi' }).textStream) streamed += piece;
  console.log(text.length > 0, streamed.length > 0);`;
const LANGCHAIN = `
  import { ChatOpenAI } from '@langchain/openai';
  const model = new ChatOpenAI({ model: 'openai/gpt-5-mini', apiKey: 'sk-or-v1-register', configuration: { baseURL: process.env.BASE_URL } });
  const { content } = await model.invoke('Hi');
  let streamed = '';
  for await (const chunk of await model.stream('Hi')) streamed += chunk.content;
  console.log(content.length > 0, streamed.length > 0);`;
const OPENROUTER = (request) => `
  import { OpenRouter } from '@openrouter/sdk';
  const openrouter = new OpenRouter({ serverURL: process.env.BASE_URL, apiKey: 'sk-or-v1-register' });
  const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };
  const { choices } = await openrouter.chat.send(${request('request')});
  let streamed = '';
  for await (const chunk of await openrouter.chat.send(${request('{ ...request, stream: true }')})) streamed += chunk.choices[0]?.delta.content ?? '';
  console.log(choices[0].message.content.length > 0, streamed.length > 0);`;
const EXPRESS = `
  import express from 'express';
  import OpenAI from 'openai';
  const app = express().get('/chat', async (request, response) => {
    const openai = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'sk-or-v1-register' });
    const stream = await openai.chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true });
    for await (const chunk of stream) response.write(chunk.choices[0]?.delta.content ?? '');
    response.end();
  });
  const server = app.listen(0, '127.0.0.1', async () => {
    const ask = async () => (await (await fetch('http://127.0.0.1:' + server.address().port + '/chat')).text()).length > 0;
    console.log(await ask(), await ask());
    server.close();
    server.closeAllConnections();
  });`;

test.each([
  ['openai 4', PROGRAMS, `import OpenAI from 'openai';${OPENAI}`],
  ['openai 5', OLDER, `import OpenAI from 'openai5';${OPENAI}`],
  ['openai 6', OLDER, `import OpenAI from 'openai';${OPENAI}`],
  ['openai 7', ROOT, `import OpenAI from 'openai';${OPENAI}`],
  ['ai 6', OLDER, AI],
  ['ai 7', ROOT, AI],
  ["LangChain's ChatOpenAI", ROOT, LANGCHAIN],
  ['@openrouter/sdk 0.3', OLDER, OPENROUTER((request) => request)],
  ['@openrouter/sdk 1', ROOT, OPENROUTER((request) => `{ chatRequest: ${request} }`)],
  ['an Express server with openai', ROOT, EXPRESS],
])('%s', async (_, cwd, text) => {
  const { stdout, stderr } = await runUnder(emulator, ['--input-type=module', '-e', text], { cwd });
  expect({ stdout, stderr }).toEqual({ stdout: 'true true\n', stderr: '' });
  expect(providersOf(emulator)).toEqual([{ zdr: true }, { zdr: true }]);
});
