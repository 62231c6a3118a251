'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {
  'stream-1':
    "more than a third of our CPU is V8's: on the one core that clients have here, the four helpers of its garbage collector wait for each other (with `--single-threaded-gc` the same stream takes two thirds of the time). And with a write for each event nobody, the raw socket included, is much faster than the server writes.",
  'stream-16': "as for `stream-1`: V8's helpers take twice the CPU of the JavaScript thread, and four times that of the network thread.",
  'http-200':
    'what is left is small and even: the map entry, the promise and the object that each chunk of another stream is, its garbage, and what the reader does with it, some 5 µs an event. Waking JavaScript a quarter as often, and letting the network thread rest between two reads, changed nothing. Of this run a third is the start of the streams and code that is not compiled yet.',
  'http-1000': 'as for `http-200`; the start of 1,000 calls is half of it, at 90 µs each.',
  'tls-200': 'as for `http-200`.',
  'tls-1000': 'as for `http-1000`.',
  'sdk-200': 'what is left is LangChain: an agent whose model answers from memory, with no request at all, costs as much as one on `ChatOpenRouter` does.',
  'short-http':
    'the two threads take turns on the one core that clients have here, eleven switches a chat, and what wakes the network thread loses the core to it. A new client is a new set of checked options on top.',
  'short-tls': 'as for `short-http`.',
  'short-h2': 'as for `short-http`; over HTTP/2 the frames and windows of each request come on top.',
  'image-3': 'half of the main thread is page faults of the two strings that V8 makes of a picture: the batch, and what `JSON.parse` takes out of it. The engine looks at the text once for each level it is nested in, at 0.4 ms.',
  require: 'the first file of any package takes Node 1.1 ms, each further one 0.17 ms, and there are sixteen. The addon takes 0.8 ms.',
};

module.exports = { REASONS };
