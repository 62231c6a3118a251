'use strict';

const { failed, ok, skipped } = require('./outcome.js');

/** The tolerated clock difference. With a larger one, times from the API (a rate limit's reset, an expiry) are misread. */
const TOLERATED_MS = 60_000;
/** The `Date` header cuts off the fraction of the second: on average the server's time is this much later. */
const HALF_A_SECOND = 500;

const clock = {
  name: 'clock',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls', 'models'],
  async look(subject) {
    const sentAt = Date.now();
    const response = await subject.fetch('/key');
    const answeredAt = Date.now();
    await response.body?.cancel();
    const serverTime = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(serverTime)) return skipped('the response has no valid Date header');
    const ahead = (sentAt + answeredAt) / 2 - (serverTime + HALF_A_SECOND);
    const seconds = Math.round(Math.abs(ahead) / 1000);
    if (Math.abs(ahead) <= TOLERATED_MS) return ok(seconds <= 1 ? 'correct' : `${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}, which is tolerated`);
    const advice = 'Set the clock, preferably with a time service (Linux: timedatectl set-ntp true).';
    return failed(`this machine is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the API`, advice);
  },
};

module.exports = { clock };
