'use strict';

/** The tools of LibreChat's memory agent, which has no others (`packages/api/src/agents/memory.ts`, v0.8.8). */
const MEMORY_TOOLS = new Set(['set_memory', 'delete_memory']);
/** How the instructions begin with which `@librechat/agents` 3.6 asks for a summary (`src/summarization/node.ts`). */
const SUMMARY = /^Hold on(, before you continue I need you to write me a checkpoint| again, update your checkpoint)/;

/**
 * Tells what LibreChat asks a model for: `chat`, `tool` (the turn after a tool has answered), `title`, `memory` or `summary`.
 * The requests carry no such label, so their form decides. A summary with instructions of the operator's own counts as a chat.
 * @param {object | null} body the parameters of a chat, or of `/responses`
 */
function kindOf(body) {
  const messages = listOf(body?.messages ?? body?.input);
  const tools = listOf(body?.tools).map((tool) => tool?.function?.name ?? tool?.name);
  if (tools.length > 0 && tools.every((name) => MEMORY_TOOLS.has(name))) return 'memory';
  const last = messages.at(-1);
  if (SUMMARY.test(textOf(last))) return 'summary';
  if (last?.role === 'tool' || last?.type === 'function_call_output') return 'tool';
  return isTitle(body, messages, tools) ? 'title' : 'chat';
}

/**
 * Whether the answer becomes a title. Such a request is not streamed, has one message, and either no tools or the schema of an
 * object with a title (`src/utils/title.ts` of `@librechat/agents`). LibreChat streams every chat.
 */
function isTitle(body, messages, tools) {
  if (body?.stream === true || messages.length !== 1) return false;
  if (tools.length === 0) return true;
  const [{ function: named, parameters = named?.parameters } = {}] = body.tools;
  return tools.length === 1 && typeof parameters?.properties?.title === 'object';
}

function listOf(value) {
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  return Array.isArray(value) ? value : [];
}

/** Returns the text of a message that has one part at most. */
function textOf(message) {
  const content = message?.content;
  if (typeof content === 'string') return content;
  const text = Array.isArray(content) ? content[0]?.text : undefined;
  return typeof text === 'string' ? text : '';
}

module.exports = { kindOf };
