'use strict';

// Scenarios that only this package can play, called with `(prepare, emulator)` as in `scenarios.js`: its options and
// callbacks under the agents, and its `ChatOpenRouter` as the model of the agents.
const { getChatModelClass, registerProvider } = require('@librechat/agents');
const { ChatOpenRouter } = require('openrouter-native/langchain');

const { chat, llmConfigFor } = require('./chat.js');
const { aborted, bees, newWeather, user } = require('./scenarios.js');

const provider = 'openrouter-native';
registerProvider({ provider, model: ChatOpenRouter, family: 'openai' });

/** Adds callbacks to the options, which record their calls in `reported`. */
function recordingCallbacks(options) {
  const reported = [];
  for (const name of ['onModel', 'onUsage', 'onFallback', 'onError']) options[name] = (value) => reported.push([name, value instanceof Error ? value.message : value]);
  return { reported, options };
}

const ownScenarios = {
  'autoRouter, zdr and dataCollection': async (prepare, emulator) => {
    const { reported, options } = recordingCallbacks({ autoRouter: true, zdr: true, dataCollection: 'deny' });
    return { ...(await chat(prepare(llmConfigFor(emulator), options), bees)), reported };
  },
  'zdr, provider and models in llmConfig': (prepare, emulator) =>
    chat(prepare(llmConfigFor(emulator, null, { zdr: true, provider: { sort: 'price' }, models: ['x-ai/grok-4'] })), bees),
  'a fallback': async (prepare, emulator) => {
    const { reported, options } = recordingCallbacks({ models: ['x-ai/grok-4'] });
    return { ...(await chat(prepare(llmConfigFor(emulator, { fail: 'openai/gpt-5-mini' }), options), bees)), reported };
  },
  'a fallback that is shown': async (prepare, emulator) => {
    const { calls, weather } = newWeather();
    const options = { fallbackModels: ['x-ai/grok-4'], showModel: true };
    return { ...(await chat(prepare(llmConfigFor(emulator, { fail: 'openai/gpt-5-mini' }), options), bees, { tools: [weather] })), calls };
  },
  'an error with onError': async (prepare, emulator) => {
    const { reported, options } = recordingCallbacks({});
    return { ...(await chat(prepare(llmConfigFor(emulator, { errorAt: 2 }), options), bees)), reported };
  },
  'larger deltas': async (prepare, emulator) => {
    const { calls, weather } = newWeather();
    const config = llmConfigFor(emulator, null, { reasoning: { effort: 'high' } });
    return { ...(await chat(prepare(config, { coalesce: undefined }), bees, { tools: [weather] })), calls };
  },
  'the registered class': async () => ({ isOurs: getChatModelClass(provider) === ChatOpenRouter }),
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
    aborted((config) => config, emulator, { stall: 3 }, ({ abort }) => ({ provider, onEvent: (kind) => kind === 'text' && abort() })),
  'ChatOpenRouter with a title': (_, emulator) => chat(llmConfigFor(emulator), bees, { provider, title: true }),
};

module.exports.ownScenarios = ownScenarios;
