'use strict';

const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { runNode } = require('../support/process.js');

const KEY = 'sk-or-v1-limit-canary-5f0c1d';
const CODES = [
  'aborted', 'connection_failed', 'connection_reset', 'empty_response', 'forbidden', 'insufficient_credits', 'invalid_api_key', 'invalid_option', 'invalid_request',
  'malformed_response', 'not_found', 'overloaded', 'payload_too_large', 'provider_error', 'proxy_error', 'rate_limited', 'server_error', 'service_unavailable', 'stream_truncated', 'timeout', 'tls_error',
];

test('the key is in no error, log line, diagnostics event or printed object, whatever fails', async () => {
  const emulator = await startEmulator({ showKeys: true });
  try {
    const env = { CANARY_URL: emulator.baseURL, CANARY_KEY: KEY, DEBUG: 'openrouter:*', LOG_LEVEL: 'debug' };
    const { code, stdout, stderr } = await runNode([path.join(__dirname, '..', 'support', 'canary.js')], { env, deadlineMs: 55_000 });
    expect(code).toBe(0);
    // The key was sent and the server echoed it, so there was something to redact.
    expect(emulator.requests.some(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
    expect(stdout).toContain('Bearer [REDACTED]');
    expect(stderr.split('\n').length).toBeGreaterThan(100);
    const failed = JSON.parse(stdout.trim().split('\n').at(-1));
    expect([...new Set(failed.map(([, failure]) => failure))].sort()).toEqual(CODES);
    for (const printed of [stdout, stderr]) expect(printed).not.toContain('canary-5f0c1d');
  } finally {
    await emulator.close();
  }
});
