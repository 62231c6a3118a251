// OpenRouter's own SDK, which calls `fetch` with a `Request`.
import { drain, load, majorOf, play } from './sdk-process.mjs';

const { HTTPClient, OpenRouter } = await load('@openrouter/sdk');

const sdk = (fetch, { baseURL }) => new OpenRouter({
  apiKey: 'sk-or-v1-limit-sdk-openrouter',
  serverURL: baseURL,
  httpClient: new HTTPClient({ fetcher: fetch }),
  retryConfig: { strategy: 'none' },
});

// Version 1 takes the body as a field of its own.
const wrapped = majorOf('@openrouter/sdk') === 0 ? (request) => request : (chatRequest) => ({ chatRequest });
const body = (more) => wrapped({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], ...more });
const directed = (directives, more = {}) => ({ ...more, headers: { 'X-Emulator': directives } });
/** Version 1 returns pages. */
const listed = ({ data, result }) => (data ?? result.data);
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

const scenarios = {
  'a completion': (fetch, emulator) => sdk(fetch, emulator).chat.send(body()),
  'a stream': async (fetch, emulator) => drain(await sdk(fetch, emulator).chat.send(body({ stream: true }))),
  tools: async (fetch, emulator) => drain(await sdk(fetch, emulator).chat.send(body({ stream: true, tools }))),
  models: async (fetch, emulator) => listed(await sdk(fetch, emulator).models.list()).map(({ id }) => id),
  'a cut stream': async (fetch, emulator) => drain(await sdk(fetch, emulator).chat.send(body({ stream: true }), directed('cut=2; cut-how=half-chunk'))),
  'a dropped connection': (fetch, emulator) => sdk(fetch, emulator).chat.send(body(), directed('drop=fin')),
  'a retry': (fetch, emulator) => sdk(fetch, emulator).chat.send(body(), directed('status=503; times=1; id=a', {
    retries: { strategy: 'backoff', backoff: { initialInterval: 5, maxInterval: 20, exponent: 1, maxElapsedTime: 5000 }, retryConnectionErrors: true },
    retryCodes: ['5XX'],
  })),
  'a timeout': (fetch, emulator) => sdk(fetch, emulator).chat.send(body(), directed('delay=60000', { timeoutMs: 100 })),
  'an abort before the answer': (fetch, emulator) => {
    const stop = new AbortController();
    emulator.waitForRequest().then(() => stop.abort());
    return sdk(fetch, emulator).chat.send(body(), directed('delay=60000', { signal: stop.signal }));
  },
  'an abort in mid-stream': async (fetch, emulator) => {
    const stop = new AbortController();
    return drain(await sdk(fetch, emulator).chat.send(body({ stream: true }), directed('stall=2', { signal: stop.signal })), (chunk) => {
      if (chunk.choices[0].delta.content) stop.abort();
      return chunk.choices[0].delta.content;
    });
  },
  'a break': async (fetch, emulator) => {
    for await (const chunk of await sdk(fetch, emulator).chat.send(body({ stream: true }), directed('stall=1'))) if (chunk) break;
  },
};
for (const status of [400, 401, 402, 403, 404, 429, 500, 503]) {
  scenarios[`status ${status}`] = (fetch, emulator) => sdk(fetch, emulator).chat.send(body(), directed(`status=${status}`));
}

await play(scenarios);
