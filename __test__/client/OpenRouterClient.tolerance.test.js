'use strict';

const { OpenRouterClient, clearCache, modelInfo } = require('../..');
const { ModelList } = require('../../emulator/models');
const { startByteServer } = require('../support/servers/byte-server.js');
const { mutations, withEach } = require('../support/mutations.js');

const COMPLETION = {
  id: 'gen-1', provider: 'P', model: 'a/b', object: 'chat.completion', created: 1,
  choices: [{
    index: 0, finish_reason: 'tool_calls', native_finish_reason: 'tool_use', logprobs: null,
    message: {
      role: 'assistant', content: null, refusal: null, reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }],
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }], images: [{ type: 'image_url', image_url: { url: 'data:x' } }],
    },
  }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0.5, cost_details: { upstream_inference_cost: null } },
  openrouter_metadata: { requested: 'a/b', attempts: [{ provider: 'P', model: 'a/b', status: 200 }] },
};

let raw;
let client;
let bodies;
beforeAll(async () => {
  raw = await startByteServer((request) => {
    const at = request.headers['x-at'] ?? request.json.at;
    const body = JSON.stringify(bodies[at]);
    return [`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`];
  });
  client = new OpenRouterClient('sk-or-v1-tolerance', { baseURL: raw.baseURL, maxRetries: 0 });
});
afterAll(() => raw.close());

/** Returns a client with a new key for each answer, because the caches are shared by key. */
const reader = (at) => new OpenRouterClient(`sk-or-v1-tolerance-${at}`, { baseURL: raw.baseURL, maxRetries: 0, headers: { 'X-At': String(at) } });

describe('a field that is missing, null, of another kind or unknown', () => {
  test('does not fail a completion, and all other fields are kept', async () => {
    bodies = mutations({ ...COMPLETION, error: null });
    const isError = ({ error }) => Boolean(error) && error !== 0;
    bodies = bodies.filter((body) => !isError(body) && body.choices?.[0]?.finish_reason !== 'error');
    expect(bodies.length).toBeGreaterThan(400);
    await withEach(bodies, async (body, at) => {
      const { _metadata, ...rest } = await client.chatCompletion({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], at });
      expect(rest).toEqual(body);
    });
  });

  test('does not fail a list of models, nor modelInfo', async () => {
    const model = new ModelList().find('google/gemini-2.5-flash');
    bodies = mutations(model).map((mutated) => ({ data: [mutated, model] }));
    expect(bodies.length).toBeGreaterThan(200);
    await withEach(bodies, async ({ data }, at) => {
      const models = await reader(at).getModels();
      expect(models).toEqual(data);
      const { contextLength, maxOutput, promptPrice, completionPrice, free, capabilities } = modelInfo(models[0]);
      for (const figure of [promptPrice, completionPrice]) expect(figure === null || figure >= 0).toBe(true);
      expect([typeof free, Array.isArray(capabilities), contextLength !== undefined, maxOutput !== undefined]).toEqual(['boolean', true, true, true]);
    });
    clearCache();
  });

  test('does not fail credits, whose unreadable figures are null', async () => {
    const key = { label: 'l', limit: 10, limit_remaining: 4, usage: 6, usage_daily: 1, is_free_tier: false, is_management_key: false, rate_limit: { requests: -1 } };
    bodies = mutations(key).map((data) => ({ data }));
    await withEach(bodies, async (_, at) => {
      const { balance, currency, usage, total } = await reader(`${at}`).getCredits();
      expect(currency).toBe('USD');
      for (const figure of [balance, usage, total]) expect(figure === null || Number.isFinite(figure)).toBe(true);
    });
    clearCache();
  });
});
