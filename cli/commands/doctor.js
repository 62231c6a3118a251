'use strict';

const { oneLine } = require('../output/plain.js');
const { withService } = require('../service.js');

const MORE = `
Looks at the addon, the key, the environment, the network, the proxy in force,
TLS, the models, the clock, the credits and the endpoints with zero data
retention. It buys nothing and never shows the key. Exit status: 0, or 1 where
something failed.

Examples:
  $ openrouter-native doctor
  $ openrouter-native doctor --json | jq '.checks[] | select(.status == "failed")'`;

const MARKS = { ok: ['green', 'OK'], warning: ['yellow', 'WARN'], failed: ['red', 'FAIL'], skipped: ['dim', 'SKIP'] };
const MARK_WIDTH = 6;
const NAME_WIDTH = 13;

function addDoctor(program, about) {
  return program
    .command('doctor')
    .summary('what is in the way, and what to do')
    .description('Looks at all that stands between here and an answer, and says what to do.')
    .option('--json', '{ ok, baseURL, checks: [{ name, status, message, advice }] }')
    .option('--emulator', 'look at the built-in emulator instead')
    .addHelpText('after', MORE)
    .action((options) => doctor(about, options));
}

async function doctor(about, { json, emulator }) {
  const { terminal, env } = about;
  await withService(about, { emulator, json }, async (service) => {
    const { examine } = require('../checks/index.js');
    const { Site } = require('../checks/site.js');
    const site = new Site({ service, env });
    const checks = await examine(site, (check) => {
      if (!json) show(terminal, check);
    });
    const failures = checks.filter(({ status }) => status === 'failed');
    if (json) terminal.json({ ok: failures.length === 0, baseURL: site.shownURL, checks });
    if (failures.length > 0) about.exitCode = 1;
  });
}

function show(terminal, { name, status, message, advice }) {
  const [colour, mark] = MARKS[status];
  terminal.say(`${terminal.paint(colour, mark.padEnd(MARK_WIDTH))}${name.padEnd(NAME_WIDTH)}${oneLine(message)}`);
  if (advice) terminal.say(`${' '.repeat(MARK_WIDTH + NAME_WIDTH)}→ ${oneLine(advice)}`);
}

module.exports = { addDoctor };
