'use strict';

const { FIN, answer, startByteServer } = require('./byte-server.js');
const { SSE_HEAD, chunkOf, finishChunk, sse } = require('../streaming.js');

/** The usage of an answer that costs `cost` USD. */
const usageOf = (cost, more = {}) => ({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost, is_byok: false, ...more });

/** A message that calls tools, each given as `[name, arguments]`. */
const calling = (...calls) => ({
  role: 'assistant',
  content: null,
  tool_calls: calls.map(([name, args], index) => ({ id: `call_${index + 1}`, type: 'function', function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) } })),
});

/** A message with text. */
const saying = (content) => ({ role: 'assistant', content });

function completionOf({ message, finish = message.tool_calls ? 'tool_calls' : 'stop', cost = 0.001, ...more }) {
  return {
    id: 'gen-scripted', object: 'chat.completion', created: 1_700_000_000, model: 'openai/gpt-5-mini', provider: 'Scripted',
    choices: [{ index: 0, message, finish_reason: finish }],
    ...(cost !== null && { usage: usageOf(cost) }),
    ...more,
  };
}

/** The same answer as a stream: the text in pieces of four letters, the tool calls whole. */
function streamOf({ message, finish = message.tool_calls ? 'tool_calls' : 'stop', cost = 0.001 }) {
  const pieces = (message.content ?? '').match(/[^]{1,4}/g) ?? [];
  const calls = message.tool_calls?.map((call, index) => ({ index, ...call }));
  return sse(
    ...(message.reasoning ? [chunkOf('', { delta: { reasoning: message.reasoning } })] : []),
    ...pieces.map((piece) => chunkOf(piece)),
    ...(calls ? [chunkOf(null, { delta: { tool_calls: calls } })] : []),
    { ...finishChunk(finish), ...(cost !== null && { usage: usageOf(cost) }) },
  );
}

/**
 * Starts a server that answers the requests one after the other with `answers`: each `{ message, finish, cost }`, or an
 * iterable of steps of a byte server. `requests` of the server has what was sent.
 */
function startAnsweringModel(answers) {
  let at = 0;
  return startByteServer((request) => {
    const given = answers[Math.min(at, answers.length - 1)];
    at += 1;
    if (given.message === undefined) return given;
    if (request.json.stream === true) return [SSE_HEAD, streamOf(given), FIN];
    return [answer(200, JSON.stringify(completionOf(given))), FIN];
  });
}

/** Returns a function that starts such servers for tests, which are closed after each test. It is called outside of tests. */
function modelsOfTests() {
  let servers = [];
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });
  return async (...answers) => {
    const server = await startAnsweringModel(answers);
    servers.push(server);
    return server;
  };
}

module.exports = { calling, completionOf, modelsOfTests, saying, startAnsweringModel, streamOf, usageOf };
