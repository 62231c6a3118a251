'use strict';

// A client is loaded once per process. `load` resolves to `open(baseURL)`, which makes a new client object with
// - `stream(onEvent)`: sends a request, reads the answer to its end, and calls `onEvent` with the content of each event;
// - `events(api, onEvent)`: the same for another API than chats, see `APIS` in `request.js`;
// - `chat(onText)`: the same as `stream`, by the events that LibreChat's agents read; only for agents;
// - `connect()`: opens the connection, before a chat needs it; only if the client can;
// - `models()`, `cachedModels()`, `complete(params)`, `embeddings(input)`: only if a workload uses them;
// - `seesEvents`: false if `onEvent` is not called once per event.

/** The clients: the name of the file, and the description in the report. */
const CLIENTS = {
  'node-fetch': 'the client that openrouter-native replaces: node-fetch 2, split lines, JSON.parse',
  openai: 'openai',
  openrouter: '@openrouter/sdk',
  'fetch-parser': 'fetch + eventsource-parser',
  'undici-parser': 'undici + eventsource-parser',
  impit: 'impit (Rust)',
  ours: 'openrouter-native, for await',
  'ours-connected': 'openrouter-native after connect()',
  'ours-text': 'openrouter-native, text()',
  raw: 'limit: a raw socket that only counts bytes',
  engine: 'limit: our engine without JavaScript',
  bare: 'limit: a bare client that blocks on its socket, HTTP/1.1',
  'openai-fetch': 'openai on createFetch',
  'openai-coalesced': 'openai on createFetch, coalesce 33',
  ai: 'ai with @openrouter/ai-sdk-provider',
  'ai-fetch': 'ai on createFetch',
  agent: 'LangChain agent, ChatOpenAI',
  'agent-fetch': 'LangChain agent, ChatOpenAI on createFetch',
  'agent-coalesced': 'LangChain agent, ChatOpenAI on createFetch, coalesce 33',
  'agent-ours': 'LangChain agent, ChatOpenRouter',
  'agent-alone': 'limit: LangChain agent whose model answers from memory',
  'agent-alone-33': 'limit: such an agent with one delta in 33 ms',
  'workers-1': 'openrouter-native in one worker',
  'workers-2': 'openrouter-native in 2 workers',
  'workers-4': 'openrouter-native in 4 workers',
  'workers-24': 'openrouter-native in 24 workers',
};

/** The clients of other packages, by whether JavaScript reads the stream. */
const JS_PEERS = ['node-fetch', 'openai', 'openrouter', 'fetch-parser', 'undici-parser'];
const PEERS = [...JS_PEERS, 'impit'];

/** Loads a client by its name. */
function load(name) {
  return require(`./${name}.js`)();
}

module.exports = { CLIENTS, JS_PEERS, PEERS, load };
