// LangChain's `ChatOpenAI`, on which LibreChat's agents are built. `invoke()` with `streaming: true` is left out, because it
// downloads token tables.
import { drain, load, play } from './sdk-process.mjs';

const { tool } = await load('@langchain/core/tools');
const { HumanMessage, ToolMessage } = await load('@langchain/core/messages');
const { ChatOpenAI } = await load('@langchain/openai');

const model = (fetch, { baseURL }, directives, options = {}) =>
  new ChatOpenAI({
    model: 'openai/gpt-5-mini',
    apiKey: 'sk-or-v1-limit-sdk-langchain',
    configuration: { baseURL, fetch, defaultHeaders: { 'X-Title': 'LibreChat' } },
    maxRetries: 0,
    modelKwargs: directives ? { emulator: directives } : {},
    ...options,
  });

const prompt = [new HumanMessage('Tell me about bees')];
const weather = tool(async () => 'sunny', { name: 'get_weather', description: 'The weather', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } });
const plain = ({ content, tool_calls: calls, usage_metadata: usage, response_metadata: metadata }) => ({ content, calls, usage, metadata });

const scenarios = {
  invoke: async (fetch, emulator) => plain(await model(fetch, emulator).invoke(prompt)),
  stream: async (fetch, emulator) => drain(await model(fetch, emulator).stream(prompt), plain),
  batch: async (fetch, emulator) => (await model(fetch, emulator).batch(Array(5).fill(prompt))).map(plain),
  tools: async (fetch, emulator) => {
    const bound = model(fetch, emulator).bindTools([weather]);
    let whole;
    for await (const chunk of await bound.stream(prompt)) whole = whole ? whole.concat(chunk) : chunk;
    const [call] = whole.tool_calls;
    const answer = await bound.invoke([...prompt, whole, new ToolMessage({ content: await weather.invoke(call.args), tool_call_id: call.id })]);
    return [plain(whole), plain(answer)];
  },
  events: (fetch, emulator) => drain(model(fetch, emulator).streamEvents(prompt, { version: 'v2' }), ({ event, data }) => [event, data.chunk?.content]),
  'an error in mid-stream': async (fetch, emulator) => drain(await model(fetch, emulator, { errorAt: 2 }).stream(prompt), plain),
  'a cut stream': async (fetch, emulator) => drain(await model(fetch, emulator, { cut: 2, cutHow: 'half-chunk' }).stream(prompt), plain),
  'a retry': async (fetch, emulator) => plain(await model(fetch, emulator, { status: 503, times: 1, id: 'a' }, { maxRetries: 2 }).invoke(prompt)),
  'an abort before the answer': (fetch, emulator) => {
    const stop = new AbortController();
    emulator.waitForRequest().then(() => stop.abort());
    return model(fetch, emulator, { delay: 60_000 }).invoke(prompt, { signal: stop.signal });
  },
  'an abort in mid-stream': async (fetch, emulator) => {
    const stop = new AbortController();
    return drain(await model(fetch, emulator, { stall: 2 }).stream(prompt, { signal: stop.signal }), ({ content }) => {
      if (content) stop.abort();
      return content;
    });
  },
  // The server sends one more delta after the break: LangChain awaits it before it closes the request.
  'a break': async (fetch, emulator) => {
    for await (const { content } of await model(fetch, emulator, { stall: 2 }).stream(prompt)) if (content) break;
  },
};
for (const status of [400, 401, 402, 403, 404, 429, 500, 503]) {
  scenarios[`status ${status}`] = (fetch, emulator) => model(fetch, emulator, { status }).invoke(prompt);
}

await play(scenarios);
