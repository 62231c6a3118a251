'use strict';

// `npm run soak` has three parts. Memory, sockets, threads and handles must not grow while hundreds of streams run, of which a
// fifth are aborted and a fifth fail, and not while many calls fail or are aborted. Then honest streams must lose nothing, and
// wait no longer than before, while a hostile server and hostile requests do their worst. All servers have processes of their
// own, so that only the client is measured. Options: --seconds, --streams, --calls, --hostile (seconds), --honest (streams), and
// --without (names of hostile calls and answers to leave out).
const { parseArgs } = require('node:util');

const { OpenRouterClient, getStats } = require('../..');
const { soakCalls } = require('./calls.js');
const { soakBesideHostile } = require('./hostile.js');
const { isFlat } = require('./samples.js');
const { KEY, startEmulator } = require('./servers.js');
const { soakStreams } = require('./streams.js');

const OPTIONS = {
  seconds: { type: 'string', default: '120' },
  streams: { type: 'string', default: '500' },
  calls: { type: 'string', default: '100000' },
  hostile: { type: 'string', default: '60' },
  honest: { type: 'string', default: '200' },
  without: { type: 'string', default: '' },
};

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  const { without, ...amounts } = values;
  const given = Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, Number(value)]));
  const emulator = await startEmulator();
  const client = new OpenRouterClient(KEY, { baseURL: emulator.baseURL, maxRetries: 0 });
  const verdicts = {};

  const streams = await soakStreams(client, { seconds: given.seconds, count: given.streams });
  console.log(`${streams.whole} whole, ${streams.abort} aborted, ${streams.fail} failed; ${streams.unexpected} ended unexpectedly`);
  verdicts['streams end as they should'] = streams.unexpected === 0;
  verdicts['streams leave nothing behind'] = isFlat('streams', streams.samples);

  const calls = await soakCalls(client, given.calls);
  console.log(`${calls.expected} calls failed as they should; ${calls.unexpected} did not`);
  verdicts['calls end as they should'] = calls.unexpected === 0;
  verdicts['calls leave nothing behind'] = isFlat('calls', calls.samples);
  emulator.close();

  Object.assign(verdicts, await soakBesideHostile({ seconds: given.hostile, count: given.honest, without: without.split(',').filter(Boolean) }));

  const { activeStreams } = getStats();
  console.log(`still open: ${activeStreams} streams`);
  verdicts['no stream stays open'] = activeStreams === 0;
  for (const [what, holds] of Object.entries(verdicts)) console.log(`${holds ? 'ok' : 'FAILED'}  ${what}`);
  process.exitCode = Object.values(verdicts).every(Boolean) ? 0 : 1;
}

main();
