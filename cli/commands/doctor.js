'use strict';

const { oneLine } = require('../output/plain.js');
const { withService } = require('../service.js');

const MORE = `
Checks the addon, the key, the environment variables, the network, the proxy, TLS,
the model list, the clock, the credits and the endpoints with zero data retention.
It costs nothing and never shows the key. Exit status: 0, or 1 if a check failed.

Examples:
  $ openrouter-native doctor
  $ openrouter-native doctor --json | jq '.checks[] | select(.status == "failed")'`;

const MARKS = { ok: ['green', 'OK'], warning: ['yellow', 'WARN'], failed: ['red', 'FAIL'], skipped: ['dim', 'SKIP'] };
const MARK_WIDTH = 6;
const NAME_WIDTH = 13;

function addDoctor(program, context) {
  return program
    .command('doctor')
    .summary('find out why requests fail, and what to do')
    .description('Checks everything that a request needs, and says what to do where a check fails.')
    .option('--json', 'print { ok, baseURL, checks: [{ name, status, message, advice }] }')
    .option('--emulator', 'check the built-in emulator instead')
    .addHelpText('after', MORE)
    .action((options) => doctor(context, options));
}

async function doctor(context, { json, emulator }) {
  const { terminal, env } = context;
  await withService(context, { emulator, json }, async (service) => {
    const { examine } = require('../checks/index.js');
    const { Subject } = require('../checks/subject.js');
    const subject = new Subject({ service, env });
    const checks = await examine(subject, (check) => {
      if (!json) show(terminal, check);
    });
    const failures = checks.filter(({ status }) => status === 'failed');
    if (json) terminal.json({ ok: failures.length === 0, baseURL: subject.shownURL, checks });
    if (failures.length > 0) context.exitCode = 1;
  });
}

function show(terminal, { name, status, message, advice }) {
  const [colour, mark] = MARKS[status];
  terminal.say(`${terminal.paint(colour, mark.padEnd(MARK_WIDTH))}${name.padEnd(NAME_WIDTH)}${oneLine(message)}`);
  if (advice) terminal.say(`${' '.repeat(MARK_WIDTH + NAME_WIDTH)}→ ${oneLine(advice)}`);
}

module.exports = { addDoctor };
