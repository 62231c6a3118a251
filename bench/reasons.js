'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {
  'stream-1':
    'with a write for each event the clients are as fast as the server writes, and the limits (the raw socket, the engine alone) are no faster than that; the CPU figures are not bound by it.',
  'http-200': 'what is left is the turn of the event loop that each wake-up takes, and the promise and the object that each chunk is; a batch holds an event or two of each stream.',
  'http-1000': 'as for `http-200`.',
  'tls-200': 'as for `http-200`; the start of 200 requests is a fifth of it.',
  'tls-1000': 'as for `http-200`.',
  'sdk-200': 'most of what is left is LangChain: its callbacks, message chunks and generators run for each chunk whatever brings it. At this load its agents keep the main thread busy all the time.',
  'short-http': 'a new client is a new set of checked options, and a short answer is three wake-ups of the main thread and two of the network thread.',
  'short-tls': 'as for `short-http`.',
  'short-h2': 'as for `short-http`; over HTTP/2 the frames and windows of each request come on top.',
  models: 'cold, the transfer takes most of the time for both, and the list is parsed and frozen once. A cached list is checked against the cache of the process each time, and each call gives an array of its own.',
  prompt: 'the text is copied once, into memory that the network thread keeps; the system hands that out page by page, which takes as long as the copy.',
  require: 'the addon takes 1.5 to 2.5 ms of it; the rest is twenty small files, each looked up and compiled. In the .node are gzip, brotli and zstd, HTTP/2, TLS with its curves and tables, and the unwinding that keeps a panic from ending Node; building all of it for size saved 0.15 MB.',
};

module.exports = { REASONS };
