'use strict';

// Other makes of `fetch`, which programs bring with them, under `openrouter-native/register`: what they accept, and what they
// answer, stays theirs.
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port.js');
const { essenceOf, startRecordingServer } = require('../support/servers/recording-server.js');
const { runNode } = require('../support/process.js');
const { MODULES, runUnder } = require('./support/register.js');

let emulator;
let server;
beforeAll(async () => {
  emulator = await startEmulator();
  server = await startRecordingServer((_, response) => response.writeHead(201, { 'content-type': 'text/plain', 'x-answer': 'yes' }).end('answer'));
});
afterAll(async () => {
  await server.close();
  await emulator.close();
});

/** Runs a program with and without the package, and returns the output and the requests of both. */
async function both(text) {
  const args = ['-e', `const url = '${server.url}/api/v1/';\nconst load = (name) => require(${JSON.stringify(MODULES)} + '/' + name);\n(async () => {${text}})();`];
  const outcomes = [];
  for (const isUnder of [false, true]) {
    server.requests.length = 0;
    const { stdout, stderr } = isUnder ? await runUnder(emulator, args, { env: { OPENROUTER_BASE_URL: `${server.url}/api/v1`, OPENROUTER_ZDR: '' } }) : await runNode(args);
    outcomes.push({ stdout, stderr, requests: server.requests.map(essenceOf), agents: server.requests.map(({ headers }) => headers['user-agent']) });
  }
  return outcomes;
}

/** Expects that a program has the same outcome with the package, whose engine sends the requests. */
async function same(text) {
  const [theirs, ours] = await both(text);
  expect(ours.requests.length).toBeGreaterThan(0);
  expect({ stdout: ours.stdout, stderr: ours.stderr, requests: ours.requests }).toEqual({ stdout: theirs.stdout, stderr: '', requests: theirs.requests });
  return { theirs, ours };
}

describe.each(['undici', 'undici6'])('%s', (name) => {
  const SHOW = `const { fetch, Request, FormData, Headers } = load('${name}');
    const show = async (...args) => { const response = await fetch(...args); console.log(response.status, response.headers.get('x-answer'), await response.text()); };`;

  test('its own requests, headers, forms and streams are sent as without the package', async () => {
    await same(`${SHOW}
      await show(url + 'models');
      await show(new Request(url + 'a', { method: 'POST', headers: new Headers({ 'x-a': '1' }), body: '{"a":1}' }));
      await show(new Request(url + 'b', { headers: { 'x-a': '1' } }), { headers: { 'x-b': '2' } });
      const form = new FormData(); form.set('file', new Blob(['bytes'], { type: 'audio/wav' }), 'a.wav');
      await show(url + 'form', { method: 'POST', body: form });
      await show(url + 'stream', { method: 'POST', duplex: 'half', headers: { 'content-type': 'text/plain' }, body: (async function* () { yield Buffer.from('in '); yield Buffer.from('parts'); })() });
      await show(url + 'bytes', { method: 'PUT', headers: new Headers({ 'content-type': 'x/y' }), body: new Uint8Array([1, 2]) });`);
  });

  test('an abort and a failure reject as without the package', async () => {
    const port = await closedPort();
    const [theirs, ours] = await both(`${SHOW}
      const told = (error) => console.log(error.name, error.message, error.cause?.code);
      await show(url, { signal: AbortSignal.abort(new Error('why')) }).catch(told);
      await fetch('http://127.0.0.1:${port}/api/v1').catch(told);`);
    expect(ours).toEqual(theirs);
  });

  test('install() makes the taken function the global one', async () => {
    if (name === 'undici6') return;
    const { ours } = await same(`${SHOW} load('${name}').install(); await globalThis.fetch(url + 'x').then((response) => response.text()); console.log('ok');`);
    expect(ours.agents).not.toContain('undici');
  });
});

describe('node-fetch 2', () => {
  const SHOW = `const fetch = load('node-fetch');
    const show = async (...args) => {
      const response = await fetch(...args);
      console.log(response instanceof fetch.Response, response.status, response.statusText, response.url === url + 'a', response.headers.get('x-answer'));
      console.log(typeof response.body.pipe, await response.text());
    };`;

  test('requests, and responses whose body is a stream of Node, are as without the package', async () => {
    await same(`${SHOW}
      await show(url + 'a');
      await show(url + 'a', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
      await show(new fetch.Request(url + 'a', { method: 'PUT', headers: new fetch.Headers({ 'x-a': '1' }), body: Buffer.from('bytes') }));
      await show(url + 'a', { method: 'POST', body: new URLSearchParams({ q: 'é' }) });
      console.log(fetch.default === fetch, fetch.isRedirect(302), fetch.name, fetch.length, Object.keys(fetch).join());`);
  });

  test('a body that is a stream of Node is sent', async () => {
    const [, ours] = await both(`${SHOW} await show(url + 'a', { method: 'POST', body: require('node:stream').Readable.from([Buffer.from('in '), Buffer.from('parts')]) });`);
    expect(ours.requests).toMatchObject([{ method: 'POST', body: 'in parts' }]);
  });

  test('failures are those of node-fetch', async () => {
    const port = await closedPort();
    const [theirs, ours] = await both(`${SHOW}
      const told = (error) => console.log(error.name, error.type, error.code, error.constructor === fetch.FetchError, /^request to .* failed, reason: ./.test(error.message));
      await fetch('http://127.0.0.1:${port}/api/v1').catch(told);
      const aborted = new AbortController(); aborted.abort();
      await fetch(url, { signal: aborted.signal }).catch((error) => console.log(error.name, error.type, error.message));`);
    expect(ours).toEqual(theirs);
  });

  test('its time limit holds', async () => {
    const { stdout } = await runUnder(emulator, ['-e', `
      const fetch = require(${JSON.stringify(path.join(MODULES, 'node-fetch'))});
      const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { delay: 60000 } });
      fetch(process.env.BASE_URL + '/chat/completions', { method: 'POST', timeout: 50, headers: { authorization: 'Bearer sk-or-v1-x' }, body })
        .then((response) => response.text()).then(console.log, (error) => console.log(error.name, error.type));`], { env: { OPENROUTER_ZDR: '' } });
    expect(stdout).toMatch(/^FetchError (request|body)-timeout\n$/);
  });
});
