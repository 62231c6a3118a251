'use strict';

const { startEmulator } = require('../../emulator');
const { MODEL, startApp } = require('./app/app.js');
const { CLOSE_MS } = require('../support/limits.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');

const WEATHER = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } };

let restore;
let emulator;
beforeAll(async () => {
  restore = cleanEnvironment();
  emulator = await startEmulator();
});
afterAll(async () => {
  await emulator.close();
  restore();
});

describe.each(['old', 'new'])("a conversation in LibreChat's %s application", (version) => {
  let app;
  let user;
  beforeEach(() => {
    emulator.reset();
    app = startApp(version, emulator);
    app.reset();
    user = app.newUser();
  });

  /** Sends a message as a controller does; returns the response and what the callbacks received. */
  async function send(client, text, opts = {}) {
    const received = { progress: [], started: null, data: {} };
    const response = await client.sendMessage(text, {
      user: user.id,
      getReqData: (data) => Object.assign(received.data, data),
      onStart: (message) => { received.started = message; },
      progressCallback: () => (delta) => { received.progress.push(delta); },
      abortController: new AbortController(),
      ...opts,
    });
    await response.databasePromise;
    return { ...received, response };
  }
  const lastBody = () => emulator.requests.at(-1).body;

  test('is streamed, saved, counted and titled', async () => {
    const client = app.clientFor(user, { temperature: 0.3 }, { titleModel: 'openai/gpt-4o-mini' });
    const { response, progress, started, data } = await send(client, 'Tell me about bees');
    expect(progress.length).toBeGreaterThan(3);
    expect(response.text).toBe(progress.join(''));
    expect(started.text).toBe('Tell me about bees');
    expect(data.sender).toBe('OpenRouter');
    expect(lastBody()).toMatchObject({ model: MODEL, temperature: 0.3, stream: true, messages: [{ role: 'user', content: 'Tell me about bees' }] });
    expect(response).toMatchObject({ model: MODEL, sender: 'OpenRouter', tokenCount: client.usage.completion_tokens });
    expect(app.db.getMessage(response.messageId)).toMatchObject({ text: response.text, model: MODEL });
    const title = await client.titleConvo({ text: 'Tell me about bees', responseText: response.text, conversationId: response.conversationId });
    expect(title).not.toBe('New Chat');
    expect(lastBody()).toMatchObject({ model: 'openai/gpt-4o-mini', max_tokens: 16, temperature: 0.2 });
  });

  test('continues with its history, though each request has a new client', async () => {
    const first = await send(app.clientFor(user), 'My name is Ada');
    const { conversationId, messageId } = first.response;
    const second = await send(app.clientFor(user), 'What is my name?', { conversationId, parentMessageId: messageId });
    expect(lastBody().messages).toEqual([
      { role: 'user', content: 'My name is Ada' },
      { role: 'assistant', content: first.response.text },
      { role: 'user', content: 'What is my name?' },
    ]);
    expect(second.response.conversationId).toBe(conversationId);
  });

  test('shows credits and models, which a second client reads without a request', async () => {
    const client = app.clientFor(user);
    const credits = await client.getCredits();
    const models = await client.getModels();
    expect(credits).toEqual({ balance: expect.any(Number), currency: 'USD', usage: expect.any(Number), total: 10 });
    expect(models.find(({ id }) => id === MODEL)).toMatchObject({ id: MODEL, name: 'OpenAI: GPT-5 Mini' });
    const requestCount = emulator.requests.length;
    await app.clientFor(user).getCredits();
    await app.clientFor(user).getModels();
    expect(emulator.requests).toHaveLength(requestCount);
    const { response } = await send(client, 'Spend something');
    expect((await client.getCredits()).balance).toBeCloseTo(credits.balance - client.lastCompletion.usage.cost, 9);
    expect(response.text).not.toBe('');
    // The balance was updated without a request: only the chat was sent.
    expect(emulator.requests).toHaveLength(requestCount + 1);
  });

  test('saves an answer with its tool call, and continues with the tool result', async () => {
    const client = app.clientFor(user, { tools: [WEATHER] });
    const { response } = await send(client, 'What is the weather in Paris?');
    const saved = app.db.getMessage(response.messageId);
    expect(saved.content).toEqual([{ type: 'tool_call', tool_call: expect.objectContaining({ id: 'call_emulator_1', name: 'get_weather' }) }]);
    expect(saved.text).toBe('');
    const [call] = client.lastCompletion.choices[0].message.tool_calls;
    expect(call.function.name).toBe('get_weather');
    const { prompt } = await client.buildMessages([
      { role: 'user', content: 'What is the weather in Paris?' },
      client.lastCompletion.choices[0].message,
      { role: 'tool', tool_call_id: call.id, content: 'sunny' },
    ]);
    await client.sendCompletion(prompt, { onProgress: () => {} });
    expect(lastBody().messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect(client.lastCompletion.choices[0].message.content).toContain('sunny');
  });

  test('leaves tool calls without a result out of the history', async () => {
    const { response } = await send(app.clientFor(user, { tools: [WEATHER] }), 'What is the weather in Paris?');
    await send(app.clientFor(user), 'Never mind', { conversationId: response.conversationId, parentMessageId: response.messageId });
    expect(lastBody().messages).toEqual([{ role: 'user', content: 'What is the weather in Paris?' }, { role: 'user', content: 'Never mind' }]);
  });

  test('can be edited: the model continues the text that the user wrote', async () => {
    const { response } = await send(app.clientFor(user), 'Tell me about bees');
    const { messageId: responseMessageId, conversationId, parentMessageId } = response;
    const opts = { conversationId, parentMessageId, responseMessageId, overrideParentMessageId: parentMessageId, isEdited: true, isContinued: true, generation: 'Bees are' };
    const edited = await send(app.clientFor(user, {}), '', opts);
    const [question, prefill] = lastBody().messages;
    expect(question).toEqual({ role: 'user', content: 'Tell me about bees' });
    expect(prefill.role).toBe('assistant');
    expect(edited.response.messageId).toBe(responseMessageId);
    if (version === 'old') {
      expect(prefill.content).toBe('Bees are');
      expect(edited.response.text).toBe(`Bees are ${edited.progress.join('')}`);
    }
  });

  test('can be stopped: the request closes, and the partial text is available', async () => {
    const client = app.clientFor(user, { emulator: { text: 'one two three', stall: 2 } });
    const abortController = new AbortController();
    const progress = [];
    const stopped = failureOf(client.sendMessage('Count', {
      user: user.id,
      abortController,
      progressCallback: () => (delta) => {
        progress.push(delta);
        if (progress.length === 2) abortController.abort();
      },
    }));
    const error = await stopped;
    const since = Date.now();
    expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted', code: 'aborted' });
    expect(client.getStreamText()).toBe('one two ');
    expect(error.partial.choices[0].message.content).toBe('one two ');
    const { by, at } = await emulator.requests.at(-1).closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
    expect(progress).toHaveLength(2);
  });

  test('ends with disposeClient, which removes the key; later calls send nothing', async () => {
    const client = app.clientFor(user);
    const { response } = await send(client, 'Hello');
    app.disposeClient(client);
    app.disposeClient(client);
    expect(client.apiKey).toBeNull();
    expect(client.options).toBeNull();
    expect(shownOf(client)).not.toContain(user.key);
    process.env.OPENROUTER_API_KEY = app.newUser().key;
    const requestCount = emulator.requests.length;
    await expect(client.titleConvo({ text: 'Hello', responseText: response.text })).resolves.toBe('New Chat');
    expect(await failureOf(client.getCredits(true))).toMatchObject({ code: 'missing_api_key' });
    delete process.env.OPENROUTER_API_KEY;
    expect(emulator.requests).toHaveLength(requestCount);
  });

  test('bills the usage that the API reports, once', async () => {
    const client = app.clientFor(user);
    await send(client, 'Hello');
    const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = client.usage;
    expect(app.db.transactions).toEqual([expect.objectContaining({ user: user.id, context: 'message', model: MODEL, promptTokens, completionTokens })]);
    expect(app.db.checks).toEqual([expect.objectContaining({ amount: expect.any(Number), model: MODEL })]);
    expect(app.db.checks[0].amount).toBeGreaterThan(0);
  });

  test('sends the instructions to the model once', async () => {
    const client = app.clientFor(user, {}, { promptPrefix: 'Answer in French.' });
    await send(client, 'Hello');
    expect(lastBody().messages).toEqual([{ role: 'system', content: 'Answer in French.' }, { role: 'user', content: 'Hello' }]);
    expect(lastBody()).not.toHaveProperty('promptPrefix');
  });
});
