'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { npm } = require('../../scripts/tools.js');
const { COMMAND, follow } = require('../support/command.js');
const { environmentWith } = require('../support/environment.js');
const { until } = require('../support/until.js');

let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-npx-'));
  fs.mkdirSync(path.join(folder, 'node_modules', '.bin'), { recursive: true });
  fs.symlinkSync(COMMAND, path.join(folder, 'node_modules', '.bin', 'openrouter-native'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"application"}');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function isFree(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.destroy(resolve(false))).on('error', () => resolve(true));
  });
}

// Windows has no signals, and its npx no shell in between.
(process.platform === 'win32' ? describe.skip : describe)('npx openrouter-native emulator', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGKILL'])('gives its port free when its npx is ended by %s', async (signal) => {
    const args = ['exec', '--offline', '--', 'openrouter-native', 'emulator', '--json'];
    const shown = follow(spawn(npm, args, { cwd: folder, env: environmentWith({ npm_config_update_notifier: 'false' }) }));
    await shown.says(/\n/);
    const { port } = JSON.parse(shown.stdout);
    expect(await isFree(port)).toBe(false);
    shown.child.kill(signal);
    await until(() => isFree(port), 'the port is free');
  });
});

test('an emulator that npx did not start outlives the program that started it', async () => {
  const starter = `
    const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(COMMAND)}, 'emulator', '--json'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', (text) => { console.log(JSON.stringify({ pid: child.pid, ...JSON.parse(text) })); process.exit(); });`;
  // What a tool that npx started leaves in the environment of its own children.
  const env = environmentWith({ npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'jest' });
  const { stdout } = await follow(spawn(process.execPath, ['-e', starter], { env })).ended;
  const { pid, url } = JSON.parse(stdout);
  // The emulator looks for its npx every half a second.
  const response = await fetch(`${url}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-x', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { delay: 1500 } }),
  });
  expect(response.status).toBe(200);
  process.kill(pid);
});
