'use strict';

// Each scenario is called with `prepare`, which installs a fetch in an `llmConfig`, and the emulator that answers it.
const { HumanMessage } = require('@langchain/core/messages');
const { tool } = require('@langchain/core/tools');
const { Providers, getChatModelClass } = require('@librechat/agents');

const { chat, llmConfigFor, plain } = require('./chat.js');

const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });
const bees = [user('Tell me about bees')];

/** A tool that records its inputs. */
function newWeather() {
  const calls = [];
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const run = async (input) => {
    calls.push(input);
    return `${23 * calls.length} °C`;
  };
  return { calls, weather: tool(run, { name: 'get_weather', description: 'The weather', schema }) };
}

/** Runs a chat that the options of `at` abort; returns its failure, and after how many ms the server saw the close. */
async function aborted(prepare, emulator, directives, at) {
  const stop = new AbortController();
  let abortedAt;
  const abort = () => {
    abortedAt ??= Date.now();
    stop.abort();
  };
  const requested = emulator.waitForRequest();
  const options = { signal: stop.signal, ...at({ abort, requested }) };
  const { failed } = await chat(prepare(llmConfigFor(emulator, directives)), bees, options);
  const closed = await (await requested).closed;
  return { failed, closedAfterMs: closed.at - abortedAt };
}

const scenarios = {
  'two turns': async (prepare, emulator) => {
    const first = await chat(prepare(llmConfigFor(emulator)), bees);
    const second = await chat(prepare(llmConfigFor(emulator)), [...bees, assistant(first.content), user('And wasps?')]);
    return [first, second];
  },
  'a tool': async (prepare, emulator) => {
    const { calls, weather } = newWeather();
    const first = await chat(prepare(llmConfigFor(emulator)), bees, { tools: [weather] });
    const history = [...bees, assistant(first.content), user('Thank you')];
    const second = await chat(prepare(llmConfigFor(emulator)), history, { tools: [weather] });
    return { calls, turns: [first, second] };
  },
  'two calls of a tool at once': async (prepare, emulator) => {
    const { calls, weather } = newWeather();
    return { ...(await chat(prepare(llmConfigFor(emulator, { calls: 2 })), bees, { tools: [weather] })), calls };
  },
  'a tool that fails': (prepare, emulator) => {
    const broken = tool(async () => { throw new Error('no such city'); }, newWeather().weather);
    return chat(prepare(llmConfigFor(emulator)), bees, { tools: [broken] });
  },
  reasoning: (prepare, emulator) => chat(prepare(llmConfigFor(emulator, null, { reasoning: { effort: 'high' } })), bees),
  'reasoning before a tool': (prepare, emulator) =>
    chat(prepare(llmConfigFor(emulator, null, { reasoning: { effort: 'high' } })), bees, { tools: [newWeather().weather] }),
  'several chats at once': (prepare, emulator) =>
    Promise.all(Array.from({ length: 5 }, (_, at) => chat(prepare(llmConfigFor(emulator)), [user(`Tell me about bee number ${at}`)]))),
  'a title': (prepare, emulator) => chat(prepare(llmConfigFor(emulator)), bees, { title: true }),
  'an error in mid-stream': (prepare, emulator) => chat(prepare(llmConfigFor(emulator, { errorAt: 2 })), bees),
  'a cut stream': (prepare, emulator) => chat(prepare(llmConfigFor(emulator, { cut: 2, cutHow: 'half-chunk' })), bees),
  'a retry': (prepare, emulator) => chat(prepare(llmConfigFor(emulator, { status: 503, times: 1, id: 'retry' }, { maxRetries: 2 })), bees),
  'an abort before the answer': (prepare, emulator) =>
    aborted(prepare, emulator, { delay: 60_000 }, ({ abort, requested }) => {
      requested.then(abort);
      return {};
    }),
  'an abort in mid-stream': (prepare, emulator) =>
    aborted(prepare, emulator, { stall: 3 }, ({ abort }) => ({ onEvent: (kind) => kind === 'text' && abort() })),
  "the agents' model alone": async (prepare, emulator) => {
    const ChatModel = getChatModelClass(Providers.OPENROUTER);
    const prompt = [new HumanMessage('Tell me about bees')];
    const whole = await new ChatModel(prepare(llmConfigFor(emulator, null, { streaming: false }))).invoke(prompt);
    const pieces = [];
    for await (const { content } of await new ChatModel(prepare(llmConfigFor(emulator))).stream(prompt)) pieces.push(content);
    for await (const { content } of await new ChatModel(prepare(llmConfigFor(emulator, { chunks: 200, gap: 20 }))).stream(prompt)) if (content) break;
    return { name: ChatModel.lc_name(), whole: plain(whole), pieces };
  },
};
for (const status of [400, 401, 402, 403, 404, 429, 500, 503]) {
  scenarios[`status ${status}`] = (prepare, emulator) => chat(prepare(llmConfigFor(emulator, { status })), bees);
}

module.exports.aborted = aborted;
module.exports.bees = bees;
module.exports.newWeather = newWeather;
module.exports.scenarios = scenarios;
module.exports.user = user;
