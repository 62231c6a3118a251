'use strict';

// Runs a chat as LibreChat's server does: history from stored messages, a `Run`, and handlers for its events.
const { Callback, GraphEvents, ModelEndHandler, Providers, Run, createContentAggregator, formatAgentMessages } = require('@librechat/agents');

const KEY = 'sk-or-v1-limit-agents';

/** The llmConfig that LibreChat makes for a custom OpenRouter endpoint; `directives` are for the emulator. */
function llmConfigFor({ baseURL }, directives, more = {}) {
  return {
    model: 'openai/gpt-5-mini',
    apiKey: KEY,
    streaming: true,
    streamUsage: true,
    maxRetries: 0,
    // Emit each delta when it arrives; by default the agents spread them over time.
    _lc_stream_delay: 0,
    configuration: { baseURL, defaultHeaders: { 'HTTP-Referer': 'https://librechat.ai', 'X-Title': 'LibreChat' } },
    modelKwargs: directives ? { emulator: directives } : {},
    ...more,
  };
}

/** A summary of each event, without ids and times. */
const SUMMARIES = {
  [GraphEvents.ON_RUN_STEP]: ({ type }) => ['step', type],
  [GraphEvents.ON_RUN_STEP_DELTA]: ({ delta }) => ['arguments', delta.tool_calls.map(({ args }) => args).join('')],
  [GraphEvents.ON_RUN_STEP_COMPLETED]: ({ result }) => ['result', result.tool_call.output],
  [GraphEvents.ON_MESSAGE_DELTA]: ({ delta }) => ['text', delta.content.map(({ text }) => text).join('')],
  [GraphEvents.ON_REASONING_DELTA]: ({ delta }) => ['reasoning', delta.content.map(({ think, text }) => think ?? text).join('')],
};

let chats = 0;

/**
 * Runs one turn.
 * @param {object} llmConfig
 * @param {object[]} stored the conversation's messages, `{ role, content }`, as LibreChat's database has them
 * @param {{ tools?: object[], provider?: string, signal?: AbortSignal, onEvent?: Function, title?: boolean }} [options]
 *   `title`: requests a title too
 */
async function chat(llmConfig, stored, { tools = [], provider = Providers.OPENROUTER, signal, onEvent, title } = {}) {
  chats += 1;
  const id = `chat-${chats}`;
  const [events, usage, toolErrors] = [[], [], []];
  const { contentParts, aggregateContent } = createContentAggregator();
  const handler = ([event, summary]) => [event, {
    handle: (_, data) => {
      aggregateContent({ event, data });
      events.push(summary(data));
      onEvent?.(...events.at(-1));
    },
  }];
  const run = await Run.create({
    runId: id,
    graphConfig: {
      type: 'standard',
      signal,
      agents: [{ agentId: 'agent', provider, clientOptions: llmConfig, tools, instructions: 'Be kind.' }],
    },
    customHandlers: {
      ...Object.fromEntries(Object.entries(SUMMARIES).map(handler)),
      [GraphEvents.CHAT_MODEL_END]: new ModelEndHandler(usage),
    },
    returnContent: true,
    skipCleanup: true,
  });
  const { messages } = formatAgentMessages(stored, {}, new Set(tools.map(({ name }) => name)));
  const config = { runName: 'AgentRun', configurable: { thread_id: id }, recursionLimit: 20, signal, streamMode: 'values', version: 'v2' };
  const callbacks = { [Callback.TOOL_ERROR]: (_, error) => toolErrors.push(error.message) };
  try {
    const content = await run.processStream({ messages }, config, { callbacks });
    const titleOptions = { provider, inputText: stored.at(-1).content, contentParts, clientOptions: { ...llmConfig, streaming: false } };
    const withTitle = title ? await run.generateTitle(titleOptions) : {};
    return { content, parts: contentParts.filter(Boolean), events, usage, toolErrors, messages: run.getRunMessages().map(plain), ...withTitle };
  } catch (error) {
    return { events, usage, failed: failureOf(error) };
  }
}

/** The fields of a message that LibreChat uses, without ids, which differ from run to run. */
function plain({ type, content, tool_calls: calls, usage_metadata: usage, response_metadata: metadata, additional_kwargs: extras }) {
  return { type, content, calls, usage, metadata, extras };
}

function failureOf(error) {
  const { name, message, status, code, lc_error_code: kind, constructor } = error;
  return { name, class: constructor.name, message, status, code, kind };
}

module.exports.chat = chat;
module.exports.failureOf = failureOf;
module.exports.llmConfigFor = llmConfigFor;
module.exports.plain = plain;
