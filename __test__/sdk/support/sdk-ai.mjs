// Vercel's AI SDK with OpenRouter's provider.
import { drain, load, play } from './sdk-process.mjs';

const { createOpenRouter } = await load('@openrouter/ai-sdk-provider');
const { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool } = await load('ai');

globalThis.AI_SDK_LOG_WARNINGS = false;

const model = (fetch, { baseURL }, directives = {}) =>
  createOpenRouter({ apiKey: 'sk-or-v1-limit-sdk-ai', baseURL, fetch, compatibility: 'strict', extraBody: { emulator: directives } })('openai/gpt-5-mini');

const prompt = 'Tell me about bees';
const quiet = { maxRetries: 0, onError: () => {} };
const tools = {
  get_weather: tool({
    description: 'The weather',
    inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }),
    execute: async () => 'sunny',
  }),
};
const whole = ({ text, finishReason, usage, steps, toolCalls }) => ({ text, finishReason, usage, steps: steps.length, toolCalls });
/** The message of an error. Version 7 of the SDK wraps the failure of a body into an error of its own. */
const messageOf = (error) => (error?.name?.startsWith('AI_') && error.cause ? messageOf(error.cause) : error?.message ?? error);
/** A part of a stream without the ids and times that the SDK adds. */
const plain = ({ type, text, toolName, input, output, finishReason, error }) => ({ type, text, toolName, input, output, finishReason, error: messageOf(error) });

const scenarios = {
  text: async (fetch, emulator) => whole(await generateText({ model: model(fetch, emulator), prompt })),
  stream: async (fetch, emulator) => {
    const stream = streamText({ model: model(fetch, emulator), prompt, ...quiet });
    const parts = await drain(stream.fullStream, plain);
    return { parts, text: await stream.text, usage: await stream.usage, metadata: await stream.providerMetadata };
  },
  'tools in a stream': (fetch, emulator) =>
    drain(streamText({ model: model(fetch, emulator), prompt, tools, stopWhen: stepCountIs(3), ...quiet }).fullStream, plain),
  tools: async (fetch, emulator) => whole(await generateText({ model: model(fetch, emulator), prompt, tools, stopWhen: stepCountIs(3) })),
  'an error in mid-stream': (fetch, emulator) => drain(streamText({ model: model(fetch, emulator, { errorAt: 2 }), prompt, ...quiet }).fullStream, plain),
  'a cut stream': (fetch, emulator) => drain(streamText({ model: model(fetch, emulator, { cut: 2, cutHow: 'half-chunk' }), prompt, ...quiet }).fullStream, plain),
  'a retry': async (fetch, emulator) => whole(await generateText({ model: model(fetch, emulator, { status: 429, retryAfter: 0, times: 1, id: 'a' }), prompt, maxRetries: 2 })),
  'a dropped connection': (fetch, emulator) => generateText({ model: model(fetch, emulator, { drop: 'fin' }), prompt, maxRetries: 0 })
    .catch((error) => ({ isCall: APICallError.isInstance(error), isRetryable: error.isRetryable, message: error.message.replace(/:.*/, '') })),
  'an abort before the answer': async (fetch, emulator) => {
    const stop = new AbortController();
    emulator.waitForRequest().then(() => stop.abort());
    return generateText({ model: model(fetch, emulator, { delay: 60_000 }), prompt, maxRetries: 2, abortSignal: stop.signal });
  },
  'an abort in mid-stream': async (fetch, emulator) => {
    const stop = new AbortController();
    const stream = streamText({ model: model(fetch, emulator, { stall: 2 }), prompt, abortSignal: stop.signal, ...quiet });
    return drain(stream.fullStream, (part) => {
      if (part.type === 'text-delta') stop.abort();
      return part.type;
    });
  },
  'a break': async (fetch, emulator) => {
    const stop = new AbortController();
    for await (const text of streamText({ model: model(fetch, emulator, { stall: 1 }), prompt, abortSignal: stop.signal, ...quiet }).textStream) if (text) break;
    stop.abort();
  },
};
for (const status of [400, 401, 402, 403, 404, 429, 500, 503]) {
  scenarios[`status ${status}`] = (fetch, emulator) => generateText({ model: model(fetch, emulator, { status }), prompt, maxRetries: 0 });
}

await play(scenarios);
