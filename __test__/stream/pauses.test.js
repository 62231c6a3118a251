'use strict';

// A reader may call `next()` again in the same turn of the event loop, in the next turn, or much later. The addon expects
// the same turn; where that is wrong, it must neither lose data nor leave a reader waiting.
const { setTimeout: sleep } = require('node:timers/promises');

const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { contentOf, newClient, openStream } = require('../support/streaming');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const TEXT = Array.from({ length: 40 }, (_, at) => `word-${at} `).join('');

const PAUSES = {
  not: () => undefined,
  'for a microtask': () => Promise.resolve(),
  'for a turn': () => new Promise(setImmediate),
  'for two turns': async () => { for (let turns = 0; turns < 2; turns += 1) await new Promise(setImmediate); },
  'for less than a gap': () => sleep(1),
  'for several gaps': () => sleep(7),
};
/** A pause of a different kind each time, in an order that depends only on `seed`. */
function mixed(seed) {
  const all = Object.values(PAUSES);
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return all[state % all.length]();
  };
}

const WAYS = {
  chunks: async (open, pause) => {
    const items = [];
    for await (const item of await open()) { items.push(item); await pause(); }
    return contentOf(items);
  },
  'text()': async (open, pause) => {
    let content = '';
    for await (const text of (await open()).text()) { content += text; await pause(); }
    return content;
  },
  body: async (open, pause) => contentOfEvents(await textOf((await open()).body, pause)),
  fetch: async (open, pause, directives) => {
    const headers = { authorization: 'Bearer sk-or-v1-limit-pauses', 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: directives });
    const response = await createFetch()(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers, body });
    return contentOfEvents(await textOf(response.body, pause));
  },
};

async function textOf(body, pause) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) { text += decoder.decode(bytes, { stream: true }); await pause(); }
  return text;
}

const contentOfEvents = (text) => contentOf(text.split('\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6))));

const KINDS = [...Object.entries(PAUSES), ...[1, 2, 3].map((seed) => [`for a different time each time (seed ${seed})`, mixed(seed)])];
const DIRECTIVES = [{ text: TEXT }, { text: TEXT, gap: 2 }];

test.each(Object.keys(WAYS))('%s: concurrent readers that pause in every way receive the whole answer in order', async (way) => {
  const readers = KINDS.flatMap(([name, pause]) => DIRECTIVES.map(async (directives) => {
    const open = () => openStream(emulator, { emulator: directives });
    return [name, await WAYS[way](open, pause, directives)];
  }));
  for (const [name, text] of await Promise.all(readers)) expect([name, text]).toEqual([name, TEXT]);
});

test('stop({ drain: true }) while chunks arrive leaves the whole answer in finalCompletion()', async () => {
  const stream = await openStream(emulator, { emulator: { text: TEXT, gap: 2 } });
  const reader = stream[Symbol.asyncIterator]();
  for (let chunks = 0; chunks < 5; chunks += 1) await reader.next();
  await sleep(7);
  const usage = await stream.stop({ drain: true });
  expect(usage.completion_tokens).toBeGreaterThan(0);
  expect((await stream.finalCompletion()).choices[0].message.content).toBe(TEXT);
});

test('paused readers lose nothing and do not block another reader', async () => {
  const client = newClient(emulator);
  const ask = (directives) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: directives });
  const paused = await Promise.all(Array.from({ length: 10 }, () => ask({ text: TEXT, gap: 1 })));
  const readers = paused.map((stream) => stream[Symbol.asyncIterator]());
  for (const reader of readers) await reader.next();
  let text = '';
  for await (const piece of (await ask({ text: TEXT, gap: 1 })).text()) text += piece;
  expect(text).toBe(TEXT);
  for (const reader of readers) {
    let rest = 1;
    while (!(await reader.next()).done) rest += 1;
    expect(rest).toBeGreaterThan(40);
  }
});
