'use strict';

const { oneLine } = require('../output/plain.js');
const { withService } = require('../service.js');

const MORE = `
Checks the addon, the key, the environment variables, the network, the proxy, TLS,
the model list, the clock, the credits and the endpoints with zero data retention.
It costs nothing and never shows the key. Exit status: 0, or 1 if a check failed.

With --chat it also asks a model, which costs a fraction of a cent: a streamed chat,
a chat whose first model is down, and two with zero data retention, which are read
on their way to the API.

With --register it checks instead whether openrouter-native/register would take
hold of a program: Node, its settings, NODE_OPTIONS, and the clients that send the
program's requests. The program is read, and not run.

Examples:
  $ openrouter-native doctor
  $ openrouter-native doctor --chat --model openai/gpt-5-mini
  $ openrouter-native doctor --register api/server/index.js
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
    .option('--chat', 'also ask a model, which costs a fraction of a cent')
    .option('-m, --model <id>', 'the model to ask; implies --chat')
    .option('--emulator', 'check the built-in emulator instead')
    .option('--register <program>', 'check whether openrouter-native/register would take hold of this program')
    .addHelpText('after', MORE)
    .action((options) => (options.register === undefined ? doctor(context, options) : doctorOfProgram(context, options)));
}

async function doctor(context, { json, emulator, chat, model }) {
  await withService(context, { emulator, json }, async (service) => {
    const { Subject } = require('../checks/subject.js');
    const subject = new Subject({ service, env: context.env, chat, model });
    await report(context, json, subject, () => ({ baseURL: subject.shownURL }));
  });
}

async function doctorOfProgram(context, { json, register }) {
  const { REGISTER_CHECKS, RegisterSubject } = require('../checks/register/index.js');
  const subject = new RegisterSubject({ given: register, env: context.env });
  await report(context, json, subject, () => ({ program: subject.file }), REGISTER_CHECKS);
}

/** Runs checks and shows their results, or prints them as JSON with the facts of `subjectFacts`. */
async function report(context, json, subject, subjectFacts, which) {
  const { terminal } = context;
  const { examine } = require('../checks/index.js');
  const checks = await examine(subject, (check) => {
    if (!json) show(terminal, check);
  }, which);
  const failures = checks.filter(({ status }) => status === 'failed');
  if (json) terminal.json({ ok: failures.length === 0, ...subjectFacts(), checks });
  if (failures.length > 0) context.exitCode = 1;
}

function show(terminal, { name, status, message, advice }) {
  const [colour, mark] = MARKS[status];
  terminal.say(`${terminal.paint(colour, mark.padEnd(MARK_WIDTH))}${name.padEnd(NAME_WIDTH)}${oneLine(message)}`);
  if (advice) terminal.say(`${' '.repeat(MARK_WIDTH + NAME_WIDTH)}→ ${oneLine(advice)}`);
}

module.exports = { addDoctor };
