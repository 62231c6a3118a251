'use strict';

// What only the package can do, each given `(prepare, emulator)` as in `scenarios.js`: its switches and callbacks under
// the agents, and its ChatOpenRouter as the agents' model.
const { getChatModelClass, registerProvider } = require('@librechat/agents');
const { ChatOpenRouter } = require('openrouter-native/langchain');

const { chat, llmConfigFor } = require('./chat.js');
const { aborted, bees, newWeather, user } = require('./scenarios.js');

const provider = 'openrouter-native';
registerProvider({ provider, model: ChatOpenRouter, family: 'openai' });

/** Options that keep what they are told. */
function listening(options) {
  const heard = [];
  for (const name of ['onModel', 'onUsage', 'onFallback', 'onError']) options[name] = (value) => heard.push([name, value instanceof Error ? value.message : value]);
  return { heard, options };
}

const ownScenarios = {
  'the switches': async (prepare, emulator) => {
    const { heard, options } = listening({ autoRouter: true, zdr: true, dataCollection: 'deny' });
    return { ...(await chat(prepare(llmConfigFor(emulator), options), bees)), heard };
  },
  'the flags of an llmConfig': (prepare, emulator) =>
    chat(prepare(llmConfigFor(emulator, null, { zdr: true, provider: { sort: 'price' }, models: ['x-ai/grok-4'] })), bees),
  'a fallback': async (prepare, emulator) => {
    const { heard, options } = listening({ models: ['x-ai/grok-4'] });
    return { ...(await chat(prepare(llmConfigFor(emulator, { fail: 'openai/gpt-5-mini' }), options), bees)), heard };
  },
  'an error that is heard of': async (prepare, emulator) => {
    const { heard, options } = listening({});
    return { ...(await chat(prepare(llmConfigFor(emulator, { errorAt: 2 }), options), bees)), heard };
  },
  "the agents' class for it": async () => ({ isOurs: getChatModelClass(provider) === ChatOpenRouter }),
  'ChatOpenRouter with a tool': async (_, emulator) => {
    const { calls, weather } = newWeather();
    const config = llmConfigFor(emulator, null, { reasoning: { effort: 'high' } });
    return { ...(await chat(config, bees, { provider, tools: [weather] })), calls };
  },
  'ChatOpenRouter in several chats at once': (_, emulator) =>
    Promise.all(Array.from({ length: 5 }, (_one, at) => chat(llmConfigFor(emulator), [user(`Tell me about bee number ${at}`)], { provider }))),
  'ChatOpenRouter with an error in mid-stream': (_, emulator) => chat(llmConfigFor(emulator, { errorAt: 2 }), bees, { provider }),
  'ChatOpenRouter with a status of 402': (_, emulator) => chat(llmConfigFor(emulator, { status: 402 }), bees, { provider }),
  'ChatOpenRouter with an abort': (_, emulator) =>
    aborted((config) => config, emulator, { stall: 3 }, ({ abort }) => ({ provider, onTold: (kind) => kind === 'text' && abort() })),
  'ChatOpenRouter with a title': (_, emulator) => chat(llmConfigFor(emulator), bees, { provider, title: true }),
};

module.exports.ownScenarios = ownScenarios;
