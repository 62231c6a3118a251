'use strict';

const PACED =
  "the remaining cost, some 4 µs per event in `http-200`, has no dominant part: V8's promises and copies of objects, a wake-up every 2 ms, and the loop of the benchmark that concatenates the text. Our own JavaScript is a tenth of it.";
const STARTS =
  'With 1,000 streams, half of the cost is the start of the calls, at 50 to 75 µs each: the native call, the stack trace that is captured for a possible error, the response head and the first words, and the objects of the open streams that V8 copies.';

/** The reasons why a workload may miss its targets, from profiles. The report prints those of the workloads that do. */
const REASONS = {
  'stream-1':
    "an event costs the network thread 1 µs and the main thread a third of that. The network thread spends most of it in reqwest and hyper, which hand each HTTP chunk separately from one task to another. Without the idle timeout and the support for aborts it would be 6 % less.",
  'http-200': PACED,
  'http-1000': `${PACED} ${STARTS}`,
  'tls-200': PACED,
  'tls-1000': `${PACED} ${STARTS}`,
  'sdk-200': 'the remaining cost is that of LangChain: an agent whose model answers from memory, without any request, costs as much as an agent on `ChatOpenRouter`.',
  'agents-200':
    "the main thread and the network thread share the one core of the clients, and 200 agents fill it. The network thread takes a third to a half of it for 40,000 events a second over TLS. An agent needs 8 ms of the main thread to start, and 0.15 ms for each delta, nearly all of it in LangChain: the row of the agent that answers from memory says how much of the CPU time and of the delays that is. Of what `openai` on createFetch costs, seven tenths are OpenAI's SDK and V8, some 45 µs for a delta however long it is.",
  'chat-server':
    'the start of an agent, 8 ms of the main thread, is a quarter of such a chat, and does not get less. The rest is nearly all in LangChain, as the row of the agent that answers from memory shows.',
  'short-http':
    "on this machine, a minimal client in C that blocks on its socket takes 0.09 to 0.11 ms from the request to the first token. That is half of our time, and as much as an eighth of that of `openai`. The other half is spent by two threads that share the one core of the clients. On the main thread, an eighth is making the client (half of that is reading 20 environment variables), and a twelfth is capturing the stack trace for a possible error. On the network thread, a third is sending the request through reqwest and hyper.",
  'short-tls': 'as in `short-http`, the time is that of two threads that share the one core of the clients.',
  'short-h2': 'as in `short-http`, the time is that of two threads that share the one core of the clients. HTTP/2 adds the frames and flow-control windows of each request.',
  'image-3': 'half of the main-thread CPU is page faults of the two strings that V8 makes of an image: the batch, and the string that `JSON.parse` takes out of it. Half of the CPU of the engine is page faults too: it copies the image out of the network buffer, into the batch and into the completion.',
  models: 'a cached list needs a synchronous call of the addon and a copy of the list: 0.7 µs on an idle machine, up to twice that on a busy one.',
  'open-http':
    'by a heap profile, hyper holds 28 KiB for each HTTP/1 connection, which reqwest has no setting for: 8 to read, 8 to write, 9 for the two channels between its tasks, and 3 for the tasks. The state of our call is 6 KiB. Over HTTP/2 one connection serves 64 streams.',
  require: 'Node takes 0.5 ms to load the first file of a package and 0.25 ms for each further one, and the first client needs some twenty files. Loading the addon takes 0.9 ms.',
};

module.exports = { REASONS };
