'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const express = require('express');

const { createFetch } = require('../..');
const { configureAgents } = require('openrouter-native/librechat');
const { App } = require('../express/support/express-app.js');
const { newModel } = require('../langchain/support/langchain-models.js');
const { failureOf } = require('../support/outcomes.js');
const { httpChunk, startByteServer } = require('../support/servers/byte-server');
const { CHUNKED_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, gate, newClient, openStream, readAll, sse } = require('../support/streaming');

const END = httpChunk('');
const USAGE = { ...chunkOf(''), choices: [], usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5, cost: 0.5 } };
const reasoning = (text) => chunkOf('', { delta: { reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, format: 'x', index: 0 }] } });
const tool = (index) => chunkOf(null, { delta: { tool_calls: [{ index, id: `call-${index}`, type: 'function', function: { name: 'f', arguments: '{}' } }] } });

let server;
beforeAll(async () => { server = await startByteServer(); });
beforeEach(() => { server.requests.length = 0; });
afterAll(() => server.close());

/** Answers every request with the bytes of `text` in one write. */
const answers = (text) => { server.script = () => [CHUNKED_HEAD + httpChunk(text) + END]; };
const BODY = JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }] });
const post = (fetch) => fetch(`${server.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-coalesce' }, body: BODY });
const bytesOver = async (options) => (await post(createFetch(options))).text();
/** The chunks of a client's stream. */
const chunksOf = async (options) => (await readAll(await openStream(server, {}, options))).items;

const WORDS = ['a', 'b', '\ud83d\ude00', 'd'];
const STREAM = sse(...WORDS.map((word) => chunkOf(word)), finishChunk(), USAGE);

describe('each door, and what it does unless it is told otherwise', () => {
  /** How many chunks with text each door delivers of four that arrive together. */
  const DOORS = {
    'a client': [4, (coalesce) => chunksOf({ coalesce })],
    'a chat': [4, async (coalesce) => (await readAll(await openStream(server, { coalesce }))).items],
    'the events of a stream': [4, async (coalesce) => {
      const stream = await openStream(server, { coalesce });
      const texts = [];
      stream.on('content', (text) => texts.push(chunkOf(text)));
      await stream.finalCompletion();
      return texts;
    }],
    createFetch: [4, async (coalesce) => eventsIn(await bytesOver({ coalesce }))],
    ChatOpenRouter: [1, async (coalesce) => {
      const { items } = await readAll(await newModel(server, { coalesce }).stream('Hi'));
      return items.map(({ content }) => chunkOf(content));
    }],
    configureAgents: [1, async (coalesce) => {
      const target = { llmConfig: { model: 'openai/gpt-5-mini', apiKey: 'sk-or-v1-limit-coalesce', maxRetries: 0 }, configOptions: { baseURL: server.baseURL } };
      configureAgents(target, coalesce === undefined ? {} : { coalesce });
      const { items } = await readAll(await new ChatOpenAI({ ...target.llmConfig, configuration: target.configOptions }).stream('Hi'));
      return items.map(({ content }) => chunkOf(content));
    }],
    Express: [1, async (coalesce) => {
      const app = await App.start(express, { client: newClient(server), coalesce });
      try {
        return eventsIn((await app.chat({ stream: true })).text);
      } finally {
        await app.close();
      }
    }],
  };
  const eventsIn = (text) => text.split('\n\n').filter((block) => block.startsWith('data: {')).map((block) => JSON.parse(block.slice(6)));
  beforeEach(() => answers(STREAM));

  test.each(Object.keys(DOORS))('%s', async (name) => {
    const [standard, read] = DOORS[name];
    for (const [coalesce, count] of [[undefined, standard], [true, 1], [1000, 1], [false, 4]]) {
      const chunks = await read(coalesce);
      expect([coalesce, contentsOf(chunks).length, contentOf(chunks)]).toEqual([coalesce, count, WORDS.join('')]);
    }
  });

  test.each(Object.keys(DOORS))('%s refuses a wrong value, before anything is sent', async (name) => {
    for (const wrong of [0, 1001, 1.5, '33', {}]) {
      const error = await failureOf((async () => DOORS[name][1](wrong))());
      expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('coalesce') });
    }
    expect(server.requests).toHaveLength(0);
  });
});

test('a fetch without the option changes no byte, and one with it only the chunks that it merges', async () => {
  const comment = ': OPENROUTER PROCESSING\n\n';
  const before = comment + event(chunkOf('a')) + comment;
  answers(before + event(chunkOf('b')) + event(chunkOf('c')) + event(tool(0)) + event(chunkOf('d')) + sse(finishChunk(), USAGE));
  const plain = before + event(chunkOf('b')) + event(chunkOf('c')) + event(tool(0)) + event(chunkOf('d')) + sse(finishChunk(), USAGE);
  expect(await bytesOver({})).toBe(plain);
  expect(await bytesOver({ coalesce: true })).toBe(before + event(chunkOf('bc')) + event(tool(0)) + event(chunkOf('d')) + sse(finishChunk(), USAGE));
});

test('a response with merged events has no content-length, because theirs is another', async () => {
  server.script = () => [`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ${Buffer.byteLength(STREAM)}\r\n\r\n${STREAM}`];
  expect((await post(createFetch())).headers.get('content-length')).toBe(String(Buffer.byteLength(STREAM)));
  expect((await post(createFetch({ coalesce: true }))).headers.get('content-length')).toBeNull();
});

test('answers that are no event stream, and errors, pass unchanged', async () => {
  for (const [status, body] of [['200 OK', JSON.stringify(chunkOf('a'))], ['429 Too Many Requests', `${event(chunkOf('a'))}${event(chunkOf('b'))}`]]) {
    const type = status.startsWith('200') ? 'application/json' : 'text/event-stream';
    server.script = () => [`HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`];
    expect(await bytesOver({ coalesce: 1000 })).toBe(body);
  }
});

test('reasoning and content are merged each for itself, and tool calls, other choices and usage stay in their places', async () => {
  const other = chunkOf('z', { choice: { index: 1 } });
  answers(sse(reasoning('h'), reasoning('m'), chunkOf('a'), chunkOf('b'), tool(0), tool(1), chunkOf('c'), other, chunkOf('d'), finishChunk('tool_calls'), USAGE));
  const chunks = await chunksOf({ coalesce: 1000 });
  expect(chunks).toEqual([reasoning('hm'), chunkOf('ab'), tool(0), tool(1), chunkOf('c'), other, chunkOf('d'), finishChunk('tool_calls'), USAGE]);
});

test('a pair of surrogates that two deltas share becomes one character', async () => {
  answers(sse(chunkOf('x'), ...[`\\ud83d`, `\\ude00`].map((half) => JSON.stringify(chunkOf('@')).replace('@', half)), finishChunk()));
  expect(contentsOf(await chunksOf({ coalesce: true }))).toEqual(['x😀']);
});

describe('within its time', () => {

  test('the first text is delivered at once, and what follows waits until something else comes', async () => {
    const writes = [];
    const first = gate();
    server.script = async function* script() {
      yield CHUNKED_HEAD + httpChunk(event(chunkOf('')) + event(chunkOf('a')));
      await first;
      for (const text of ['b', 'c', 'd']) yield httpChunk(event(chunkOf(text)));
      yield httpChunk(sse(finishChunk(), USAGE)) + END;
    };
    const stream = await openStream(server, { coalesce: 1000 });
    for await (const chunk of stream) {
      writes.push(chunk.choices[0]?.delta.content);
      if (chunk.choices[0]?.delta.content === 'a') first.open();
    }
    expect(writes).toEqual(['a', 'bcd', '', undefined]);
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('abcd');
  });

  test('what is held is delivered when the time is over, although nothing else comes', async () => {
    const [first, second] = [gate(), gate()];
    server.script = async function* script() {
      yield CHUNKED_HEAD + httpChunk(event(chunkOf('a')));
      await first;
      yield httpChunk(event(chunkOf('b')));
      await second;
      yield httpChunk(sse(finishChunk())) + END;
    };
    const response = await post(createFetch({ coalesce: 200 }));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe(event(chunkOf('a')));
    first.open();
    // The server sends no more until this has arrived.
    expect((await reader.read()).value).toBe(event(chunkOf('b')));
    second.open();
    expect((await reader.read()).value).toBe(sse(finishChunk()));
  });

  test.each([
    ['an error in the stream', () => httpChunk(event({ error: { code: 502, message: 'Provider returned error' } })) + END, { code: 'provider_error' }],
    ['a connection that is cut', () => null, { code: 'stream_truncated' }],
  ])('%s comes after what was held', async (_what, last, expected) => {
    const first = gate();
    server.script = async function* script({ connection }) {
      yield CHUNKED_HEAD + httpChunk(event(chunkOf('a')));
      await first;
      yield httpChunk(event(chunkOf('b')) + event(chunkOf('c')));
      const step = last();
      if (step) yield step;
      else connection.socket.destroy();
    };
    const stream = await openStream(server, { coalesce: 1000 });
    const texts = [];
    const error = await failureOf((async () => {
      for await (const chunk of stream) {
        texts.push(contentOf([chunk]));
        first.open();
      }
    })());
    expect(texts).toEqual(['a', 'bc']);
    expect(error).toMatchObject(expected);
    expect(error.partial.choices[0].message.content).toBe('abc');
  });

  test('an abort delivers what was held, then rejects', async () => {
    const [first, held] = [gate(), gate()];
    server.script = async function* script({ closed }) {
      yield CHUNKED_HEAD + httpChunk(event(chunkOf('a')));
      await first;
      yield httpChunk(event(chunkOf('b')));
      held.open();
      await closed;
    };
    const stream = await openStream(server, { coalesce: 1000 });
    const texts = [];
    const error = await failureOf((async () => {
      for await (const chunk of stream) {
        texts.push(contentOf([chunk]));
        first.open();
        if (texts.length > 1) continue;
        await held;
        // The network thread has read the text when it tells so.
        while (stream.partial.choices[0].message.content !== 'ab') await new Promise((resolve) => { setImmediate(resolve); });
        stream.abort();
      }
    })());
    expect(error.name).toBe('AbortError');
    expect(texts.join('')).toBe('ab');
  });

  test('the completion, the usage and the listeners of the end do not wait for it', async () => {
    answers(STREAM);
    const [whole, merged] = [await openStream(server), await openStream(server, { coalesce: 1000 })];
    expect(await merged.finalCompletion()).toEqual(await whole.finalCompletion());
  });
});
