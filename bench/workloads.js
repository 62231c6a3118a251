'use strict';

const path = require('node:path');

const { PEERS } = require('./clients');
const { PEM } = require('./server.js');

const ALL = [...PEERS, 'ours', 'ours-text', 'raw', 'engine'];
const MOST = ALL.filter((name) => name !== 'openrouter' && name !== 'impit');
const FEW = ['node-fetch', 'openai', 'fetch-parser', 'ours', 'ours-text', 'raw', 'engine'];
/** For `tiny`, which only checks that everything works: one client of each kind of stream. */
const KINDS = ['node-fetch', 'ours', 'ours-text', 'raw'];
const SDKS = ['openai', 'openai-fetch', 'ai', 'ai-fetch', 'agent', 'agent-fetch', 'agent-ours', 'agent-alone'];
/** Time between two events of a paced stream, in ms. */
const GAP = 20;
/** The same for chats of a fast model, whose deltas are merged. */
const FAST = 5;

/** The warm-up, after which V8 has compiled the code: the number of long answers, the events of each, and short answers. */
const WARM = { long: 3, events: 5000, short: 50 };
/** A shorter warm-up for the SDKs and agents, which take up to a hundred times as long per event. */
const LUKEWARM = { long: 1, events: 2000, short: 0 };

/** The same clients for each length of the benchmark. */
const always = (clients) => ({ full: clients, quick: clients, tiny: clients });

/** A workload of concurrent streams. `sizes` are `[streams, events of each]`, by the length of the benchmark. */
function streams(name, title, listener, sizes, { per = 1, gap = 0, warm = WARM, api, clients = { full: ALL, quick: FEW, tiny: KINDS } } = {}) {
  const warmUps = (url, all) => [
    [warm.long, url(listener, { events: Math.min(warm.events, all), per })],
    [Math.min(warm.short, all), url(listener, { events: 3 })],
  ];
  return {
    name,
    title: ([count, events]) => title.replace('{streams}', count.toLocaleString('en')).replace('{events}', events.toLocaleString('en')),
    task: 'streams',
    sizes,
    clients,
    work: ({ url }, [count, events]) => ({
      url: url(listener, { events, per, ...(gap > 0 && { gap }) }),
      warmUps: warmUps(url, events * count),
      count,
      paced: gap > 0,
      api,
    }),
  };
}

/** One stream of another API than chats, 16 events in a write. */
const events = (api, clients) =>
  streams(api, `one stream of \`${api}\`, {events} events, 16 per write`, 'http', { full: [1, 20_000], quick: [1, 20_000], tiny: [1, 320] }, { per: 16, api, clients: always(clients) });

function short(name, title, listener) {
  return {
    name,
    title: () => title,
    task: 'short',
    sizes: { full: 200, quick: 100, tiny: 4 },
    clients: { full: ['node-fetch', 'openai', 'fetch-parser', 'ours', 'bare'], quick: ['node-fetch', 'openai', 'ours', 'bare'], tiny: ['node-fetch', 'openai', 'ours', 'bare'] },
    work: ({ url }, count) => ({ url: url(listener, { events: 3 }), count }),
  };
}

/**
 * A workload of chats of a fast model over TLS, whose words are the times when the server sent them. `sizes` are the number
 * of chats, the words of each, and the ms between the starts of two chats.
 */
function chats(task, name, title, sizes, clients) {
  return {
    name,
    title: ([count, words]) => title.replace('{chats}', count.toLocaleString('en')).replace('{words}', words.toLocaleString('en')),
    task,
    sizes,
    /** Few runs are enough: each is the mean of many chats. */
    runs: { full: 2, quick: 1, tiny: 1 },
    clients: always(clients),
    work: ({ url }, [count, words, apartMs]) => ({
      url: url('h2', { events: words, gap: FAST, timed: 1 }),
      warmUp: url('h2', WARMED),
      count,
      apartMs,
      words,
    }),
  };
}

/** The answer with which the clients of `chats` warm up. */
const WARMED = { events: 500, gap: 1 };

/**
 * The pauses of `after-pause`: what the server does with the connection meanwhile, the seconds, the number of processes that
 * pause at the same time, and the chats of each.
 */
const PAUSES = {
  full: [['silent', 6, 2, 5], ...['silent', 'said', 'closed'].flatMap((keeping) => [[keeping, 30, 4, 2], [keeping, 120, 5, 1]])],
  quick: [['silent', 6, 1, 3], ...['silent', 'said', 'closed'].map((keeping) => [keeping, 30, 3, 1])],
  tiny: ['silent', 'said', 'closed'].map((keeping) => [keeping, 0.1, 1, 1]),
};

/** A workload of the same streams in one worker thread and divided among several. The name of a client ends with the number. */
function workers() {
  const sizes = { full: [24, 10_000], quick: [24, 5000], tiny: [24, 32] };
  const clients = always(['workers-1', 'workers-2', 'workers-4', 'workers-24']);
  const inOne = streams('workers', '{streams} streams of {events} events, 16 per write, divided among worker threads, http', 'http', sizes, { per: 16, clients });
  const work = (server, size, client) => ({ ...inOne.work(server, size), threads: Number(client.split('-')[1]) });
  return { ...inOne, task: 'workers', work };
}

/** A workload of one large event. At 16 MB, peers that split lines by hand need a minute, so they run only at 3 MB. */
const image = (name, megabytes, full) => ({
  ...streams(name, `one event of ${megabytes} MB`, 'http', { full: [1, 1], quick: [1, 1], tiny: [1, 1] }, { clients: { full, quick: full, tiny: ['undici-parser', 'ours'] } }),
  work: ({ url }) => ({ url: url('http', { image: megabytes << 20 }), warmUps: [[1, url('http', { image: megabytes << 20 })]], count: 1, paced: false }),
});

const WORKLOADS = [
  {
    name: 'after-pause',
    title: () => 'the first token of a chat after a pause, TLS, 50 ms of round trip',
    task: 'after-pause',
    sizes: PAUSES,
    /** One run is enough: each figure is the median of several processes. */
    runs: { full: 1, quick: 1, tiny: 1 },
    together: true,
    clients: always(['node-fetch', 'openai', 'ours']),
    work: (server, pauses) => ({ pem: PEM, pauses: pauses.map(([keeping, seconds, processes, count]) => ({ keeping, seconds, processes, count })) }),
  },
  {
    name: 'first-chat',
    title: () => 'the first chat of a process, half a second after its start, TLS, 50 ms of round trip',
    task: 'first-chat',
    sizes: { full: 500, quick: 500, tiny: 10 },
    clients: always(['node-fetch', 'openai', 'ours', 'ours-connected']),
    work: (server, afterMs) => ({ pem: PEM, afterMs }),
  },
  streams('stream-1', 'one stream, {events} events, one per write', 'http', { full: [1, 20_000], quick: [1, 20_000], tiny: [1, 300] }, { clients: { full: ALL, quick: FEW, tiny: [...PEERS, 'ours', 'ours-text', 'raw'] } }),
  streams('stream-16', 'one stream, {events} events, 16 per write', 'http', { full: [1, 20_000], quick: [1, 20_000], tiny: [1, 320] }, { per: 16 }),
  streams('http-200', '{streams} streams, each with an event every 20 ms, http', 'http', { full: [200, 60], quick: [200, 40], tiny: [4, 5] }, { gap: GAP, clients: { full: MOST, quick: FEW, tiny: KINDS } }),
  streams('http-1000', '{streams} streams, each with an event every 20 ms, http', 'http', { full: [1000, 25], quick: [1000, 20], tiny: [8, 3] }, { gap: GAP }),
  streams('tls-200', '{streams} streams, each with an event every 20 ms, TLS', 'h2', { full: [200, 60], quick: [200, 40], tiny: [4, 5] }, { gap: GAP, clients: { full: MOST, quick: FEW, tiny: KINDS } }),
  streams('tls-1000', '{streams} streams, each with an event every 20 ms, TLS', 'h2', { full: [1000, 25], quick: [1000, 20], tiny: [8, 3] }, { gap: GAP, clients: { full: MOST, quick: FEW, tiny: KINDS } }),
  streams('sdk-200', "SDKs: {streams} streams, each with an event every 20 ms, TLS", 'h2', { full: [200, 20], quick: [200, 15], tiny: [3, 4] }, { gap: GAP, warm: LUKEWARM, clients: always(SDKS) }),
  chats('agents', 'agents-200', '{chats} chats at once of {words} words, a word every 5 ms, TLS', { full: [200, 1200, 20], quick: [200, 400, 20], tiny: [3, 8, 1] }, ['openai', 'openai-coalesced', 'agent', 'agent-coalesced', 'agent-ours', 'agent-alone-33']),
  chats('chat-server', 'chat-server', 'a chat server as LibreChat: {chats} chats at once of {words} words, a word every 5 ms, TLS', { full: [50, 1200, 20], quick: [50, 200, 20], tiny: [2, 8, 1] }, ['agent', 'agent-coalesced', 'agent-ours', 'agent-alone-33']),
  workers(),
  events('responses', ['openai', 'fetch-parser', 'ours', 'ours-text']),
  events('messages', ['fetch-parser', 'ours', 'ours-text']),
  events('completions', ['openai', 'fetch-parser', 'ours', 'ours-text']),
  {
    name: 'embeddings-2048',
    title: () => 'embeddings of 2,048 texts, 1,536 numbers each',
    task: 'embeddings',
    sizes: { full: 10, quick: 5, tiny: 1 },
    clients: always(['openai', 'ours']),
    work: ({ url }, count) => ({ url: url('http', { embeddings: 2048 }), count, texts: 2048 }),
  },
  short('short-http', 'short chats, a new client for each, http', 'http'),
  short('short-tls', 'short chats, a new client for each, TLS 1.3', 'tls'),
  short('short-h2', 'short chats, a new client for each, HTTP/2 if the client supports it', 'h2'),
  image('image-3', 3, [...PEERS, 'ours', 'raw', 'engine']),
  image('image-16', 16, ['undici-parser', 'ours', 'raw', 'engine']),
  {
    name: 'models',
    title: () => 'getModels, 400 models, 600 KB',
    task: 'models',
    sizes: { full: 50, quick: 20, tiny: 2 },
    clients: always(['node-fetch', 'fetch-parser', 'openai', 'ours']),
    work: ({ url }, count) => ({ url: url('http', {}), count }),
  },
  {
    name: 'prompt',
    title: () => 'a request with a prompt of 1 MB',
    task: 'prompt',
    sizes: { full: 50, quick: 20, tiny: 2 },
    clients: always(['node-fetch', 'fetch-parser', 'openai', 'ours']),
    work: ({ url }, count) => ({ url: url('h2', {}), count, size: 1e6 }),
  },
  ...['http', 'h2'].map((listener) => ({
    name: `open-${listener}`,
    title: (count) => `${count.toLocaleString('en')} open streams on which the server is silent, ${listener === 'h2' ? 'TLS' : 'http'}`,
    task: 'open',
    sizes: { full: 10_000, quick: 2000, tiny: 5 },
    /** One run is enough: the figures vary little, and a run takes long. */
    runs: { full: 1, quick: 1, tiny: 1 },
    clients: { full: ['undici-parser', 'ours'], quick: ['undici-parser', 'ours'], tiny: ['undici-parser', 'ours'] },
    work: ({ url }, count) => ({ url: url(listener, { idle: 1 }), warmUp: url(listener, { events: 3 }), count }),
  })),
  {
    name: 'require',
    title: () => 'loading the package',
    task: 'require',
    sizes: { full: 0, quick: 0, tiny: 0 },
    clients: { full: ['node-fetch', 'openai', 'openrouter', 'undici-parser', 'impit', 'ours'], quick: ['node-fetch', 'openai', 'openrouter', 'undici-parser', 'impit', 'ours'], tiny: ['ours'] },
    work: (server, size, client) => ({ path: PACKAGES[client] }),
  },
  {
    name: 'idle',
    title: () => 'the harness alone',
    task: 'idle',
    sizes: { full: 2, quick: 1, tiny: 0.05 },
    clients: always(['idle']),
    work: (server, seconds) => ({ seconds }),
  },
];

/** The package that the workload `require` loads for each client. */
const PACKAGES = {
  'node-fetch': 'node-fetch',
  openai: 'openai',
  openrouter: 'esm:@openrouter/sdk',
  'undici-parser': 'undici',
  impit: 'impit',
  ours: path.join(__dirname, '..'),
};

module.exports = { LUKEWARM, WARM, WORKLOADS };
