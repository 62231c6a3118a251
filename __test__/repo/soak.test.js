'use strict';

const path = require('node:path');

const { runNode } = require('../support/process.js');

// The long soak, which checks that memory, sockets and threads stay flat, is `npm run soak`: see docs/depth.md.
test('in a short soak each stream and call ends as it should, and none stays open', async () => {
  const script = path.join(__dirname, '..', '..', 'bench', 'soak.js');
  const { stdout, stderr } = await runNode(['--expose-gc', script, '--seconds', '2', '--streams', '50', '--calls', '300']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^[1-9]\d* whole, [1-9]\d* aborted, [1-9]\d* failed; 0 ended unexpectedly$/m);
  expect(stdout).toContain('calls: 50 samples');
  expect(stdout).toContain('still open: 0 streams');
});
