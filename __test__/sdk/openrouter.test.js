'use strict';

const { played, same } = require('./support/sdk-played');

let all;

beforeAll(async () => { all = await played('sdk-openrouter.mjs'); }, 60_000);

describe("OpenRouter's SDK, which asks with a Request, comes to the same over both fetches", () => {
  test('with a completion, and a list of models', () => {
    expect(same(all, 'a completion').result.choices[0].message.content.length).toBeGreaterThan(0);
    expect(same(all, 'models').result.length).toBeGreaterThan(3);
  });

  test.each(['a stream', 'tools'])('with %s', (name) => {
    const { result, ends } = same(all, name);
    expect(result.failed).toBeUndefined();
    expect(result.items.length).toBeGreaterThan(1);
    expect(ends).toEqual(['server']);
  });

  test.each([400, 401, 402, 403, 404, 429, 500, 503])('with a status of %i', (status) => {
    const { result, requests } = same(all, `status ${status}`);
    expect(result.failed.statusCode).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('with a stream that is cut', () => {
    expect(same(all, 'a cut stream').result.failed.message).toBe('terminated');
  });

  test('with a dropped connection: an error of the connection, not an unexpected one', () => {
    const { result, requests } = same(all, 'a dropped connection');
    expect(result.failed.name).toBe('ConnectionError');
    expect(requests).toHaveLength(1);
  });

  test('with retries: the SDK counts, and nobody else', () => {
    const { requests, result } = same(all, 'a retry');
    expect(requests).toHaveLength(2);
    expect(result.choices).toHaveLength(1);
  });

  test.each([['a timeout', 'RequestTimeoutError'], ['an abort before the answer', 'RequestAbortedError'], ['an abort in mid-stream', 'AbortError']])('with %s: the request closes', (name, error) => {
    const { result, ends } = same(all, name);
    expect(result.failed.name).toBe(error);
    expect(ends).toEqual(['client']);
  });

  test('with a break: the request closes', () => {
    expect(same(all, 'a break').ends).toEqual(['client']);
  });

  test('with no rejection that nobody handles', () => {
    expect(all.trouble).toEqual([]);
  });
});
