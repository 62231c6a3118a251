'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {
  'stream-1':
    'an event costs the network thread 1 µs, most of which is reqwest and hyper, where each HTTP chunk goes from one task to another by itself, and the main thread a third of one. Without the idle limit and the way to abort it would be 6 % less.',
  'http-200':
    "what is left is even, some 4 µs an event: V8's promises and copies of objects, a wake-up each 2 ms, the loop that adds up the text. Our own JavaScript is a tenth of it.",
  'http-1000': 'as for `http-200`; half of it is the start of 1,000 calls, at 50 to 75 µs each: the native call, the stack that an error would show, the head and the first words, and what V8 copies of 1,000 open streams.',
  'tls-200': 'as for `http-200`.',
  'tls-1000': 'as for `http-1000`.',
  'sdk-200': 'what is left is LangChain: an agent whose model answers from memory, with no request at all, costs as much as one on `ChatOpenRouter` does.',
  'short-http':
    'a bare client in C that sleeps until its socket has something takes 0.09 to 0.11 ms from the request to the first token here: half of ours, and as much as an eighth of `openai`. The rest is two threads that take turns on the one core that clients have: on the main thread an eighth is the new client, half of that the 20 environment variables it looks for, and a twelfth the stack that an error would show; on the network thread a third is the request through reqwest and hyper.',
  'short-tls': 'as for `short-http`.',
  'short-h2': 'as for `short-http`; over HTTP/2 the frames and windows of each request come on top.',
  'image-3': 'half of the main thread is page faults of the two strings that V8 makes of a picture: the batch, and what `JSON.parse` takes out of it. Half of the engine is page faults too: the picture is copied out of the network, into the batch and into the completion.',
  models: 'a cached list is a synchronous question to the addon and a copy of the list: 0.7 µs on a quiet machine, up to twice that on a busy one.',
  require: 'the first file of any package takes Node 0.5 ms, each further one 0.25 ms, and there are thirteen that a first client needs. The addon takes 0.9 ms.',
};

module.exports = { REASONS };
