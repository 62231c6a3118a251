'use strict';

const { makeEncoder } = require('./encoding');
const { Outlet } = require('./outlet');

const PADDING = `${' '.repeat(15)}\n`;
const DEFAULT_PADS = 3;
const WITHOUT_BODY = new Set([204, 304]);

/**
 * Sends a body that is not an event stream: whole, or as the directives `pad`, `padonly`, `split`, `cut` and `stall` ask.
 * `cut` and `stall` count bytes here.
 */
async function sendBody(transaction, directives, { status = 200, headers = {}, contentType = 'application/json', text }) {
  const { encoding, pad, padonly, cut, cutHow, stall, split, gap = 0 } = directives;
  const allHeaders = { 'Content-Type': contentType, ...headers };
  const bytes = rawBytes(directives) ?? Buffer.from(text);
  const isOdd = pad || padonly || split || cut !== undefined || stall !== undefined;
  if (!isOdd || WITHOUT_BODY.has(status)) return sendWhole(transaction, status, allHeaders, bytes, encoding);

  const outlet = new Outlet(transaction, directives);
  outlet.open(status, allHeaders);
  const pads = pad ?? (padonly ? DEFAULT_PADS : 0);
  for (let sent = 0; sent < pads; sent += 1) {
    if (!(await outlet.send(PADDING))) return;
    if (gap > 0 && !(await transaction.sleep(gap))) return;
  }
  if (padonly) return outlet.finish();
  await outlet.send(bytes.subarray(0, cut ?? stall));
  if (stall !== undefined) return transaction.record.closed;
  return cut === undefined ? outlet.finish() : outlet.cut(cutHow);
}

async function sendWhole(transaction, status, headers, bytes, encoding) {
  if (!encoding) return transaction.sendWhole(status, headers, bytes);
  const encoder = makeEncoder(encoding);
  const encoded = Buffer.concat([await encoder.encode(bytes), await encoder.finish()]);
  return transaction.sendWhole(status, { ...headers, 'Content-Encoding': encoding }, encoded);
}

/** Returns the exact bytes that `raw` or `raw-bytes` puts in place of the body, or undefined. */
function rawBytes({ raw, rawBytes: base64 }) {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return raw === undefined ? undefined : Buffer.from(raw);
}

module.exports.rawBytes = rawBytes;
module.exports.sendBody = sendBody;
