'use strict';

// LibreChat's real traffic: `@librechat/agents`, set up with one line, over the stock fetch and over ours. It needs
// Node.js 24, which plays the scenarios in `agents/` in a process of its own.
const path = require('node:path');

const { installAgents, installPackage, nodeForAgents } = require('./agents/setup.js');
const { runNode } = require('./support/child.js');
const { CLOSE_MS } = require('./support/limits.js');

const node = nodeForAgents();
let all;

/** Fails unless a scenario came to the same over both. Gives what it came to over ours. */
function same(name) {
  const { theirs, ours } = all.played[name];
  const outcome = ({ result, requests, ends }) => evened({ result, requests, ends });
  expect(outcome(ours)).toEqual(outcome(theirs));
  return ours;
}

/** Without what differs from one request to the next by itself. */
function evened(value) {
  const text = JSON.stringify(value)
    .replace(/gen-[\w-]+/g, 'gen')
    .replace(/"created":\d+/g, '"created":0')
    .replace(/"stack":"(?:[^"\\]|\\.)*"/g, '"stack":""')
    .replace(/127\.0\.0\.1:\d+/g, 'emulator');
  return JSON.parse(text);
}

const textOf = (told, kind = 'text') => told.filter(([one]) => one === kind).map(([, text]) => text).join('');

// Elsewhere there is no Node.js 24 to be had from npm, and this one is older.
(node ? describe : describe.skip)("LibreChat's agents come to the same over both fetches", () => {
  beforeAll(async () => {
    installAgents();
    installPackage();
    const { code, stdout, stderr } = await runNode([path.join(__dirname, 'agents', 'play.js')], { command: node, deadlineMs: 150_000 });
    if (code !== 0) throw new Error(`The scenarios ended with ${code}:\n${stderr}`);
    all = JSON.parse(stdout);
  }, 600_000);

  test('in a Node.js that they support, with nothing asked of the world', () => {
    expect(Number(all.node.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(all.asked).toEqual(['guard.invalid']);
    expect(all.trouble).toEqual([]);
  });

  test('with two turns: the second request has the first answer in it', () => {
    const { result: [first, second], requests } = same('two turns');
    expect(requests.map(({ body }) => body.messages.map(({ role }) => role))).toEqual([['developer', 'user'], ['developer', 'user', 'assistant', 'user']]);
    expect(JSON.stringify(requests[1].body.messages[2].content)).toContain(first.content[0].text.slice(0, 20));
    expect(textOf(second.told)).toBe(second.content[0].text);
    expect(second.usage[0].output_tokens).toBeGreaterThan(0);
    expect(requests[0]).toMatchObject({ referer: 'https://librechat.ai', title: 'LibreChat' });
  });

  test('with a tool loop: the tool runs, and the answer uses its result', () => {
    const { result: { calls, turns: [first] }, requests } = same('a tool');
    expect(calls).toEqual([{ city: 'São Paulo' }]);
    expect(requests[1].body.messages.at(-1)).toMatchObject({ role: 'tool', content: '23 °C' });
    expect(textOf(first.told)).toContain('23 °C');
    expect(textOf(first.told, 'result')).toBe('23 °C');
  });

  test('with two calls at once, and with a tool that fails', () => {
    expect(same('two calls of a tool at once').result.calls).toHaveLength(2);
    expect(textOf(same('a tool that fails').result.told)).toContain('no such city');
  });

  test.each(['reasoning', 'reasoning before a tool'])('with %s, which is told as it comes', (name) => {
    const { result, requests } = same(name);
    expect(requests[0].body.reasoning).toEqual({ effort: 'high' });
    expect(textOf(result.told, 'reasoning').length).toBeGreaterThan(10);
  });

  test('with several chats at once, and with a title', () => {
    expect(same('several chats at once').requests).toHaveLength(5);
    expect(same('a title').requests).toHaveLength(2);
  });

  test.each(['an error in mid-stream', 'a cut stream'])('with %s, after the text that had come', (name) => {
    const { result } = same(name);
    expect(textOf(result.told).length).toBeGreaterThan(0);
    expect(result.failed.message.length).toBeGreaterThan(0);
  });

  test.each([400, 401, 402, 403, 404, 429, 500, 503])('with a status of %i, which is asked once', (status) => {
    const { result, requests } = same(`status ${status}`);
    expect(result.failed.status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('with a retry: the SDK counts, and nobody else', () => {
    expect(same('a retry').requests).toHaveLength(2);
  });

  test.each(['an abort before the answer', 'an abort in mid-stream'])('C1: with %s, which closes the request', (name) => {
    const { result, ends, closedAfterMs } = same(name);
    expect(result.failed.name).toBe('AbortError');
    expect(ends).toEqual(['client']);
    expect(closedAfterMs).toBeLessThan(CLOSE_MS);
  });

  test("with the agents' model by itself, of which a stream is left early", () => {
    const { result, ends } = same("the agents' model by itself");
    expect(result.name).toBe('LibreChatOpenRouter');
    expect(result.pieces.join('')).toBe(result.whole.content);
    expect(ends).toEqual(['server', 'server', 'client']);
  });
});
