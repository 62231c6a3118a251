'use strict';

// Upper bounds that tell a kept promise from a broken one, also on a slow machine. None of them measures speed.

/** From an abort until the server sees the close: the promised 200 ms, and 2 s for a busy machine. */
const CLOSE_MS = 200 + 2000;

/** Until a process with nothing left to do exits. A wait for idle connections would last 25 s, the limit of the pool. */
const AT_ONCE_MS = 10_000;

/** Until a connection whose other end has vanished is detected: the promised 30 s, and 15 s for a busy machine. */
const FOUND_DEAD_MS = 30_000 + 15_000;

/**
 * Bytes that may be buffered while the body is not read: in the kernel's buffers at both ends of a loopback connection
 * (Linux: up to `tcp_rmem` and `tcp_wmem`, often 36 MiB), and in a few reads of this package.
 */
const HELD_BYTES = 96 * 1024 * 1024;

module.exports.AT_ONCE_MS = AT_ONCE_MS;
module.exports.CLOSE_MS = CLOSE_MS;
module.exports.FOUND_DEAD_MS = FOUND_DEAD_MS;
module.exports.HELD_BYTES = HELD_BYTES;
