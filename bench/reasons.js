'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {
  'stream-1':
    "the server writes each event by itself, and nobody is much faster than it does, the raw socket included. Half of our CPU is the network thread's: an event is a chunk of HTTP/1.1 then, and hyper hands on each by itself.",
  'http-200':
    "what is left is even, some 5 µs an event: a fifth is our JavaScript, a fifth V8's promises and copies of objects, a tenth each memory, the kernel and the addon. Waking JavaScript a quarter as often, and letting the network thread rest between two reads, changed nothing.",
  'http-1000': 'as for `http-200`; half of it is the start of 1,000 calls, at 90 µs each, while 1,000 streams live and V8 copies what they hold.',
  'tls-200': 'as for `http-200`.',
  'tls-1000': 'as for `http-1000`.',
  'sdk-200': 'what is left is LangChain: an agent whose model answers from memory, with no request at all, costs as much as one on `ChatOpenRouter` does.',
  'short-http':
    'the two threads take turns on the one core that clients have here, seven switches a chat. What is left is even: on the main thread a sixth is the new client with its checked options, a twelfth the stack that an error would show; on the network thread a third is the request through reqwest and hyper.',
  'short-tls': 'as for `short-http`.',
  'short-h2': 'as for `short-http`; over HTTP/2 the frames and windows of each request come on top.',
  'image-16': 'one of the two was measured while the machine was slow: single runs are 108 to 151 ms, and it was 1.02x and 1.04x in the runs before.',
  'image-3': 'half of the main thread is page faults of the two strings that V8 makes of a picture: the batch, and what `JSON.parse` takes out of it. The engine looks at the text once for each level it is nested in, at 0.4 ms.',
  models: 'a cached list is a synchronous question to the addon and a copy of the list: 0.7 µs on a quiet machine, up to twice that on a busy one.',
  require: 'the first file of any package takes Node 1.1 ms, each further one 0.17 ms, and there are sixteen. The addon takes 0.8 ms.',
};

module.exports = { REASONS };
