'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {
  'stream-1':
    "the server's 20,000 writes are the limit, for the raw socket too: a client that is faster waits for it. Reading in step with it costs a wake-up an event, so our network thread rests 100 µs between such reads: a third less CPU here, but no less time.",
  'http-200':
    "what is left is even, some 4 µs an event: V8's promises and copies of objects, a wake-up each 2 ms, the loop that adds up the text. Our own JavaScript is a tenth of it.",
  'http-1000': 'as for `http-200`; half of it is the start of 1,000 calls, at 50 to 75 µs each: the native call, the stack that an error would show, the head and the first words, and what V8 copies of 1,000 open streams.',
  'tls-200': 'as for `http-200`.',
  'tls-1000': 'as for `http-1000`.',
  'sdk-200': 'what is left is LangChain: an agent whose model answers from memory, with no request at all, costs as much as one on `ChatOpenRouter` does.',
  'short-http':
    'a TCP echo alone takes 76 µs from core to core on this machine, and all clients wait for it. The rest is two threads that take turns on the one core that clients have here: on the main thread a sixth is the new client with its checked options, a twelfth the stack that an error would show; on the network thread a third is the request through reqwest and hyper.',
  'short-tls': 'as for `short-http`.',
  'short-h2': 'as for `short-http`; over HTTP/2 the frames and windows of each request come on top.',
  'image-16': 'one of the two was measured while the machine was slow: single runs are 108 to 151 ms, and it was 1.02x and 1.04x in the runs before.',
  'image-3': 'half of the main thread is page faults of the two strings that V8 makes of a picture: the batch, and what `JSON.parse` takes out of it. The engine looks at the text once for each level it is nested in, at 0.4 ms.',
  models: 'a cached list is a synchronous question to the addon and a copy of the list: 0.7 µs on a quiet machine, up to twice that on a busy one.',
  require: 'the first file of any package takes Node 0.5 ms, each further one 0.25 ms, and there are thirteen that a first client needs. The addon takes 0.9 ms.',
};

module.exports = { REASONS };
