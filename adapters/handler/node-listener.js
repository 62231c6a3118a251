'use strict';

const { Readable } = require('node:stream');

const { wrongOption } = require('../../lib/options.js');
const { disconnectSignal } = require('./disconnect-signal.js');
const { INSIDE, answerTo } = require('./entrance.js');
const { fail, refusal } = require('./failure.js');
const { NodeWriter } = require('./node-writer.js');
const { Outlet } = require('./outlet.js');

/**
 * Returns a listener for `http.createServer` that answers by a handler. It writes to the socket itself, which takes less time
 * for each chunk than the stream of a `Response`.
 * @param {Function} handler what `openrouterHandler` returned
 */
function nodeListener(handler) {
  const settings = handler?.[INSIDE];
  if (settings === undefined) throw wrongOption('handler of nodeListener', 'what openrouterHandler returns');
  return (req, res) => {
    const signal = disconnectSignal(res);
    const writer = new NodeWriter(req, res);
    let request;
    try {
      request = requestOf(req, signal);
    } catch {
      // The text of the error has the address, so it is not used.
      const about = { method: req.method, path: 'an unknown path', log: settings.log };
      fail(refusal(400, 'The address, a header or the method of the request cannot be used.'), { outlet: new Outlet(writer), about, signal });
      return;
    }
    void answerTo(request, writer, signal, settings);
  };
}

/** Returns the request as WHATWG has it. */
function requestOf(req, signal) {
  const { method, headers, rawHeaders, socket } = req;
  const all = new Headers();
  // The names of HTTP/2 that begin with a colon are no headers.
  for (let at = 0; at < rawHeaders.length; at += 2) if (!rawHeaders[at].startsWith(':')) all.append(rawHeaders[at], rawHeaders[at + 1]);
  const origin = `${socket.encrypted ? 'https' : 'http'}://${headers.host ?? headers[':authority'] ?? 'localhost'}`;
  // A path such as `//host/x` must stay a path.
  const url = req.url.startsWith('/') ? new URL(`${origin}${req.url}`) : new URL(req.url, origin);
  const hasBody = method !== 'GET' && method !== 'HEAD' && (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined);
  return new Request(url, { method, headers: all, signal, ...(hasBody && { body: Readable.toWeb(req), duplex: 'half' }) });
}

module.exports = { nodeListener };
