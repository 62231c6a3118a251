'use strict';

const { ownTrouble, playScenarios, sameOutcome, versionsOf } = require('./support/sdk-played');

describe.each(versionsOf('@openrouter/sdk'))("OpenRouter's SDK, which calls fetch with a Request, has the same outcome over both fetches: %s", (_, from) => {
  let all;
  beforeAll(async () => { all = await playScenarios('sdk-openrouter.mjs', from); }, 60_000);

  test('with a completion, and a list of models', () => {
    expect(sameOutcome(all, 'a completion').result.choices[0].message.content.length).toBeGreaterThan(0);
    expect(sameOutcome(all, 'models').result.length).toBeGreaterThan(3);
  });

  test.each(['a stream', 'tools'])('with %s', (name) => {
    const { result, ends } = sameOutcome(all, name);
    expect(result.failed).toBeUndefined();
    expect(result.items.length).toBeGreaterThan(1);
    expect(ends).toEqual(['server']);
  });

  test.each([400, 401, 402, 403, 404, 429, 500, 503])('with a status of %i', (status) => {
    const { result, requests } = sameOutcome(all, `status ${status}`);
    expect(result.failed.statusCode).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('with a stream that ends early', () => {
    expect(sameOutcome(all, 'a cut stream').result.failed.message).toBe('terminated');
  });

  test('with a dropped connection, which is a ConnectionError', () => {
    const { result, requests } = sameOutcome(all, 'a dropped connection');
    expect(result.failed.name).toBe('ConnectionError');
    expect(requests).toHaveLength(1);
  });

  test('with a retry, which only the SDK makes', () => {
    const { requests, result } = sameOutcome(all, 'a retry');
    expect(requests).toHaveLength(2);
    expect(result.choices).toHaveLength(1);
  });

  test.each([['a timeout', 'RequestTimeoutError'], ['an abort before the answer', 'RequestAbortedError'], ['an abort in mid-stream', 'AbortError']])('with %s, which closes the request', (name, error) => {
    const { result, ends } = sameOutcome(all, name);
    expect(result.failed.name).toBe(error);
    expect(ends).toEqual(['client']);
  });

  test('with a break, which closes the request', () => {
    expect(sameOutcome(all, 'a break').ends).toEqual(['client']);
  });

  test('without an unhandled rejection that the SDK does not also leave over the built-in fetch', () => {
    expect(ownTrouble(all)).toEqual([]);
  });
});
