'use strict';

const { failed, ok, skipped } = require('./outcome.js');

/** A clock may be wrong by this much before times of the API (a limit's reset, an expiry) mean something else. */
const TOLERATED_MS = 60_000;
/** The header has no fractions of a second. */
const HALF_A_SECOND = 500;

const clock = {
  name: 'clock',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls', 'models'],
  async look(site) {
    const asked = Date.now();
    const response = await site.fetch('/key');
    const answered = Date.now();
    await response.body?.cancel();
    const told = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(told)) return skipped('the answer does not say what time it is');
    const ahead = (asked + answered) / 2 - (told + HALF_A_SECOND);
    const seconds = Math.round(Math.abs(ahead) / 1000);
    if (Math.abs(ahead) <= TOLERATED_MS) return ok(seconds <= 1 ? 'right' : `${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}, which does no harm`);
    const advice = 'Set it, best by a time service (Linux: timedatectl set-ntp true).';
    return failed(`this machine is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the API`, advice);
  },
};

module.exports = { clock };
