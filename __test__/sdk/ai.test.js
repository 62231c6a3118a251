'use strict';

const { ownTrouble, playScenarios, sameOutcome, versionsOf } = require('./support/sdk-played');

describe.each(versionsOf('ai'))("Vercel's AI SDK has the same outcome over both fetches: %s", (_, from) => {
  let all;
  beforeAll(async () => { all = await playScenarios('sdk-ai.mjs', from); }, 60_000);

  test.each(['text', 'stream'])('with a %s', (name) => {
    const { result, requests, ends } = sameOutcome(all, name);
    expect(result.text.length).toBeGreaterThan(0);
    expect(result.usage.totalTokens).toBeGreaterThan(0);
    expect([requests.length, ends]).toEqual([1, ['server']]);
  });

  test.each(['tools', 'tools in a stream'])('with %s', (name) => {
    const { requests, result } = sameOutcome(all, name);
    expect(requests.length).toBeGreaterThan(1);
    expect(JSON.stringify([requests.at(-1).body, result])).toMatch(/get_weather.*sunny/);
  });

  test.each([400, 401, 402, 403, 404, 429, 500, 503])('with a status of %i', (status) => {
    const { requests, result } = sameOutcome(all, `status ${status}`);
    expect(requests).toHaveLength(1);
    expect(result.failed).toMatchObject({ name: 'AI_APICallError', statusCode: status });
  });

  test('with an error in mid-stream, and with a stream that ends early', () => {
    expect(sameOutcome(all, 'an error in mid-stream').result.items.some(({ type }) => type === 'error')).toBe(true);
    expect(JSON.stringify(sameOutcome(all, 'a cut stream').result)).toContain('terminated');
  });

  test('with a retry, which only the SDK makes', () => {
    const { requests, result } = sameOutcome(all, 'a retry');
    expect(requests).toHaveLength(2);
    expect(result.text.length).toBeGreaterThan(0);
  });

  test('with a dropped connection, which is a retryable error', () => {
    const { requests, result } = sameOutcome(all, 'a dropped connection');
    expect(requests).toHaveLength(1);
    expect(result).toMatchObject({ isCall: true, isRetryable: true, message: 'Cannot connect to API' });
  });

  test('with an abort or a break, which closes the request', () => {
    expect(sameOutcome(all, 'an abort before the answer').ends).toEqual(['client']);
    expect(all['an abort before the answer'].ours.result.failed.name).toBe('AbortError');
    expect(sameOutcome(all, 'an abort in mid-stream').ends).toEqual(['client']);
    expect(sameOutcome(all, 'a break').ends).toEqual(['client']);
  });

  test('without an unhandled rejection that the SDK does not also leave over the built-in fetch', () => {
    expect(ownTrouble(all)).toEqual([]);
  });
});
