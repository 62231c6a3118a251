'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { OPTIONS } = require('../../emulator/options');
const { KNOWN } = require('../../emulator/directives');
const { KINDS, RAW_KINDS } = require('../../emulator/errors');
const { startEmulator } = require('../../emulator');

const EMULATOR = path.join(__dirname, '..', '..', 'emulator');
const read = (name) => fs.readFileSync(path.join(EMULATOR, name), 'utf8');

/** The names of the members that an interface declares. */
function membersOf(name, file) {
  const [, body] = new RegExp(`^export interface ${name} {\\n([\\s\\S]*?)^}`, 'm').exec(read(file));
  return [...new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm)].map(([, member]) => member))].sort();
}

test('the declared options and directives are those that exist', () => {
  expect(membersOf('EmulatorOptions', 'index.d.ts')).toEqual(Object.keys(OPTIONS).sort());
  expect(membersOf('Directives', 'directives.d.ts')).toEqual(Object.keys(KNOWN).sort());
});

test('the declared kinds of error are those that exist', () => {
  const [, list] = /EmulatedErrorKind =\n([^;]*);/.exec(read('directives.d.ts'));
  const declared = [...list.matchAll(/'([a-z0-9-]+)'/g)].map(([, kind]) => kind);
  const statuses = Object.values(KINDS).map((kinds) => Object.keys(kinds)).filter((kinds) => kinds.length > 1).flat();
  expect([...new Set(declared)].sort()).toEqual([...new Set([...statuses, ...Object.keys(RAW_KINDS)])].sort());
});

test('README.md documents each option, directive and kind', () => {
  const text = read('README.md');
  const documented = new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code));
  const kebab = (name) => name.replace(/[A-Z]|\d+$/g, (part) => `-${part.toLowerCase()}`);
  const names = [...Object.keys(OPTIONS), ...Object.keys(KNOWN).map(kebab), ...Object.values(KINDS).flatMap((kinds) => (Object.keys(kinds).length > 1 ? Object.keys(kinds) : []))];
  expect(names.filter((name) => !documented.has(name))).toEqual([]);
});

test('every declared member of a running emulator and of a record exists', async () => {
  const emulator = await startEmulator();
  expect(membersOf('Emulator', 'index.d.ts').filter((name) => !(name in emulator))).toEqual([]);
  await (await fetch(`${emulator.baseURL}/models`)).text();
  expect(membersOf('EmulatorRequest', 'index.d.ts')).toEqual(Object.keys(emulator.requests[0]).sort());
  await emulator.close();
});
