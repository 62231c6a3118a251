'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { factsOf, onBoth } = require('./support/both-fetches');
const { failureOf } = require('../support/outcomes');
const { closedPort } = require('../support/closed-port');
const { essenceOf, startRecordingServer } = require('../support/servers/recording-server');
const { inChild } = require('../support/streaming');

const { createFetch } = require('../..');

/** The major versions of the SDK that people use: the newest one, and those in the folder `older`. */
const VERSIONS = [require.resolve('openai'), ...['openai', 'openai5'].map((name) => path.join(__dirname, 'older', 'node_modules', name, 'index.js'))]
  .map((file) => [require(path.join(path.dirname(file), 'package.json')).version, file]);

const KEY = 'sk-or-v1-limit-sdk-openai';
const messages = [{ role: 'user', content: 'Tell me about bees' }];
const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];

let emulator;

beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });

afterAll(() => emulator.close());

// The SDK writes events that it cannot parse to console.error.
beforeEach(() => { jest.spyOn(console, 'error').mockImplementation(() => {}); });
afterEach(() => { jest.restoreAllMocks(); });

const ask = (client, params = {}, options = {}) => client.chat.completions.create({ model: 'openai/gpt-5-mini', messages, ...params }, options);

async function allOf(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

describe.each(VERSIONS)('version %s', (_, file) => {
  const { OpenAI, toFile } = require(file);
  const sdk = (fetch, options = {}) => new OpenAI({ apiKey: KEY, baseURL: emulator.baseURL, maxRetries: 0, fetch, ...options });

  describe("OpenAI's SDK has the same outcome over both fetches for", () => {
    test('a completion', async () => {
      const { result } = await onBoth(emulator, (fetch) => ask(sdk(fetch)));
      expect(result.choices[0].message.content.length).toBeGreaterThan(0);
    });

    test('a stream, chunk by chunk', async () => {
      const { result } = await onBoth(emulator, async (fetch) => allOf(await ask(sdk(fetch), { stream: true, stream_options: { include_usage: true } })));
      expect(result.length).toBeGreaterThan(3);
      expect(result.at(-1).usage.total_tokens).toBeGreaterThan(0);
    });

    test.each([{ eol: 'crlf' }, { split: 1 }, { encoding: 'gzip' }, { commentsEvery: 1 }])('a stream with %j', async (directives) => {
      const { result } = await onBoth(emulator, async (fetch) => allOf(await ask(sdk(fetch), { stream: true, emulator: directives })));
      expect(result.length).toBeGreaterThan(3);
    });

    test('tool calls: in a completion, in a stream, and run by the SDK', async () => {
      const whole = await onBoth(emulator, (fetch) => ask(sdk(fetch), { tools }));
      expect(whole.result.choices[0].message.tool_calls[0].function.name).toBe('get_weather');
      const streamed = await onBoth(emulator, (fetch) => sdk(fetch).chat.completions.stream({ model: 'openai/gpt-5-mini', messages, tools }).finalChatCompletion());
      expect(streamed.result.choices[0].message.tool_calls[0].function.arguments).toBe(whole.result.choices[0].message.tool_calls[0].function.arguments);
      const run = await onBoth(emulator, (fetch) => sdk(fetch).chat.completions
        .runTools({ model: 'openai/gpt-5-mini', messages, stream: true, tools: [{ ...tools[0], function: { ...tools[0].function, parse: JSON.parse, function: () => 'sunny' } }] })
        .finalContent());
      expect(run.requests).toHaveLength(2);
      expect(run.result.length).toBeGreaterThan(0);
    });

    test.each([400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 529])('the error for %i', async (status) => {
      const { result, requests } = await onBoth(emulator, (fetch) => ask(sdk(fetch), { emulator: { status } }));
      expect(result.failed.status).toBe(status);
      expect(requests).toHaveLength(1);
    });

    test.each([{ errorAt: 2 }, { errorAt: 0, errorCode: 429 }, { cut: 2, cutHow: 'half-chunk' }, { garbage: 2 }])('a stream that fails with %j', async (directives) => {
      const { result } = await onBoth(emulator, async (fetch) => {
        const seen = [];
        const failure = await failureOf(async () => {
          for await (const chunk of await ask(sdk(fetch), { stream: true, emulator: directives })) seen.push(chunk);
        });
        return { seen, failure: factsOf(failure) };
      });
      expect(result.failure.name).toMatch(/Error$/);
    });

    test('retries, which only the SDK makes', async () => {
      const { requests, result } = await onBoth(emulator, (fetch) => ask(sdk(fetch, { maxRetries: 1 }), { emulator: { status: 503, times: 1, id: 'retry' } }));
      expect(requests).toHaveLength(2);
      expect(result.object).toBe('chat.completion');
      const dropped = await onBoth(emulator, (fetch) => ask(sdk(fetch, { maxRetries: 1 }), { emulator: { drop: 'fin' } }));
      expect(dropped.requests).toHaveLength(2);
      expect(dropped.result.failed).toMatchObject({ kind: 'APIConnectionError', message: 'Connection error.' });
    });

    test('lists, headers and URLs of responses', async () => {
      const { result } = await onBoth(emulator, async (fetch) => {
        const { data, response, request_id: id } = await sdk(fetch).models.list().withResponse();
        const chat = await ask(sdk(fetch), { stream: true }).asResponse();
        await chat.body.cancel();
        return { ids: data.data.map((model) => model.id), url: response.url, type: response.headers.get('content-type'), id, chat: [chat.url, chat.status, chat.ok] };
      });
      expect(result.ids.length).toBeGreaterThan(3);
      expect(result.url).toBe('http://emulator/api/v1/models');
    });

    test('a stream split by tee, and one turned into a web stream', async () => {
      const { result } = await onBoth(emulator, async (fetch) => {
        const [left, right] = (await ask(sdk(fetch), { stream: true })).tee();
        const web = (await ask(sdk(fetch), { stream: true })).toReadableStream();
        return [await allOf(left), await allOf(right), await new Response(web).text()];
      });
      expect(result[0]).toEqual(result[1]);
    });

    test('a timeout of the SDK, which closes the request', async () => {
      // Runs in a process of its own, because the SDK recognises errors only from its own realm.
      const { result, trouble } = await inChild(async ({ createFetch: create }, { baseURL, apiKey, module }) => {
        const { OpenAI: Sdk } = require(module);
        return Promise.all([globalThis.fetch, create()].map((fetch) => new Sdk({ apiKey, baseURL, fetch, maxRetries: 0, timeout: 1000 })
          .chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { delay: 60_000 } })
          .catch((error) => [error.constructor.name, error.message])));
      }, { baseURL: emulator.baseURL, apiKey: `${KEY}-timeout`, module: file });
      expect(result).toEqual(Array(2).fill(['APIConnectionTimeoutError', 'Request timed out.']));
      expect(trouble).toEqual([]);
      const records = emulator.requests.filter(({ headers }) => headers.authorization.endsWith('-timeout'));
      expect(await Promise.all(records.map(async ({ closed }) => (await closed).by))).toEqual(['client', 'client']);
    });

    test('an abort before the answer, and one in mid-stream', async () => {
      const { result, ends } = await onBoth(emulator, async (fetch) => {
        const before = new AbortController();
        const pending = failureOf(ask(sdk(fetch), { emulator: { delay: 60_000 } }, { signal: before.signal }));
        await emulator.waitForRequest();
        before.abort();
        const during = new AbortController();
        const stream = await ask(sdk(fetch), { stream: true, emulator: { stall: 2 } }, { signal: during.signal });
        let seen = 0;
        const failure = await (async () => {
          for await (const chunk of stream) {
            if (chunk.choices[0].delta.content && (seen += 1) === 2) during.abort();
          }
        })().then(() => 'ended', factsOf);
        return { before: factsOf(await pending), seen, failure };
      });
      expect(result.before.kind).toBe('APIUserAbortError');
      expect(ends).toEqual(['client', 'client']);
    });

    test('a break, and an abort of the stream itself, which close the request', async () => {
      const { ends } = await onBoth(emulator, async (fetch) => {
        for await (const chunk of await ask(sdk(fetch), { stream: true, emulator: { stall: 1 } })) if (chunk) break;
        const stream = await ask(sdk(fetch), { stream: true, emulator: { stall: 1 } });
        stream.controller.abort();
        return allOf(stream).catch(factsOf);
      });
      expect(ends).toEqual(['client', 'client']);
    });
  });

  describe("OpenAI's SDK", () => {
    test('uploads the same file over both fetches', async () => {
      const server = await startRecordingServer((_, response) => response.setHeader('content-type', 'application/json').end('{"id":"file-1","object":"file"}'));
      try {
        for (const fetch of [globalThis.fetch, createFetch()]) {
          const client = sdk(fetch, { baseURL: `${server.url}/v1` });
          const file = await client.files.create({ file: await toFile(readFileSync(__filename), 'täst.jsonl'), purpose: 'user_data' });
          expect(file.id).toBe('file-1');
          await client.audio.transcriptions.create({ file: new File([Buffer.alloc(200_000, 7)], 'a.wav', { type: 'audio/wav' }), model: 'whisper' });
        }
        const [file, audio, ourFile, ourAudio] = server.requests.map(essenceOf).map(({ headers, ...rest }) => ({ ...rest, headers: headers.filter((line) => !line.startsWith('x-stainless-retry')) }));
        expect([ourFile, ourAudio]).toEqual([file, audio]);
        expect(ourAudio.body.length).toBeGreaterThan(200_000);
      } finally {
        await server.close();
      }
    });

    test('reports an unreachable host as a connection error, and a slow one as a timeout', async () => {
      const baseURL = `http://127.0.0.1:${await closedPort()}/v1`;
      const refused = await failureOf(ask(sdk(createFetch(), { baseURL })));
      expect(refused).toMatchObject({ message: 'Connection error.' });
      expect(refused.cause.cause.code).toBe('ECONNREFUSED');
      const slow = await failureOf(ask(sdk(createFetch({ timeouts: { headers: 60 } })), { emulator: { delay: 60_000 } }));
      expect(slow.constructor.name).toBe('APIConnectionTimeoutError');
    });

    test('sends the autoRouter and zdr options of createFetch, and onUsage receives the usage', async () => {
      emulator.reset();
      const usages = [];
      const client = sdk(createFetch({ autoRouter: true, zdr: true, onUsage: (usage) => usages.push(usage) }));
      const chunks = await allOf(await ask(client, { stream: true }));
      expect(emulator.requests[0].body).toMatchObject({ model: 'openrouter/auto', provider: { zdr: true }, stream: true });
      expect(usages).toEqual([chunks.at(-1).usage]);
    });
  });
});
