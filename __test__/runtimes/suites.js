'use strict';

// What `npm test` also runs in each other runtime: these test files, by what they show there. `docs/runtimes.md` has a row for
// each of them.
/** The CI workflow runs all tests on each supported version of Node.js, so these rows run in the other runtimes only. */
const ELSEWHERE = ['bun', 'deno'];

module.exports = [
  { what: 'Loading by `require` and `import`, and the exit of an idle process', files: ['process/process.test.js'] },
  { what: 'Chunks, `text()`, the body, events and `finalCompletion()`', files: ['stream/'] },
  { what: 'Aborts, and signals of every make', files: ['client/OpenRouterClient.abort.test.js', 'client/OpenRouterClient.signals.test.js'] },
  { what: '`createFetch`', files: ['fetch/'] },
  { what: '`AsyncLocalStorage`', files: ['client/async-context.test.js', 'process/async-context.test.js'] },
  { what: 'Diagnostics channels', files: ['client/telemetry.test.js'] },
  { what: 'Debug logging', files: ['client/OpenRouterClient.logging.test.js'] },
  { what: 'Fake timers', files: ['process/fake-timers.test.js'] },
  { what: 'Express', only: ELSEWHERE, files: ['express/chat.test.js', 'express/disconnect.test.js'] },
  { what: 'LangChain', only: ELSEWHERE, files: ['langchain/chat.test.js', 'langchain/tools.test.js'] },
  { what: 'LibreChat', only: ELSEWHERE, files: ['librechat/agents.test.js', 'librechat/bugs.test.js'] },
  { what: 'The command `doctor`', only: ELSEWHERE, files: ['cli/doctor.test.js'] },
];
