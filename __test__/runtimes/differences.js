'use strict';

// The tests that fail in Bun and in Deno, and why. `npm run test:runtimes` checks that exactly these fail, and
// `docs/runtimes.md` shows them. A name that ends in `*` stands for all tests of which at least one fails.
// Those with `sometimes` need not fail.
const OWN_FETCH = 'the test compares with the built-in `fetch`, which differs here from that of Node.js, whose behaviour `createFetch` has';

module.exports = {
  bun: [
    {
      why: OWN_FETCH,
      tests: {
        'fetch/bodies.test.js': ['a compressed body > is the same body as that of the stock fetch > *'],
        'fetch/input.test.js': [
          'the method > may be Put',
          'the method > POST without a body, or with an empty one, has a Content-Length of 0',
          'the body > may be text',
          'the body > may be text with a lone surrogate',
        ],
        'fetch/redirects.test.js': ['a redirect is followed > *', 'a redirect is not followed > *'],
        'fetch/response.test.js': ['the body > is read by text, json, arrayBuffer, blob and formData'],
      },
    },
    {
      why: "Bun's `Request` gives other content types to a `Blob`, a number and an object than that of Node.js",
      tests: { 'fetch/input.test.js': ['the body > may be a Blob with a type', 'the body > may be a number', 'the body > may be an object'] },
    },
    {
      why: "Bun's `Request` takes a HEAD with a body, and refuses a missing URL with an `Error` that is no `TypeError`",
      tests: {
        'fetch/input.test.js': [
          "a TypeError, as from Node's fetch, and no request > for a HEAD with a body",
          "a TypeError, as from Node's fetch, and no request > for no argument",
        ],
      },
    },
    {
      why: 'Bun starts threads of its own at any time, so those of this package cannot be counted',
      tests: { 'process/process.test.js': ['require and new clients start nothing > require and new clients start no thread; the first call starts one'] },
    },
    {
      why: "`bun test` has no `jest.isolateModules`, which the test uses",
      tests: { 'process/process.test.js': ["in Jest's own realm > two copies of the package work side by side in one thread, and share caches and counters"] },
    },
  ],
  deno: [
    {
      why: OWN_FETCH,
      tests: {
        'fetch/bodies.test.js': ['a compressed body > is the same body as that of the stock fetch > *'],
        'fetch/input.test.js': ['headers > may be pairs'],
        'fetch/redirects.test.js': ['a redirect is followed > *', 'a redirect is not followed > *'],
        'fetch/response.test.js': ['the head of a response > *'],
      },
    },
    {
      why: 'Deno lets a server read on in the body of a request whose sender has left, so the log says that it could not be read',
      tests: {
        'express/disconnect.test.js': [4, 5].map((version) => `Express ${version}: a browser that disconnects > in the middle of its request body causes no API request`),
      },
    },
    {
      why: 'sometimes the server of the test, which runs in Deno as well, closes its connection before its answer has left (the cause is not known)',
      sometimes: true,
      tests: { 'stream/errors.test.js': ['a stream that ends early > EOF after a finish_reason is a normal end, even in the middle of the HTTP body'] },
    },
    {
      why: "a `DOMException` is no `Error` of Jest's realm, which the test expects",
      tests: { 'librechat/agents.test.js': ['configureAgents() > closes the request when the user stops the answer'] },
    },
  ],
};
