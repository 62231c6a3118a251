'use strict';

const { ownTrouble, playScenarios, sameOutcome, versionsOf } = require('./support/sdk-played');

describe.each(versionsOf('@langchain/openai'))('LangChain has the same outcome over both fetches: %s', (_, from) => {
  let all;
  beforeAll(async () => { all = await playScenarios('sdk-langchain.mjs', from); }, 60_000);

  test('with invoke', () => {
    const { result, requests } = sameOutcome(all, 'invoke');
    expect(result.content.length).toBeGreaterThan(0);
    expect(result.usage.total_tokens).toBeGreaterThan(0);
    expect(requests).toHaveLength(1);
  });

  test.each(['stream', 'events'])('with %s', (name) => {
    const { result, ends } = sameOutcome(all, name);
    expect(result.failed).toBeUndefined();
    expect(result.items.length).toBeGreaterThan(5);
    expect(ends).toEqual(['server']);
  });

  test('with several concurrent requests', () => {
    expect(sameOutcome(all, 'batch').requests).toHaveLength(5);
  });

  test('with tools', () => {
    const { result, requests } = sameOutcome(all, 'tools');
    expect(result[0].calls[0].name).toBe('get_weather');
    expect(requests[1].body).toContain('sunny');
    expect(result[1].content.length).toBeGreaterThan(0);
  });

  test.each([400, 401, 402, 403, 404, 429, 500, 503])('with a status of %i', (status) => {
    const { result, requests } = sameOutcome(all, `status ${status}`);
    expect(result.failed.status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('with an error in mid-stream, and with a stream that ends early', () => {
    expect(sameOutcome(all, 'an error in mid-stream').result.failed.message.length).toBeGreaterThan(0);
    expect(sameOutcome(all, 'a cut stream').result.failed.message).toBe('terminated');
  });

  test('with a retry, which only LangChain makes', () => {
    const { requests, result } = sameOutcome(all, 'a retry');
    expect(requests).toHaveLength(2);
    expect(result.content.length).toBeGreaterThan(0);
  });

  test.each(['an abort before the answer', 'an abort in mid-stream', 'a break'])('with %s, which closes the request', (name) => {
    expect(sameOutcome(all, name).ends).toEqual(['client']);
  });

  test('without an unhandled rejection that the SDK does not also leave over the built-in fetch', () => {
    expect(ownTrouble(all)).toEqual([]);
  });
});
