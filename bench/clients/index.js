'use strict';

// A client is loaded once a process. `load` gives `open(baseURL)`, which makes a new client object, with
// - `stream(onEvent)`: asks, reads to the end, and tells the content of each event;
// - `models()`, `cachedModels()`, `complete(params)`: where a workload asks for them;
// - `seesEvents`: false where not every event is told by itself.

/** The clients by the names of their files, with what they are. */
const CLIENTS = {
  'node-fetch': 'the replaced client: node-fetch 2, lines, JSON.parse',
  openai: 'openai',
  openrouter: '@openrouter/sdk',
  'fetch-parser': 'fetch + eventsource-parser',
  'undici-parser': 'undici + eventsource-parser',
  impit: 'impit (Rust)',
  ours: 'openrouter-native, for await',
  'ours-text': 'openrouter-native, text()',
  raw: 'limit: the raw socket, bytes only counted',
  engine: 'limit: our engine without JavaScript',
  'openai-fetch': 'openai on createFetch',
  agent: 'LangChain agent, ChatOpenAI',
  'agent-fetch': 'LangChain agent, ChatOpenAI on createFetch',
  'agent-ours': 'LangChain agent, ChatOpenRouter',
  'agent-alone': 'limit: LangChain agent, a model that answers from memory',
};

/** Loads one. */
function load(name) {
  return require(`./${name}.js`)();
}

module.exports = { CLIENTS, load };
