'use strict';

// One client does one piece of work in a process of its own, and says what it cost as the last line of its output.
// `node process.js '{"task":"streams","client":"openai",…}'`, see `runner.js`.
const { load } = require('./clients');

const WITHOUT = new Set(['idle', 'require']);

async function main() {
  const work = JSON.parse(process.argv[2]);
  const run = require(`./tasks/${work.task}.js`);
  // Loading it is what `require` measures, and `idle` has no client.
  const open = WITHOUT.has(work.task) ? null : await load(work.client);
  const result = await run(work, open);
  // Idle streams, and the pools of some clients, would keep it alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
