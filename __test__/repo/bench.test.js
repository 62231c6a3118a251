'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { runNode } = require('../support/process');

/** The deadlines are in minutes, because the load server may have to be built first. */
const MINUTES = 60_000;

let folder;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-bench-'));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test('the benchmark runs, all clients read the same data, and the results are written', async () => {
  const { code, stdout, stderr } = await runNode(['scripts/bench.js', 'tiny', '--out', folder], { deadlineMs: 14 * MINUTES });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.anything() });
  expect(stdout).toContain('## What must be reached');

  const { workloads } = JSON.parse(fs.readFileSync(path.join(folder, 'results.json'), 'utf8'));
  const clientsOf = (name) => Object.keys(workloads[name].clients);
  expect(clientsOf('stream-1')).toEqual(['node-fetch', 'openai', 'openrouter', 'fetch-parser', 'undici-parser', 'impit', 'ours', 'ours-text', 'raw']);
  expect(clientsOf('sdk-200')).toEqual(['openai', 'openai-fetch', 'ai', 'ai-fetch', 'agent', 'agent-fetch', 'agent-ours', 'agent-alone']);

  expect(clientsOf('after-pause')).toEqual(['node-fetch', 'openai', 'ours']);
  expect(clientsOf('first-chat')).toEqual(['node-fetch', 'openai', 'ours', 'ours-connected']);

  // The benchmark checks that the clients agree; this test checks that they agree on what the server sent.
  const sent = createHash('sha256').update(' the sky is blue,').digest('hex');
  for (const name of ['http-200', 'tls-200']) expect(workloads[name].agree).toEqual({ text: sent, events: 4 * 7 });
  for (const name of ['responses', 'messages', 'completions']) expect(workloads[name].agree.text).toBe(workloads['stream-16'].agree.text);
  expect(workloads['embeddings-2048'].agree).toEqual({ found: 2048 * 1536 });
  expect(workloads.models.agree).toEqual({ found: 400 });
  // Each word arrived once and in order, at the clients of chats and at those of a chat server.
  expect(workloads['agents-200'].agree).toEqual({ found: 3 * 8 });
  expect(workloads['chat-server'].agree).toEqual({ found: 2 * 8 });

  for (const [name, { clients }] of Object.entries(workloads)) {
    for (const [client, figures] of Object.entries(clients)) {
      const medians = Object.values(figures).map(({ median }) => median);
      expect([name, client, medians.length > 0 && medians.every(Number.isFinite)]).toEqual([name, client, true]);
    }
  }
  const charts = ['results.svg', 'results-dark.svg'].map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
  for (const chart of charts) expect(chart).toMatch(/^<svg [\s\S]*Main-thread CPU ms per chat[\s\S]*<\/svg>\n$/);
  expect(charts[0]).not.toBe(charts[1]);
}, 15 * MINUTES);
