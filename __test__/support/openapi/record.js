'use strict';

// Records the requests that the servers of the tests receive, for the check against the API's OpenAPI file. Jest runs this file
// before each test file (`setupFilesAfterEnv` in package.json); without that file it does nothing.

const diagnostics = require('node:diagnostics_channel');
const fs = require('node:fs');

/** The file into which requests are written, a line of JSON for each. `setup.js` sets it. */
const VARIABLE = 'TEST_OPENAPI_RECORD';
/** Longer bodies are not checked: they test sizes, and are made of filler. */
const MAX_BODY = 1 << 20;
const CHANNEL = 'http.server.request.start';
/** The place of the function that ends the recording of the test file before, whose modules are others than ours. */
const END = Symbol.for('openrouter-native.tests.endRecording');
/** Bun has an `expect` without the path of the test file. */
const test = typeof expect === 'undefined' ? '' : (expect.getState?.().testPath ?? '');

/** Writes a request, whose body is a `Buffer`. */
function record({ method, url, headers, body }, file = process.env[VARIABLE]) {
  if (!file || body.length > MAX_BODY || headers['content-encoding'] !== undefined) return;
  const line = { method, url, type: headers['content-type'] ?? '', body: body.toString(), test };
  fs.appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** Records what every HTTP server of this process receives. The reader of a body does not notice. */
function recordServers(file = process.env[VARIABLE]) {
  const onRequest = ({ request }) => {
    const parts = [];
    let size = 0;
    const { push } = request;
    // The parser hands each piece of the body to `push`, and null at its end.
    request.push = function pushAndKeep(piece, ...more) {
      if (piece === null) record({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts) }, file);
      else if (size <= MAX_BODY) {
        size += piece.length;
        parts.push(Buffer.from(piece));
      }
      return push.call(this, piece, ...more);
    };
  };
  diagnostics.subscribe(CHANNEL, onRequest);
  return () => diagnostics.unsubscribe(CHANNEL, onRequest);
}

if (process.env[VARIABLE]) {
  const channel = diagnostics.channel(CHANNEL);
  channel[END]?.();
  channel[END] = recordServers();
}

module.exports = { VARIABLE, record, recordServers };
