'use strict';

const { z } = require('zod');

const { OpenRouterError, defineTool } = require('../..');
const { failureOf } = require('../support/outcomes');
const { FIN, HOLD, RST, answer } = require('../support/servers/byte-server');
const { calling, saying, modelsOfTests } = require('../support/servers/answering-model');
const { SSE_HEAD, chunkOf, event, gate, newClient, readAll } = require('../support/streaming');

const MESSAGES = [{ role: 'user', content: 'Weather in “Köln” 🐝?' }];
const weather = (run = ({ city }) => `Sunny in ${city}`, more = {}) => ({ name: 'get_weather', description: 'Tells the weather', schema: z.object({ city: z.string() }), run, ...more });

const startModel = modelsOfTests();

const runOn = (server, params, options) => newClient(server, options).runTools({ model: 'openai/gpt-5-mini', messages: MESSAGES, tools: [weather()], ...params });
/** The messages that a request of the server has after those of the caller. */
const added = (server, at = -1) => server.requests.at(at).json.messages.slice(MESSAGES.length);
const toolMessage = (content, id = 'call_1') => ({ role: 'tool', tool_call_id: id, content });

describe('runTools', () => {
  test('runs the tools that the model calls until it answers, and adds up usage and cost', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'Köln' }]), cost: 0.1 }, { message: saying('It is sunny.'), cost: 0.2 });
    const result = await runOn(server);
    expect(result).toMatchObject({ text: 'It is sunny.', stopReason: 'stop', cost: 0.3, totalCost: 0.3, isCostComplete: true, pendingToolCalls: [] });
    expect(result.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 10, total_tokens: 30, cost: 0.3 });
    expect(result.steps.map(({ toolCalls }) => toolCalls)).toEqual([
      [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Köln' }, result: 'Sunny in Köln', durationMs: expect.any(Number) }],
      [],
    ]);
    expect(added(server)).toEqual([calling(['get_weather', { city: 'Köln' }]), toolMessage('Sunny in Köln')]);
    expect(result.messages).toEqual([...MESSAGES, ...added(server), saying('It is sunny.')]);
    expect(result.newMessages).toEqual(result.messages.slice(1));
    expect(server.requests[0].json.tools).toEqual([{
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'Tells the weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    }]);
    expect(Object.keys(server.requests[0].json).sort()).toEqual(['messages', 'model', 'tools']);
  });

  test('does not change the list of messages that it was given', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'Köln' }]) }, { message: saying('x') });
    const messages = Object.freeze([...MESSAGES]);
    await runOn(server, { messages });
    expect(messages).toEqual(MESSAGES);
  });

  test.each([false, true])('sends the message of the model back byte for byte, with its reasoning (stream: %s)', async (stream) => {
    const message = { ...calling(['get_weather', '{ "city" : "K\\u00f6ln" }']), reasoning: 'So …', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', id: '1', index: 0 }] };
    const plain = { message };
    const server = stream
      ? await startModel([SSE_HEAD, event(chunkOf(null, { delta: { reasoning: 'So …', reasoning_details: message.reasoning_details, tool_calls: [{ index: 0, ...message.tool_calls[0] }] }, choice: { finish_reason: 'tool_calls' } })), 'data: [DONE]\n\n', FIN], { message: saying('x') })
      : await startModel(plain, { message: saying('x') });
    const run = await runOn(server, { stream });
    if (stream) await run.finalResult();
    const [sent] = added(server, 1);
    expect(sent).toMatchObject({ reasoning: 'So …', reasoning_details: message.reasoning_details });
    expect(sent.tool_calls[0].function.arguments).toBe('{ "city" : "K\\u00f6ln" }');
    if (!stream) expect(server.requests[1].text).toContain(JSON.stringify(message));
  });

  test('streams text, reasoning and the calls as events, and has the same result', async () => {
    const server = await startModel({ message: { ...calling(['get_weather', { city: 'Köln' }]), reasoning: 'Hm.' } }, { message: saying('Sunny!!') });
    const texts = [];
    const run = await runOn(server, { stream: true, onProgress: (text) => texts.push(text) });
    const { items, error } = await readAll(run);
    expect(error).toBeNull();
    const call = { id: 'call_1', name: 'get_weather' };
    expect(items).toEqual([
      { type: 'reasoning', step: 1, text: 'Hm.' },
      { type: 'usage', step: 1, usage: expect.objectContaining({ cost: 0.001 }), total: { usage: expect.anything(), cost: 0.001 } },
      { type: 'tool_start', step: 1, call: { ...call, arguments: '{"city":"Köln"}' } },
      { type: 'tool_end', step: 1, call: { ...call, arguments: { city: 'Köln' }, result: 'Sunny in Köln', durationMs: expect.any(Number) } },
      { type: 'step', step: 1, completion: expect.anything(), toolCalls: [expect.objectContaining(call)] },
      { type: 'text', step: 2, text: 'Sunn' },
      { type: 'text', step: 2, text: 'y!!' },
      { type: 'usage', step: 2, usage: expect.anything(), total: { usage: expect.anything(), cost: 0.002 } },
      { type: 'step', step: 2, completion: expect.anything(), toolCalls: [] },
    ]);
    expect(texts.join('')).toBe('Sunny!!');
    expect(await run.finalResult()).toMatchObject({ text: 'Sunny!!', stopReason: 'stop', cost: 0.002 });
    expect(() => run[Symbol.asyncIterator]()).toThrow(OpenRouterError);
  });

  test('runs the calls of one answer at the same time, as many as concurrency allows', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'a' }], ['get_weather', { city: 'b' }], ['get_weather', { city: 'c' }]) }, { message: saying('x') });
    const both = gate();
    let running = 0;
    let most = 0;
    const run = async ({ city }) => {
      running += 1;
      most = Math.max(most, running);
      if (running === 2) both.open();
      await both;
      running -= 1;
      return city;
    };
    await runOn(server, { tools: [weather(run)], concurrency: 2 });
    expect(most).toBe(2);
    expect(added(server).slice(1)).toEqual([toolMessage('a', 'call_1'), toolMessage('b', 'call_2'), toolMessage('c', 'call_3')]);
  });

  test.each([
    ['a tool that throws', ['get_weather', { city: 'x' }], () => { throw new Error('No signal.'); }, 'Error: No signal.'],
    ['a tool that rejects', ['get_weather', { city: 'x' }], async () => { throw new TypeError('Broken.'); }, 'Error: Broken.'],
    ['a tool that throws no error', ['get_weather', { city: 'x' }], () => { throw null; }, 'Error: null'], // eslint-disable-line no-throw-literal
    ['arguments that do not match the schema', ['get_weather', { city: 7 }], undefined, /^Error: The arguments do not match the schema: city: .*string/],
    ['arguments that are no JSON', ['get_weather', '{"city":'], undefined, /^Error: The arguments are no JSON/],
    ['a tool that does not exist', ['get_wether', {}], undefined, 'Error: There is no tool "get_wether". The tools are: get_weather.'],
    ['a result that is no JSON', ['get_weather', { city: 'x' }], () => 1n, /^Error: .*BigInt/],
  ])('gives the model the error of %s', async (_name, call, run, expected) => {
    const server = await startModel({ message: calling(call) }, { message: saying('Sorry.') });
    const ran = jest.fn(run ?? (() => 'x'));
    const result = await runOn(server, { tools: [weather(ran)] });
    expect(added(server)[1].content).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    expect(result.text).toBe('Sorry.');
    expect(result.steps[0].toolCalls[0].error).toBe(added(server)[1].content.replace('Error: ', ''));
    if (run === undefined) expect(ran).not.toHaveBeenCalled();
  });

  test.each([
    ['text', 'as it is', 'as it is'],
    ['an object', { a: [1] }, '{"a":[1]}'],
    ['undefined', undefined, 'null'],
    ['a list of values', [1, 2], '[1,2]'],
    ['parts of content', [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }], [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }]],
  ])('sends %s that a tool returns', async (_name, returned, content) => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) }, { message: saying('x') });
    await runOn(server, { tools: [weather(() => returned)] });
    expect(added(server)[1].content).toEqual(content);
  });

  test('checks the arguments by a JSON Schema, and gives them to the tool with its context', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 }, list: { type: 'array', items: { $ref: '#/$defs/Item' } } }, required: ['n'], additionalProperties: false, $defs: { Item: { enum: ['a', 'b'] } } };
    const server = await startModel({ message: calling(['count', { n: 0 }], ['count', { n: 1, list: ['c'] }], ['count', { n: 1, list: ['a'] }]) }, { message: saying('x') });
    const run = jest.fn(() => 'counted');
    await runOn(server, { tools: [{ type: 'function', function: { name: 'count', parameters: schema }, run }] });
    expect(added(server).slice(1).map(({ content }) => content)).toEqual([
      'Error: The arguments do not match the schema: n must be at least 1.',
      'Error: The arguments do not match the schema: list[0] must be one of ["a","b"].',
      'counted',
    ]);
    expect(run).toHaveBeenCalledTimes(1);
    expect(run).toHaveBeenCalledWith({ n: 1, list: ['a'] }, { toolCallId: 'call_3', name: 'count', step: 1, signal: expect.any(AbortSignal), messages: expect.any(Array) });
    expect(server.requests[0].json.tools[0].function.parameters).toEqual(schema);
  });

  test('sends the tools of the server as they are, and ends at calls of tools without run', async () => {
    const search = { type: 'openrouter:web_search', parameters: { max_results: 3 } };
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }], ['ask_user', { text: 'Which?' }]) });
    const ask = { type: 'function', function: { name: 'ask_user', parameters: { type: 'object' } } };
    const result = await runOn(server, { tools: [weather(), search, ask] });
    expect(server.requests[0].json.tools.slice(1)).toEqual([search, ask]);
    expect(server.requests).toHaveLength(1);
    expect(result).toMatchObject({ stopReason: 'tool_calls', pendingToolCalls: [{ id: 'call_2', name: 'ask_user', arguments: '{"text":"Which?"}' }] });
    expect(result.newMessages.slice(1)).toEqual([toolMessage('Sunny in x')]);
  });

  test('a choice that demands a call holds for the first request only', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) }, { message: saying('x') });
    await runOn(server, { tool_choice: 'required' });
    expect(server.requests.map(({ json }) => json.tool_choice)).toEqual(['required', undefined]);
    const other = await startModel({ message: calling(['get_weather', { city: 'x' }]) }, { message: saying('x') });
    await runOn(other, { tool_choice: 'auto' });
    expect(other.requests.map(({ json }) => json.tool_choice)).toEqual(['auto', 'auto']);
  });
});

describe('the limits of a run', () => {
  test('maxSteps ends it with a history that can be sent back', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) });
    const result = await runOn(server, { maxSteps: 2 });
    expect(server.requests).toHaveLength(2);
    expect(result.stopReason).toBe('max_steps');
    expect(result.messages.at(-1)).toEqual(toolMessage('Sunny in x'));
  });

  test('maxTime ends a request, and the run resolves with what had come', async () => {
    const server = await startModel(
      { message: calling(['get_weather', { city: 'x' }]) },
      [SSE_HEAD, event(chunkOf('So far ')), HOLD],
    );
    const result = await (await runOn(server, { maxTime: 300, stream: true })).finalResult();
    expect(result).toMatchObject({ stopReason: 'max_time', text: 'So far ', isCostComplete: false, cost: 0.001 });
    expect(result.partial.choices[0].message.content).toBe('So far ');
    expect(result.messages.at(-1)).toEqual(toolMessage('Sunny in x'));
    expect(await server.requests[1].closed).toMatchObject({ by: 'client' });
  });

  test('maxTime ends a tool that does not end, by its signal', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) });
    let signal;
    const run = (_args, context) => { ({ signal } = context); return new Promise(() => {}); };
    const result = await runOn(server, { tools: [weather(run)], maxTime: 200 });
    expect(result.stopReason).toBe('max_time');
    expect(signal.aborted).toBe(true);
    expect(result.messages.at(-1)).toEqual(toolMessage('Error: The run was stopped before this call had a result.'));
  });

  test('the timeout of a tool is an error for the model, and its signal is aborted', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) }, { message: saying('x') });
    let signal;
    const run = (_args, context) => { ({ signal } = context); return new Promise(() => {}); };
    const result = await runOn(server, { tools: [weather(run, { timeout: 20 })] });
    expect(added(server)[1].content).toBe('Error: The tool took longer than 20 ms.');
    expect([signal.aborted, result.stopReason]).toEqual([true, 'stop']);
  });
});

describe('an approval', () => {
  const calls = calling(['get_weather', { city: 'a' }], ['get_weather', { city: 'b' }], ['get_weather', { city: 'c' }], ['get_weather', { city: 'd' }]);

  test('decides about each call, one at a time, and only true allows it', async () => {
    const server = await startModel({ message: calls }, { message: saying('x') });
    const answers = { a: true, b: 'Not today.', c: undefined, d: { approved: true } };
    let asked = 0;
    const onApproval = async ({ name, arguments: { city } }, { step, signal }) => {
      asked += 1;
      expect([asked, name, step, signal.aborted]).toEqual([1, 'get_weather', 1, false]);
      await null;
      asked -= 1;
      return answers[city];
    };
    const run = jest.fn(({ city }) => city);
    await runOn(server, { tools: [weather(run)], onApproval });
    expect(added(server).slice(1).map(({ content }) => content)).toEqual(['a', 'Error: The call was not approved: Not today.', 'Error: The call was not approved.', 'd']);
    expect(run.mock.calls.map(([args]) => args.city)).toEqual(['a', 'd']);
  });

  test('is asked for the calls that need it', async () => {
    const server = await startModel({ message: calls }, { message: saying('x') });
    const onApproval = jest.fn(() => false);
    const needsApproval = ({ city }) => city === 'b';
    await runOn(server, { tools: [weather(undefined, { needsApproval })], onApproval });
    expect(onApproval).toHaveBeenCalledTimes(1);
    expect(added(server).slice(1).map(({ content }) => content)).toEqual(['Sunny in a', 'Error: The call was not approved.', 'Sunny in c', 'Sunny in d']);
  });

  test('that fails ends the run, and the tool is not run', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) });
    const run = jest.fn();
    const error = await failureOf(runOn(server, { tools: [weather(run)], onApproval: () => { throw new Error('No terminal.'); } }));
    expect(error).toMatchObject({ code: 'invalid_option', message: 'onApproval failed: No terminal. The tool was not run.' });
    expect(error.run).toMatchObject({ stopReason: 'error', cost: 0.001 });
    expect(run).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(1);
  });

  test('that is needed must be possible', async () => {
    const server = await startModel({ message: saying('x') });
    const error = await failureOf(runOn(server, { tools: [weather(undefined, { needsApproval: true })] }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(/get_weather needs approval/) });
    expect(server.requests).toHaveLength(0);
  });
});

describe('a run that fails', () => {
  test('has the messages, usage and cost of the steps before in its error', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]), cost: 0.5 }, [answer(400, '{"error":{"code":400,"message":"Too odd"}}'), FIN]);
    const error = await failureOf(runOn(server));
    expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(error.run).toMatchObject({ cost: 0.5, isCostComplete: true, usage: { prompt_tokens: 10 } });
    expect(error.run.messages.at(-1)).toEqual(toolMessage('Sunny in x'));
    expect(JSON.stringify(Object.keys(error))).not.toContain('run');
  });

  test.each([true, false])('in the middle of an answer does not know its cost (stream: %s)', async (stream) => {
    const server = await startModel([SSE_HEAD, event(chunkOf('Half')), RST]);
    const run = await runOn(server, { stream: true });
    const error = stream ? (await readAll(run)).error : await failureOf(run.finalResult());
    expect(error.code).toBe('connection_reset');
    expect(error.run).toMatchObject({ text: 'Half', cost: 0, isCostComplete: false });
  });

  test('an abort ends the request and reaches the tools', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }]) });
    const controller = new AbortController();
    const begun = gate();
    let signal;
    const run = (_args, context) => { ({ signal } = context); begun.open(); return new Promise(() => {}); };
    const failed = failureOf(runOn(server, { tools: [weather(run)], signal: controller.signal }));
    await begun;
    controller.abort(new Error('Enough.'));
    const error = await failed;
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: { message: 'Enough.' } });
    expect([signal.aborted, signal.reason.message]).toEqual([true, 'Enough.']);
    expect(error.run.messages).toHaveLength(3);
  });

  test('a signal that is aborted already sends nothing', async () => {
    const server = await startModel({ message: saying('x') });
    expect((await failureOf(runOn(server, { signal: AbortSignal.abort() }))).code).toBe('aborted');
    expect(server.requests).toHaveLength(0);
  });

  test('leaving the loop while a tool runs aborts it, and the history can be sent back', async () => {
    const server = await startModel({ message: calling(['get_weather', { city: 'x' }], ['get_weather', { city: 'y' }]) });
    let signal;
    const run = ({ city }, context) => (city === 'x' ? 'done' : new Promise(() => { ({ signal } = context); }));
    const running = await runOn(server, { tools: [weather(run)], stream: true });
    for await (const { type } of running) if (type === 'tool_end') break;
    const error = await failureOf(running.finalResult());
    expect(signal.aborted).toBe(true);
    expect(error.run.messages.slice(2).map(({ tool_call_id: id }) => id)).toEqual(['call_1', 'call_2']);
  });

  test('leaving the loop closes the request, and the result says so', async () => {
    const server = await startModel([SSE_HEAD, event(chunkOf('Half')), HOLD]);
    const run = await runOn(server, { stream: true });
    for await (const { type } of run) {
      expect(type).toBe('text');
      break;
    }
    expect(await server.requests[0].closed).toMatchObject({ by: 'client' });
    expect((await failureOf(run.finalResult())).code).toBe('aborted');
  });
});

describe('tools that are wrong', () => {
  test.each([
    ['no list', {}, /tools: expected a list/],
    ['no tool', ['x'], /tools\[0\]/],
    ['a name with spaces', [weather(undefined, { name: 'get weather' })], /tools\[0\]\.name/],
    ['two of one name', [weather(), weather()], /Two tools have the name get_weather/],
    ['run that is no function', [weather(undefined, { run: 'x' })], /run: expected a function/],
    ['a schema that is none', [weather(undefined, { schema: 'x' })], /schema of the tool get_weather must be/],
    ['a schema of a library that writes no JSON Schema', [weather(undefined, { schema: { '~standard': { version: 1, vendor: 'odd', validate: (value) => ({ value }) } } })], /library \(odd\) that writes no JSON Schema\. Give its JSON Schema as parameters/],
  ])('are refused before anything is sent: %s', async (_name, tools, expected) => {
    const server = await startModel({ message: saying('x') });
    const error = await failureOf(runOn(server, { tools }));
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(expected) });
    expect(server.requests).toHaveLength(0);
  });

  test.each([['maxSteps', 0], ['maxTime', '5s'], ['concurrency', -1], ['onApproval', true]])('%s: %p is refused', async (name, value) => {
    const server = await startModel({ message: saying('x') });
    expect(await failureOf(runOn(server, { [name]: value }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
  });
});

test('defineTool returns the tool itself', () => {
  const tool = weather();
  expect(defineTool(tool)).toBe(tool);
});
