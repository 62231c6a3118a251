'use strict';

// Tests the essential functions of a binary. Runs in a folder in which the packages are installed, in any runtime, against the
// servers of `index.js`, whose addresses are its argument as JSON. Prints the steps that it ran as JSON.
const assert = require('node:assert/strict');
const { createRequire } = require('node:module');
const path = require('node:path');

const load = createRequire(path.join(process.cwd(), 'package.json'));
const { OpenRouterClient, creditLevel } = load('openrouter-native');
const { plain, tls, ca, text } = JSON.parse(process.argv[2]);

/** The emulator gives a key with `limit` in its name a limit, and therefore a balance. */
const KEY = 'sk-or-v1-limit-smoke';
const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { text } };
const stalled = { ...request, emulator: { stall: 1 }, stream: true };

const steps = {
  async chat(client) {
    const { choices: [{ message }] } = await client.chatCompletion(request);
    assert.equal(message.content, text);
  },
  async stream(client) {
    const stream = await client.chatCompletion({ ...request, stream: true });
    let said = '';
    for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? '';
    assert.equal(said, text);
    assert.ok(stream.usage.total_tokens > 0);
  },
  async abort(client) {
    const controller = new AbortController();
    const stream = await client.chatCompletion({ ...stalled, signal: controller.signal });
    const reading = stream.finalCompletion();
    controller.abort();
    await assert.rejects(reading, { name: 'AbortError', code: 'aborted' });
  },
  async leave(client) {
    for await (const chunk of await client.chatCompletion(stalled)) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      break;
    }
  },
  async credits(client) {
    const { balance } = await client.getCredits(true);
    assert.equal(creditLevel(balance), 'green');
  },
  async models(client) {
    assert.ok((await client.getModels()).length > 0);
  },
  async errors(client) {
    const failing = client.chatCompletion({ ...request, emulator: { status: 402 } });
    await assert.rejects(failing, { name: 'OpenRouterError', code: 'insufficient_credits', status: 402 });
  },
  async tls() {
    const client = new OpenRouterClient(KEY, { baseURL: tls, ca });
    await steps.chat(client);
    await steps.stream(client);
    const distrustful = new OpenRouterClient(KEY, { baseURL: tls, maxRetries: 0 });
    await assert.rejects(distrustful.chatCompletion(request), { code: 'tls_error' });
  },
  async register() {
    Object.assign(process.env, { OPENROUTER_BASE_URL: plain, OPENROUTER_ZDR: 'true' });
    assert.equal(load('openrouter-native/register').registered, true);
    const post = (path, body) => fetch(plain + path, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body: JSON.stringify(body) });
    const { choices: [{ message }] } = await (await post('/chat/completions', request)).json();
    assert.equal(message.content, text);
    // Only the package refuses this: images cannot keep the privacy setting.
    const { error } = await (await post('/images', { model: 'a/b', prompt: 'Hi' })).json();
    assert.equal(error.metadata.error_type, 'privacy_not_possible');
  },
};

(async () => {
  const client = new OpenRouterClient(KEY, { baseURL: plain });
  for (const step of Object.values(steps)) await step(client);
  const { node, bun, deno } = process.versions;
  // Bun has no report, and Deno gives it only with a permission that the package does not need.
  const libc = process.platform === 'linux' && !bun && !deno ? libcOf(process.report.getReport().header) : undefined;
  console.log(JSON.stringify({ did: Object.keys(steps), node, bun, deno, platform: process.platform, arch: process.arch, libc }));
})();

function libcOf({ glibcVersionRuntime }) {
  return glibcVersionRuntime ? `glibc ${glibcVersionRuntime}` : 'musl';
}
