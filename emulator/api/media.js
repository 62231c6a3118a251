'use strict';

const { sendBody } = require('../body');
const { sendEvents } = require('./event-sender');
const { ApiError } = require('../errors');
const { makeImage } = require('../media');
const { Outlet } = require('../outlet');
const { charge, invalid, sendCharged } = require('./inputs');

const IMAGE_PRICE = 0.04;
const SOUND_PRICE = 0.006;
const VIDEO_PRICE = 0.5;
/** How often a job is asked for before its video is made. */
const POLLS = 2;
const SOUND_PIECES = 4;
const PIECE_BYTES = 512;

function admitted({ emulator, transaction, key }, field) {
  const { body } = transaction.record;
  emulator.account.checkInference(key);
  if (typeof body.model !== 'string' || body[field] === undefined || body[field] === '') throw invalid(`"model" and "${field}" are required`);
  emulator.account.admit(key, false);
  return body;
}

/** Handles `POST /images`. */
function makeImages(context) {
  const { directives } = context;
  const { n = 1, output_format: format = 'png', stream } = admitted(context, 'prompt');
  const [, data] = makeImage(directives.imageSize).image_url.url.split(',');
  const answer = {
    created: Math.floor(Date.now() / 1000),
    data: Array.from({ length: n }, () => ({ b64_json: data, media_type: `image/${format}` })),
    usage: { prompt_tokens: 10, completion_tokens: 1290 * n, total_tokens: 10 + 1290 * n, cost: directives.cost ?? IMAGE_PRICE * n },
  };
  if (stream !== true || directives.json) return sendCharged(context, answer);
  return sendEvents(chargeable(context, answer.usage.cost), imageEvents(answer), (error) => ({ data: { type: 'error', error } }));
}

/** Returns the events of images that are being made: the first half of each, then the whole. The last one tells the usage of all. */
function imageEvents({ created, data, usage }) {
  const events = data.flatMap((image, at) => [
    { data: { type: 'image_generation.partial_image', partial_image_index: at, b64_json: image.b64_json.slice(0, image.b64_json.length >> 1) }, isDelta: true },
    { data: { type: 'image_generation.completed', created, ...image, ...(at === data.length - 1 && { usage }) }, isDelta: true },
  ]);
  return [...events, { data: '[DONE]' }];
}

/** Returns what `sendEvents` needs of an answer that has no text of a model. Its cost is charged at its end. */
function chargeable(context, cost) {
  const { transaction, directives, emulator } = context;
  const id = emulator.generations.newId();
  transaction.record.generationId = id;
  let isCharged = false;
  const settle = () => {
    if (!isCharged) charge(context, id, cost);
    isCharged = true;
  };
  const settlePart = (deltas, { hasFailed }) => {
    if (deltas > 0 && !hasFailed) settle();
  };
  const { errorCode: code = 502 } = directives;
  const lateError = { code, message: directives.message ?? 'The provider failed', metadata: { error_type: 'provider_unavailable' } };
  return { transaction, directives, id, lateError, settle, settlePart };
}

/** Handles `POST /audio/speech`: sends sound in pieces. Its cost is not in the answer. */
async function speak(context) {
  const { transaction, emulator, directives } = context;
  const { response_format: format = 'mp3' } = admitted(context, 'input');
  const id = emulator.generations.newId();
  transaction.record.generationId = id;
  charge(context, id, directives.cost ?? SOUND_PRICE);
  const outlet = new Outlet(transaction, directives);
  outlet.open(200, { 'Content-Type': format === 'pcm' ? 'audio/pcm' : 'audio/mpeg', 'X-Generation-Id': id });
  for (let sent = 0; sent < SOUND_PIECES; sent += 1) {
    if (directives.cut === sent) return outlet.cut(directives.cutHow);
    if (directives.stall === sent) return transaction.record.closed;
    if (!(await outlet.send(Buffer.alloc(PIECE_BYTES, sent + 1)))) return undefined;
  }
  return outlet.finish();
}

/** Handles `POST /audio/transcriptions`, in JSON. */
function transcribe(context) {
  const { input_audio: audio } = admitted(context, 'input_audio');
  if (typeof audio?.data !== 'string' || typeof audio?.format !== 'string') throw invalid('"input_audio" must have data and format');
  const bytes = Buffer.from(audio.data, 'base64');
  return sendCharged(context, {
    text: context.directives.text ?? `The emulator has heard ${bytes.length} bytes of ${audio.format}.`,
    language: 'en',
    duration: 1,
    usage: { seconds: 1, cost: context.directives.cost ?? SOUND_PRICE },
  });
}

/** The video jobs of an emulator. */
class Videos {
  #jobs = new Map();

  create(context) {
    const { emulator, transaction, directives } = context;
    admitted(context, 'prompt');
    const id = `job-${this.#jobs.size + 1}`;
    const cost = directives.cost ?? VIDEO_PRICE;
    this.#jobs.set(id, { cost, polls: directives.pending ?? POLLS, generation: emulator.generations.newId(), error: directives.errorIn200 && 'The provider failed' });
    return sendBody(transaction, directives, { status: 202, text: JSON.stringify(this.#shown(id, 'pending')) });
  }

  describe({ transaction, emulator, directives, key, params: [id] }) {
    const job = this.#find(id);
    job.polls -= 1;
    const isMade = job.polls <= 0;
    if (isMade && !job.isCharged) {
      job.isCharged = true;
      if (!job.error) emulator.account.charge(key, job.cost);
    }
    const state = !isMade ? 'in_progress' : job.error ? 'failed' : 'completed';
    const more = { completed: { unsigned_urls: [`https://example.com/${id}.mp4`], usage: { cost: job.cost, is_byok: false } }, failed: { error: job.error } };
    return sendBody(transaction, directives, { text: JSON.stringify({ ...this.#shown(id, state), ...more[state] }) });
  }

  content({ transaction, directives, params: [id] }) {
    const job = this.#find(id);
    if (!job.isCharged) throw new ApiError(404, `The video of ${id} is not made yet`);
    return sendBody(transaction, directives, { contentType: 'video/mp4', text: Buffer.alloc(PIECE_BYTES, 5) });
  }

  #find(id) {
    const job = this.#jobs.get(id);
    if (!job) throw new ApiError(404, `Job ${id} not found`);
    return job;
  }

  #shown(id, status) {
    return { id, generation_id: this.#jobs.get(id).generation, polling_url: `/api/v1/videos/${id}`, status };
  }
}

module.exports.IMAGE_PRICE = IMAGE_PRICE;
module.exports.Videos = Videos;
module.exports.makeImages = makeImages;
module.exports.speak = speak;
module.exports.transcribe = transcribe;
