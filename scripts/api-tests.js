'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('./tools.js');

/** The option of Jest 29 and that of Jest 30, with the pattern after `=` or as the next argument. */
const PATTERN = /^--testPathPatterns?(?:=(.*))?$/;

/** Returns the test files of the adapters, as paths in the checkout. A folder of tests is named like its adapter. */
function adapterTests() {
  const folders = fs.readdirSync(path.join(ROOT, 'adapters')).map((name) => `__test__/${name}`);
  return folders.filter((folder) => fs.existsSync(path.join(ROOT, folder))).flatMap((folder) => {
    const names = fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.test.js'));
    return names.map((name) => `${folder}/${name}`);
  });
}

/**
 * Returns the arguments with which Jest runs the adapters' tests that the patterns of `args` match. A pattern is looked for in
 * the path below the package's name, so that it does not depend on the name of the checkout's folder:
 * `openrouter-native/__test__/librechat/agents.test.js`. As in Jest, case does not count.
 * @throws {Error} if no test matches
 */
function apiTestArguments(args) {
  const [patterns, others] = [[], []];
  for (let at = 0; at < args.length; at += 1) {
    const found = PATTERN.exec(args[at]);
    if (found) patterns.push(found[1] ?? args[(at += 1)] ?? '');
    else others.push(args[at]);
  }
  const all = adapterTests();
  const expressions = patterns.map((pattern) => new RegExp(pattern, 'i'));
  const files = all.filter((file) => expressions.length === 0 || expressions.some((one) => one.test(`openrouter-native/${file}`)));
  if (files.length === 0) throw new Error(`No test of an adapter matches ${patterns.join(' or ')}. There are:\n${all.join('\n')}`);
  return [...others, '--runTestsByPath', ...files];
}

module.exports = { apiTestArguments };
