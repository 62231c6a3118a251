'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { counted } = require('../output/figures.js');
const { UsageError } = require('../usage.js');
const { UNKNOWN, mediaOf } = require('./media.js');
const { replaceFile, writeNew } = require('./new-file.js');

/** The formats in which sound is asked for, by the ending of its file. A `.wav` is made of samples, which every model streams. */
const SOUNDS = { wav: 'pcm16', mp3: 'mp3', flac: 'flac', opus: 'opus', aac: 'aac' };
const VOICE = 'alloy';
const NAMES = { image: 'image', audio: 'sound' };
/** Endings of names that mean the same format. */
const SAME = { jpeg: 'jpg', opus: 'ogg' };

/**
 * Where the images and the sound of an answer go, and how they are asked for: the options `--output-image`,
 * `--output-audio`, `--save`, `--modalities`, `--voice` and `--force`. All of it is checked before anything is sent, because
 * the answer costs money.
 */
class Outputs {
  #files;
  #folder;
  #isForced;
  /** Whether something could not be saved. */
  hasFailed = false;
  /** The parameters of a chat that ask for what is wanted. */
  parameters;

  /** @param {object} options */
  constructor(options) {
    const { outputImage, outputAudio, save, force = false } = options;
    this.#files = { image: outputImage, audio: outputAudio };
    this.#folder = save;
    this.#isForced = force;
    this.parameters = parametersOf(options);
    this.#check('--output-image', outputImage);
    this.#check('--output-audio', outputAudio);
    if (save !== undefined) makeFolder(save);
  }

  #check(option, file) {
    if (file === undefined) return;
    const refuse = (reason) => new UsageError(`${option} ${file}: ${reason}.`);
    const folder = path.dirname(file);
    if (!statOf(folder)?.isDirectory()) throw refuse(`there is no directory ${folder}`);
    if (statOf(file)?.isDirectory()) throw refuse('it is a directory: name a file, or use --save');
    if (fs.lstatSync(file, { throwIfNoEntry: false }) && !this.#isForced) throw refuse('it exists: --force replaces it');
    if (!isWritable(folder)) throw refuse(`you may not write in ${folder}`);
  }

  /**
   * Saves the images and the sound of an answer, and says where. What cannot be saved is an error line, and `hasFailed`.
   * @param {import('../output/terminal.js').Terminal} terminal
   * @param {object | undefined} message that of a completion
   * @param {{ isWhole?: boolean }} [how] whether the answer is whole, so that what it lacks is missing
   * @returns {Set<'image' | 'audio'>} what the answer has
   */
  save(terminal, message, { isWhole = true } = {}) {
    const { media, problems } = mediaOf(message, this.parameters.audio?.format);
    const kinds = new Set();
    for (const one of media) {
      const isFirst = !kinds.has(one.kind);
      kinds.add(one.kind);
      this.#saveOne(terminal, one, isFirst);
    }
    for (const problem of problems) terminal.warn(problem);
    for (const [kind, file] of Object.entries(this.#files)) {
      const isMissing = isWhole && file !== undefined && !kinds.has(kind);
      if (isMissing) this.#fail(terminal, `The answer has no ${NAMES[kind]}, so that ${file} was not written.`);
    }
    return kinds;
  }

  #saveOne(terminal, one, isFirst) {
    const { kind, bytes, ending } = one;
    try {
      const file = this.#write(one, isFirst);
      if (file === null) {
        terminal.warn(`The answer has ${kind === 'image' ? 'an image' : 'sound'}, which was not saved: use --save DIR.`);
        return;
      }
      terminal.note(`Saved ${file} (${counted(bytes.length, 'byte')})`);
      if (ending === UNKNOWN) terminal.warn(`${file} has no format that is known.`);
      else if (!hasEnding(file, ending)) terminal.warn(`${file} has the format ${ending}.`);
    } catch (error) {
      this.#fail(terminal, `The ${NAMES[kind]} of the answer cannot be saved: ${error.message}`);
    }
  }

  #fail(terminal, line) {
    this.hasFailed = true;
    terminal.fail(line);
  }

  /** Writes an image or a sound. Returns the name of its file, or null if there is no place for it. */
  #write({ kind, bytes, ending }, isFirst) {
    const file = this.#files[kind];
    if (file !== undefined && isFirst) return this.#isForced ? replaceFile(file, bytes) : writeNew(file, bytes);
    if (this.#folder !== undefined) return writeNew(path.join(this.#folder, `${NAMES[kind]}.${ending}`), bytes);
    return file === undefined ? null : writeNew(file, bytes);
  }
}

function parametersOf({ outputImage, outputAudio, modalities, voice }) {
  const format = outputAudio === undefined ? 'wav' : path.extname(outputAudio).slice(1).toLowerCase();
  if (!Object.hasOwn(SOUNDS, format)) {
    const endings = Object.keys(SOUNDS).map((one) => `.${one}`).join(', ');
    throw new UsageError(`--output-audio ${outputAudio}: its name must end with ${endings}.`);
  }
  const speaks = (outputAudio ?? voice) !== undefined;
  const implied = [outputImage !== undefined && 'image', 'text', speaks && 'audio'].filter(Boolean);
  const wanted = modalities ?? (implied.length > 1 ? implied : undefined);
  return {
    ...(wanted && { modalities: wanted }),
    ...(wanted?.includes('audio') && { audio: { voice: voice ?? VOICE, format: SOUNDS[format] } }),
  };
}

function makeFolder(folder) {
  const refuse = (reason) => new UsageError(`--save ${folder}: ${reason}.`);
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw refuse(['EEXIST', 'ENOTDIR'].includes(error.code) ? 'it is no directory' : `it cannot be made (${error.code})`);
  }
  if (!isWritable(folder)) throw refuse('you may not write in it');
}

function isWritable(folder) {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns what a name stands for; undefined if there is nothing that one can see. */
function statOf(name) {
  try {
    return fs.statSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function hasEnding(name, ending) {
  const given = path.extname(name).slice(1).toLowerCase();
  return (SAME[given] ?? given) === (SAME[ending] ?? ending);
}

module.exports = { Outputs };
