'use strict';

// The programs of the pages beside the README. Those of a page for people who come from another SDK
// run; all type-check under strict settings, beside stand-ins for what belongs to the reader's application.
const fs = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { install } = require('../support/installed.js');
const { programsOf } = require('../support/markdown.js');
const { ROOT, runNode } = require('../support/process.js');
const { typeErrors } = require('../support/typescript.js');

const docs = fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const programs = [...docs, 'SECURITY.md', 'CONTRIBUTING.md', 'examples/README.md'].flatMap((page) => programsOf(page));

/** What the programs that run must print, and the end of a program that is only a part of one. */
const RUN = {
  'docs/from-openai.md: Keep your code': {
    after: `
      const { choices } = await openai.chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
      console.log(choices[0]?.message.content);`,
    shows: /^cost 0\.0\d+\n\S.{20,}\n$/s,
  },
  'docs/from-openai.md: Use the client': { shows: /^(\S.{20,})\1openai\/gpt-5-mini 0\.0\d+\n$/s },
  'docs/from-openrouter-sdk.md: Keep your code': {
    after: `
      const answer = await openRouter.chat.send({ chatRequest: { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] } });
      if ('choices' in answer) console.log(answer.choices[0]?.message.content);`,
    shows: /^cost 0\.0\d+\n\S.{20,}\n$/s,
  },
  'docs/from-openrouter-sdk.md: Use the client': { shows: /^(\S.{20,})\1openai\/gpt-5-mini 0\.0\d+\n$/s },
  'docs/api.md: ': { shows: /^\S.{20,} 0\.0\d+\nFloat32Array\(\d+\) \[[^]+\]\n$/s },
  'docs/helpers.md: Tools': { shows: /^\S.{20,}4 \d+ 0\.0\d+ \w+\n$/s },
  "docs/other-sdks.md: Vercel's AI SDK": { shows: /^\S.{20,}$/s },
  'docs/librechat-billing.md: The hook': { shows: /^ada chat complete openai\/gpt-5-mini 0\.0\d+\n$/ },
  'docs/other-sdks.md: Express': { after: "console.log(typeof app);", shows: /^function\n$/ },
  'docs/other-sdks.md: LangChain': { shows: /^\S.{20,}\n\S.{20,}\n$/s },
};

/** What a program that uses a client without making one goes on from. */
const CLIENT = "import { OpenRouterClient } from 'openrouter-native';\nconst client = new OpenRouterClient();";

/** What stands before and after a program in the application whose part it is, by page and section. */
const CONTEXT = {
  'docs/librechat.md: The agents: one line': {
    mts: { before: 'declare const useOpenRouter: boolean, userProvidesURL: boolean, endpoint: string, baseURL: string, options: object, llmConfig: { model: string }, configOptions: { baseURL: string };' },
    cjs: { before: '/** @param {object} clientOptions */ function initialize(clientOptions) {', after: '}' },
  },
  'docs/librechat.md: The interface': { cjs: { before: "const app = require('express')();" } },
  'docs/librechat-billing.md: The recorder': { cjs: { before: '/** @type {any} */ const methods = {}, logger = console, seedDatabase = () => {};' } },
};
/** Modules of the reader's application. */
const MODULES = `
  declare module '@librechat/agents' { export const registerProvider: (provider: object) => void; }
  declare module '@librechat/data-schemas' { export const logger: Console; }
  declare module 'librechat-data-provider' {
    export interface TConversation { endpoint?: string | null; model?: string | null; zdr?: boolean; models?: string[] }
    export const EModelEndpoint: any, getResponseSender: any;
    export function getTokenHeader(): string | undefined;
  }
  declare module 'react' {
    export function createElement(type: string, props: object | null, ...children: unknown[]): object;
    export function useEffect(effect: () => (() => void) | undefined, dependencies: unknown[]): void;
    export function useRef<T>(value: T): { current: T };
    export function useRef<T>(value: T | null): { readonly current: T | null };
  }
  declare module '~/*';`;
const FILES = { 'BaseClient.js': 'module.exports = class BaseClient {};', 'prompts.js': 'module.exports = { formatMessage() {}, truncateText: String, titleInstruction: "" };' };

const named = programs.map((program, index) => {
  const id = `${program.page}: ${program.section}`;
  return { ...program, ...RUN[id], id, name: `page-${index}.${program.ending}` };
});
const running = named.filter(({ shows }) => shows);

let emulator;
let installed;
beforeAll(async () => {
  emulator = await startEmulator();
  installed = await install();
  installed.link('@types', 'undici-types', 'openai', '@openrouter', '@langchain', 'ai', 'express', 'zod');
  const write = (name, text) => fs.writeFileSync(path.join(installed.folder, name), text);
  for (const { id, name, ending, code, after = '' } of named) {
    const isPart = ending === 'mjs' && /\bclient\./.test(code) && !/\bclient =/.test(code);
    const here = code
      .replaceAll('https://openrouter.ai/api/v1', emulator.baseURL)
      .replace('createOpenRouter({', `createOpenRouter({ baseURL: '${emulator.baseURL}',`);
    write(name, [isPart ? CLIENT : '', CONTEXT[id]?.[ending]?.before ?? '', here, CONTEXT[id]?.[ending]?.after ?? after].join('\n'));
  }
  for (const [name, text] of Object.entries({ ...FILES, 'modules.d.ts': MODULES })) write(name, text);
}, 180_000);
afterEach(() => emulator.reset());
afterAll(async () => {
  await emulator?.close();
  installed?.remove();
});

test('each program that is to run is in a page', () => {
  expect(running.map(({ id }) => id).sort()).toEqual(Object.keys(RUN).sort());
});

test.each(running)('$id: the program runs and does what it says', async ({ name, shows }) => {
  const env = { OPENROUTER_API_KEY: 'sk-or-v1-pages', OPENROUTER_BASE_URL: emulator.baseURL, NO_COLOR: '1' };
  const { code, stdout, stderr } = await runNode([name], { cwd: installed.folder, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(shows);
});

test('what the pages say about the streams of other SDKs is so', async () => {
  const program = `
    import OpenAI from 'openai';
    import { OpenRouter } from '@openrouter/sdk';
    const params = (directives) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi\\n/emulate ' + directives }], stream: true });
    const openai = new OpenAI({ baseURL: process.env.OPENROUTER_BASE_URL, apiKey: process.env.OPENROUTER_API_KEY });
    const openRouter = new OpenRouter({ apiKey: process.env.OPENROUTER_API_KEY });
    const chunksOf = async (stream) => {
      const chunks = [];
      for await (const chunk of await stream) chunks.push(chunk);
      return chunks;
    };
    const [cut, cutToo, finish, error] = [
      await chunksOf(openai.chat.completions.create(params('cut=3 cut-how=clean'))),
      await chunksOf(openRouter.chat.send({ chatRequest: params('cut=3 cut-how=clean') })),
      await chunksOf(openai.chat.completions.create(params('error-at=3 error-shape=finish'))),
      await chunksOf(openRouter.chat.send({ chatRequest: params('error-at=3') })),
    ];
    console.log(JSON.stringify({
      finishReasonsOfCutStreams: [...cut.map(({ choices }) => choices[0].finish_reason), ...cutToo.map(({ choices }) => choices[0].finishReason)].filter(Boolean),
      lastFinishReason: finish.at(-1).choices[0].finish_reason,
      errorInChunk: error.at(-1).error.message,
      hasProvider: error.some((chunk) => 'provider' in chunk),
    }));`;
  fs.writeFileSync(path.join(installed.folder, 'others.mjs'), program);
  const env = { OPENROUTER_API_KEY: 'sk-or-v1-pages', OPENROUTER_BASE_URL: emulator.baseURL };
  const { code, stdout, stderr } = await runNode(['others.mjs'], { cwd: installed.folder, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ finishReasonsOfCutStreams: [], lastFinishReason: 'error', errorInChunk: 'Provider returned error', hasProvider: false });
});

test('all programs type-check under strict settings, as JavaScript with checkJs', () => {
  expect(typeErrors(installed.folder, [...named.map(({ name }) => name), 'modules.d.ts'])).toEqual([]);
}, 120_000);
