'use strict';

const { errorFrom, traceOf, wrongOption } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');
const { now, sleep } = require('../util/timers.js');
const { get, pathOf, post, settingsIn } = require('./post.js');
const { SEND } = require('../util/send.js');

/** How often the state of a job is asked for, in milliseconds. A video takes minutes. */
const INTERVAL = 5000;
/** The states of a job that is not over. */
const UNDER_WAY = new Set(['pending', 'queued', 'in_progress', 'processing', 'running']);

/** How long a job is waited for, in milliseconds, unless the caller says otherwise. */
const MAX_TIME = 30 * 60_000;

/**
 * Requests a video, and waits until it is made. `onProgress` gets the job each time that it was asked for. A failure has the job as it
 * was last, because it goes on and is paid.
 */
function videos(client, params, options, caller) {
  const { onProgress, interval = INTERVAL, maxTime = MAX_TIME, ...settings } = settingsIn(options, caller, ['onProgress', 'interval', 'maxTime']);
  if (typeof maxTime !== 'number' || !(maxTime > 0)) throw wrongOption('maxTime', 'a number of milliseconds above zero');
  if (typeof interval !== 'number' || !(interval > 0)) throw wrongOption('interval', 'a number of milliseconds above zero');
  if (onProgress !== undefined && typeof onProgress !== 'function') throw wrongOption('onProgress', 'a function');
  const { signal, headers, timeouts } = settings;
  const trace = traceOf(caller);
  const call = post(client, '/videos', params, settings, { caller });
  return call.changed(async (created) => {
    const until = now() + maxTime;
    let job = created;
    for (;;) {
      if (onProgress) callSafely(onProgress, job);
      if (!UNDER_WAY.has(job?.status) || typeof job.id !== 'string') return job;
      const left = until - now();
      if (left <= 0) throw withJob(tooLong(job, maxTime, trace), job);
      await sleep(Math.min(interval, left), signal);
      // An aborted signal rejects here, too.
      job = await get(client, pathOf('/videos', job.id, 'videos'), undefined, { signal, headers, timeouts }, caller)
        .catch((error) => { throw withJob(error, job); });
    }
  });
}

function tooLong({ id }, maxTime, trace) {
  const message = `The video is not made after ${maxTime} ms. The job goes on: ask for it with getVideo('${id}'), or raise maxTime.`;
  return errorFrom({ code: 'timeout', message }, trace);
}

/** Gives an error the job as it was last. */
function withJob(error, job) {
  error.partial ??= job;
  return error;
}

/** Returns a job as it is now. */
function getVideo(client, id, options, caller) {
  return get(client, pathOf('/videos', id, 'getVideo'), undefined, options, caller);
}

/** Returns a video as a standard `Response`, whose body is read as it arrives. */
function getVideoContent(client, id, options, caller) {
  const { index, ...settings } = settingsIn(options, caller, ['index']);
  const path = `${pathOf('/videos', id, 'getVideoContent')}/content`;
  return client[SEND]({ method: 'GET', path, options: { ...settings, query: { index }, as: 'response' }, isFile: true, caller });
}

module.exports = { getVideo, getVideoContent, videos };
