'use strict';

// A chat as LibreChat's server runs it: history from stored messages, a `Run`, handlers for what it tells.
const { Callback, GraphEvents, ModelEndHandler, Providers, Run, createContentAggregator, formatAgentMessages } = require('@librechat/agents');

const KEY = 'sk-or-v1-limit-agents';

/** What LibreChat makes of a custom endpoint for OpenRouter; `directives` are the emulator's. */
function llmConfigFor({ baseURL }, directives, more = {}) {
  return {
    model: 'openai/gpt-5-mini',
    apiKey: KEY,
    streaming: true,
    streamUsage: true,
    maxRetries: 0,
    // Tells each piece as it comes, where the agents would smooth them out.
    _lc_stream_delay: 0,
    configuration: { baseURL, defaultHeaders: { 'HTTP-Referer': 'https://librechat.ai', 'X-Title': 'LibreChat' } },
    modelKwargs: directives ? { emulator: directives } : {},
    ...more,
  };
}

/** What a handler is told, without ids and times. */
const TOLD = {
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
 * @param {{ tools?: object[], provider?: string, signal?: AbortSignal, onTold?: Function, title?: boolean }} [options]
 *   `title`: asks for one too
 */
async function chat(llmConfig, stored, { tools = [], provider = Providers.OPENROUTER, signal, onTold, title } = {}) {
  chats += 1;
  const id = `chat-${chats}`;
  const [told, usage, toolErrors] = [[], [], []];
  const { contentParts, aggregateContent } = createContentAggregator();
  const handler = ([event, summary]) => [event, {
    handle: (_, data) => {
      aggregateContent({ event, data });
      told.push(summary(data));
      onTold?.(...told.at(-1));
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
      ...Object.fromEntries(Object.entries(TOLD).map(handler)),
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
    const asked = { provider, inputText: stored.at(-1).content, contentParts, clientOptions: { ...llmConfig, streaming: false } };
    const named = title ? await run.generateTitle(asked) : {};
    return { content, parts: contentParts.filter(Boolean), told, usage, toolErrors, messages: run.getRunMessages().map(plain), ...named };
  } catch (error) {
    return { told, usage, failed: failureOf(error) };
  }
}

/** What a message holds for LibreChat; ids differ from run to run. */
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
