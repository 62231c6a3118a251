'use strict';

const { wrongOption } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');
const { sleep } = require('../util/timers.js');
const { get, pathOf, post, settingsIn } = require('./post.js');
const { SEND } = require('../util/send.js');

/** How often the state of a job is asked for, in milliseconds. A video takes minutes. */
const INTERVAL = 5000;
/** The states of a job that is not over. */
const UNDER_WAY = new Set(['pending', 'queued', 'in_progress', 'processing', 'running']);

/** Requests a video, and waits until it is made. `onProgress` gets the job each time that it was asked for. */
function videos(client, params, options, caller) {
  const { onProgress, interval = INTERVAL, ...settings } = settingsIn(options, caller, ['onProgress', 'interval']);
  if (typeof interval !== 'number' || !(interval > 0)) throw wrongOption('interval', 'a number of milliseconds above zero');
  if (onProgress !== undefined && typeof onProgress !== 'function') throw wrongOption('onProgress', 'a function');
  const { signal, headers, timeouts } = settings;
  const call = post(client, '/videos', params, settings, { caller });
  return call.changed(async (created) => {
    let job = created;
    for (;;) {
      if (onProgress) callSafely(onProgress, job);
      if (!UNDER_WAY.has(job?.status) || typeof job.id !== 'string') return job;
      await sleep(interval, signal);
      // An aborted signal rejects here, too.
      job = await get(client, pathOf('/videos', job.id, 'videos'), undefined, { signal, headers, timeouts }, caller);
    }
  });
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
