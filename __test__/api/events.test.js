'use strict';

const assert = require('node:assert');

const { random } = require('../support/random.js');
const { SSE_HEAD, newClient, readAll } = require('../support/streaming.js');
const { FIN, startByteServer } = require('../support/servers/byte-server.js');

const json = JSON.stringify;

let server;
beforeAll(async () => { server = await startByteServer(); });
afterAll(() => server.close());

/** The endpoints whose events are streamed as they are: an event with the text `@`, other events, and the last one. */
const ENDPOINTS = {
  responses: {
    delta: (more) => ({ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: '@', logprobs: [], ...more }),
    others: [
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: '@', logprobs: [{ token: '@' }] },
      { type: 'response.reasoning_text.delta', item_id: 'rs_1', output_index: 1, content_index: 0, delta: '@' },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 2, delta: '@' },
      { type: 'response.output_item.added', output_index: 0, item: { type: 'message', content: [], text: '@' } },
      { type: 'response.output_text.annotation.added', annotation: { delta: '@' } },
    ],
    last: { type: 'response.completed', response: { id: 'resp-1', model: 'a/b', output: [] } },
  },
  messages: {
    delta: (more) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '@' }, ...more }),
    others: [
      { type: 'content_block_delta', index: 1, delta: { type: 'thinking_delta', thinking: '@' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'signature_delta', signature: '@' } },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '@' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', text: '@', citation: { cited: '@' } } },
      { type: 'ping' },
    ],
    last: { type: 'message_stop' },
  },
  completions: {
    delta: (more) => ({ id: 'gen-1', object: 'text_completion', model: 'a/b', choices: [{ index: 0, text: '@', finish_reason: null, logprobs: null }], ...more }),
    others: [
      { id: 'gen-1', model: 'a/b', choices: [{ index: 1, text: '@' }] },
      { id: 'gen-1', model: 'a/b', choices: [{ index: 0, text: '@', logprobs: { tokens: ['@'] } }] },
      { id: 'gen-1', model: 'a/b', choices: [{ text: '@' }, { text: '@' }] },
      { id: 'gen-1', model: 'a/b', choices: [], usage: { cost: 0 } },
    ],
    last: { id: 'gen-1', model: 'a/b', choices: [{ index: 0, text: '', finish_reason: 'stop' }] },
  },
};

/** Opens a stream of `endpoint` whose events are these JSON texts. */
function open(endpoint, texts) {
  server.script = () => [SSE_HEAD, ...texts.map((text) => `data: ${text}\n\n`), FIN];
  return newClient(server)[endpoint]({ model: 'a/b', stream: true });
}

/** Streams these JSON texts and expects each event to equal what JSON.parse makes of its text, in the order of its fields too. */
async function expectAsParsed(endpoint, texts) {
  const all = [...texts, json(ENDPOINTS[endpoint].last)];
  const { items, error } = await readAll(await open(endpoint, all));
  expect(error).toBeNull();
  expect(items).toHaveLength(all.length);
  for (const [at, text] of all.entries()) {
    assert.deepStrictEqual(items[at], JSON.parse(text));
    expect(json(items[at])).toBe(json(JSON.parse(text)));
  }
}

describe.each(Object.keys(ENDPOINTS))('events of client.%s', (endpoint) => {
  const { delta, others, last } = ENDPOINTS[endpoint];

  test.each([1, 2, 3])('equal JSON.parse of their texts, for random texts among random fields (seed %i)', async (seed) => {
    const next = random(seed);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const units = ['a', 'B ', '"', '\\', '\n', '\u0001', 'é', '蜂', '🐝', '\uD83D', '\uDC1D', '{', ']', ':', ',', 'data:', 'null', '\u2028', '\\u0041'];
    let shape = json(delta());
    let number = 0;
    const texts = Array.from({ length: 600 }, () => {
      // As in real streams, the other fields stay the same for several events, and then change.
      if (next() < 0.1) {
        shape = json(pick([
          delta(),
          delta({ sequence_number: '#' }),
          { sequence_number: '#', ...delta() },
          delta({ extra: pick([0, true, 'x', '#', [], {}]), text: 'x' }),
          delta({ sequence_number: pick(['1', 1.5, null, 2 ** 53]) }),
          ...others,
        ]));
        if (next() < 0.2) shape = JSON.stringify(JSON.parse(shape), null, 1).replaceAll('\n', '');
      }
      // Most numbers follow the one before.
      number = next() < 0.9 ? number + 1 : Math.floor(next() * 1000);
      const text = Array.from({ length: Math.floor(next() * 6) }, () => pick(units)).join('');
      const written = next() < 0.8 ? json(text).slice(1, -1) : text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
      return shape.replaceAll('"#"', () => String(number)).replaceAll('@', () => written);
    });
    await expectAsParsed(endpoint, texts);
  });

  test('share nothing: a change of one does not show in the others', async () => {
    const texts = [0, 1, 2, 3].map((at) => json(delta({ sequence_number: at })).replaceAll('@', `t${at}`));
    const expected = [...texts, json(last)].map((text) => JSON.parse(text));
    const seen = [];
    for await (const event of await open(endpoint, [...texts, json(last)])) {
      seen.push(structuredClone(event));
      spoil(event);
    }
    expect(seen).toEqual(expected);
  });
});

/** Changes all that an event consists of. */
function spoil(value) {
  if (Array.isArray(value)) value.push('spoiled');
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null) spoil(inner);
    else value[name] = 'spoiled';
  }
}

test('a text that no event of the answer holds is assembled from what crossed alone', async () => {
  const { delta, last } = ENDPOINTS.responses;
  const texts = Array.from({ length: 200 }, (_, at) => json(delta({ sequence_number: at })).replace('@', `word ${at} `));
  const whole = Array.from({ length: 200 }, (_, at) => `word ${at} `).join('');
  const read = await readAll((await open('responses', [...texts, json(last)])).text());
  expect(read.items.join('')).toBe(whole);
  const cut = await open('responses', texts);
  const { error } = await readAll(cut);
  expect(error).toMatchObject({ code: 'stream_truncated' });
  expect(error.partial.output[0].content[0].text).toBe(whole);
  expect(cut.metrics.events).toBe(200);
});
