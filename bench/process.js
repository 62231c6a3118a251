'use strict';

// The process in which one client runs one task. It prints the figures as JSON in the last line of its output.
// `node process.js '{"task":"streams","client":"openai",…}'`, see `runner.js`.
const { load } = require('./clients');

const WITHOUT = new Set(['after-pause', 'idle', 'require', 'workers']);

async function main() {
  const work = JSON.parse(process.argv[2]);
  const run = require(`./tasks/${work.task}.js`);
  // `require` measures the loading itself, `idle` has no client, and each worker and each pause loads one of its own.
  const open = WITHOUT.has(work.task) ? null : await load(work.client);
  const result = await run(work, open);
  // Exit explicitly, because idle streams and the connection pools of some clients would keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
