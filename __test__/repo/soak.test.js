'use strict';

const { runNode } = require('../support/process.js');

// Whether memory, sockets and threads stay flat, and how long the honest streams wait, only `npm run soak` can tell: see
// docs/depth.md.
test('in a short soak streams and calls end as they should, also beside hostile ones, and none stays open', async () => {
  const lengths = ['--seconds', '2', '--streams', '50', '--calls', '300', '--hostile', '3', '--honest', '50'];
  const { stdout, stderr } = await runNode(['--expose-gc', 'bench/soak/index.js', ...lengths], { deadlineMs: 110_000 });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^[1-9]\d* whole, [1-9]\d* aborted, [1-9]\d* failed; 0 ended unexpectedly$/m);
  expect(stdout).toMatch(/^300 calls failed as they should; 0 did not$/m);
  expect(stdout).toMatch(/^[1-9]\d* honest streams; 0 lost something$/m);
  expect(stdout).toMatch(/^[1-9]\d* hostile calls; 0 ended wrongly/m);
  expect(stdout).toMatch(/^still open: 0 streams$/m);
}, 120_000);
