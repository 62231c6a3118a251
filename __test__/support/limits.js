'use strict';

// Upper bounds that tell a promise kept from one broken, on any machine; none of them measures speed.

/** After an abort the server sees the close: the contract's 200 ms, and what a busy machine may add. */
const CLOSE_MS = 200 + 2000;

/** A process with nothing more to do ends; held open, it would last 25 s at least, until the pool lets go of a connection. */
const AT_ONCE_MS = 10_000;

/** A connection whose other end has vanished is found out: the promise of half a minute, and what a busy machine may add. */
const FOUND_DEAD_MS = 30_000 + 15_000;

/**
 * What may be under way when nobody reads: the kernel's buffers at both ends of a loopback connection (Linux: up to
 * `tcp_rmem` and `tcp_wmem`, often 36 MiB), and some reads of ours.
 */
const HELD_BYTES = 96 * 1024 * 1024;

module.exports.AT_ONCE_MS = AT_ONCE_MS;
module.exports.CLOSE_MS = CLOSE_MS;
module.exports.FOUND_DEAD_MS = FOUND_DEAD_MS;
module.exports.HELD_BYTES = HELD_BYTES;
