'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const OpenAI = require('openai');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const KEY = 'sk-or-v1-limit-librechat-shown';
const MODEL = 'openai/gpt-5-mini';

let emulator;
let restore;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => restore());
afterAll(() => emulator.close());

/**
 * What LibreChat's browser shows for the message of an error: `AgentClient` (`api/server/controllers/agents/client.js`, v0.8.8)
 * puts a sentence before it, and `client/src/components/Messages/Content/Error.tsx` shows the first object in it by its type.
 */
function shownBy(message) {
  const text = `An error occurred while processing the request: ${message}`;
  const start = text.indexOf('{');
  if (start < 0) return { raw: text };
  let open = 0;
  const end = [...text.slice(start)].findIndex((letter) => {
    open += { '{': 1, '}': -1 }[letter] ?? 0;
    return open === 0;
  });
  const { type, info } = JSON.parse(text.slice(start, start + end + 1));
  const TEXTS = { google_error: info, INPUT_LENGTH: `The latest message token count is too long […] ${info}`, moderation: '(the text about moderation in the language of the user)' };
  return { type, text: TEXTS[type] };
}

/** Makes one request under `configureAgents`, or with the stock fetch, which fails with a status. */
function failing(directives, { native = true, options, Class = ChatOpenAI } = {}) {
  const llmConfig = { model: MODEL, apiKey: KEY, maxRetries: 0, streaming: true, modelKwargs: { emulator: directives } };
  const configOptions = { baseURL: emulator.baseURL };
  if (native) configureAgents({ llmConfig, configOptions }, options);
  if (Class === OpenAI) {
    const client = new OpenAI({ apiKey: KEY, maxRetries: 0, ...configOptions });
    return failureOf(() => client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], ...llmConfig.modelKwargs }));
  }
  return failureOf(() => new ChatOpenAI({ ...llmConfig, configuration: configOptions }).stream('Hi'));
}

const SHOWN = [
  ['credits', { status: 402 }, 'google_error', /^Insufficient credits.*OpenRouter account.*https:\/\/openrouter\.ai\/settings\/credits$/],
  ['credits that pass by themselves', { status: 402, kind: 'in-flight', retryAfter: 90 }, 'google_error', /^OpenRouter: The requests that are running.*Try again in 2 minutes\.$/],
  ['the limit of the key', { status: 402, kind: 'key-limit' }, 'google_error', /^OpenRouter: Key limit exceeded.*settings\/keys$/],
  ['the key', { status: 401 }, 'google_error', /^OpenRouter does not accept the API key.*settings\/keys$/],
  ['a rate limit', { status: 429, retryAfter: 5 }, 'google_error', /^OpenRouter: Rate limit exceeded\. Try again in 5 seconds\.$/],
  ['a rate limit of a day', { status: 429, kind: 'daily' }, 'google_error', /free-models-per-day.*Try again in \d+ hours\.$/],
  ['a rate limit without a time', { status: 429, kind: 'bare' }, 'google_error', /Wait a moment, or choose another model\.$/],
  ['moderation', { status: 403, kind: 'moderation' }, 'moderation', /language of the user/],
  ['zero data retention', { status: 404, kind: 'data-policy' }, 'google_error', /Zero data retention.*settings\/privacy.*Choose a model/],
  ['no endpoint', { status: 404, kind: 'tools' }, 'google_error', /support tool use.*Choose another model\.$/],
  ['too long a prompt', { status: 400, kind: 'context' }, 'INPUT_LENGTH', /maximum context length is 8192 tokens/],
  ['a provider', { status: 502, kind: 'raw-json' }, 'google_error', /Overloaded.*Try again, or choose another model\.$/],
  ['a page of a gateway', { status: 502, kind: 'html' }, 'google_error', /502: Bad gateway.*Try again, or choose another model\.$/],
  ['an echo of the key', { status: 502, kind: 'echo-key' }, 'google_error', /REDACTED/],
  ['braces', { status: 400, message: 'tools.0: expected } and {' }, 'google_error', /^OpenRouter: tools\.0: expected \) and \($/],
];

describe("LibreChat's browser shows what happened and what helps, for an error about", () => {
  test.each(SHOWN)('%s', async (_, directives, type, text) => {
    const error = await failing(directives);
    const shown = shownBy(error.message);
    expect(shown).toEqual({ type, text: expect.stringMatching(text) });
    expect(shown.text).not.toMatch(/sk-or|\bat \S+:\d+|\[object/);
  });
});

describe('the SDKs see the same error as with the stock fetch', () => {
  test.each(SHOWN)('about %s', async (_, directives) => {
    for (const Class of [ChatOpenAI, OpenAI]) {
      const [theirs, ours] = [await failing(directives, { Class, native: false }), await failing(directives, { Class, options: { maxWait: Infinity } })];
      const factsOf = ({ name, status, code, lc_error_code: lc, constructor, error }) => ({ name, status, code, lc, class: constructor.name, metadata: typeof error?.metadata });
      expect(factsOf(ours)).toEqual(factsOf(theirs));
    }
  });
});

test('readableErrors: false, and an errorMessage of the caller, leave the choice to the caller', async () => {
  expect((await failing({ status: 402 }, { options: { readableErrors: false } })).message).toMatch(/^402 Insufficient credits\. Add more/);
  expect((await failing({ status: 402 }, { options: { errorMessage: ({ code }) => `mine: ${code}` } })).message).toBe('402 mine: insufficient_credits');
});
