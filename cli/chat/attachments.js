'use strict';

const fs = require('node:fs/promises');
const path = require('node:path');

const { UsageError, unreadable } = require('../usage.js');
const { formatOf, textOf } = require('./formats.js');
const { LIMIT, MIB, STDIN, readAll } = require('./input.js');

const ADDRESS = /^https?:\/\//i;
const DATA_URL = /^data:image\/[\w.+-]+;base64,/;
const IMAGE_NAME = /\.(?:png|jpe?g|gif|webp|avif|heic)$/i;

/** What cannot be sent. */
const NO_FILE = 'neither text (UTF-8 or UTF-16) nor a PDF, an image, a sound or a video that models take';
const NO_IMAGE = 'no image that models take, such as PNG, JPEG, GIF or WebP. --file takes other files';

/**
 * Returns the content of a user's message: the prompt, and the files that `--file` and `--image` name. Texts become a part of
 * the prompt, under their names; other files become parts of the message.
 * @param {string} prompt
 * @param {{ file?: string[], image?: string[] }} options
 * @param {NodeJS.ReadStream} stdin what the name `-` stands for
 * @returns {Promise<string | object[]>}
 */
async function contentOf(prompt, { file: files = [], image: images = [] }, stdin) {
  const texts = [prompt];
  const parts = [];
  let read = 0;
  const take = async (option, name) => {
    const bytes = await bytesOf(option, name, LIMIT - read, stdin);
    read += bytes.length;
    return bytes;
  };
  for (const name of files) {
    if (ADDRESS.test(name)) {
      parts.push(linkedPart(name));
      continue;
    }
    const bytes = await take('--file', name);
    const format = formatOf(bytes);
    const text = format === undefined ? textOf(bytes) : undefined;
    if (text !== undefined) texts.push(quoted(name === STDIN ? 'stdin' : name, text));
    else if (format !== undefined) parts.push(partOf(name, format, bytes));
    else throw new UsageError(`--file ${name}: it is ${NO_FILE}.`);
  }
  for (const name of images) {
    if (ADDRESS.test(name) || DATA_URL.test(name)) {
      parts.push(imagePart(name));
      continue;
    }
    const bytes = await take('--image', name);
    const format = formatOf(bytes);
    if (format?.kind !== 'image') throw new UsageError(`--image ${name}: it is ${NO_IMAGE}.`);
    parts.push(partOf(name, format, bytes));
  }
  const text = texts.join('\n\n');
  return parts.length === 0 ? text : [{ type: 'text', text }, ...parts];
}

/** Reads a file, or a pipe such as that of `<(…)`, of at most `limit` bytes. */
async function bytesOf(option, name, limit, stdin) {
  const refuse = (reason) => new UsageError(`${option} ${name}: ${reason}.`);
  try {
    const bytes = name === STDIN ? await readAll(stdin, limit) : await readFile(name, limit, refuse);
    if (bytes === null) throw refuse(`it is too large: the files of a message may have ${LIMIT / MIB} MiB together`);
    if (bytes.length === 0) throw refuse('it is empty');
    return bytes;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(unreadable(error));
  }
}

/** Reads a file or a pipe. Resolves to null if it has more than `limit` bytes. */
async function readFile(name, limit, refuse) {
  const stat = await fs.stat(name);
  if (stat.isDirectory()) throw refuse('it is a directory: name the files in it');
  if (!stat.isFile() && !stat.isFIFO()) throw refuse('it is no file');
  return stat.size > limit ? null : readAll((await fs.open(name)).createReadStream(), limit);
}

function partOf(name, { kind, type, ending }, bytes) {
  const data = bytes.toString('base64');
  const url = `data:${type};base64,${data}`;
  switch (kind) {
    case 'image': return imagePart(url);
    case 'audio': return { type: 'input_audio', input_audio: { data, format: ending } };
    case 'video': return { type: 'video_url', video_url: { url } };
    default: return { type: 'file', file: { filename: name === STDIN ? `stdin.${ending}` : path.basename(name), file_data: url } };
  }
}

/** Returns the part for a file that the provider fetches. What it is has to be read from its address. */
function linkedPart(address) {
  if (!URL.canParse(address)) throw new UsageError(`--file ${address}: it is no valid address.`);
  const { pathname } = new URL(address);
  if (IMAGE_NAME.test(pathname)) return imagePart(address);
  return { type: 'file', file: { filename: path.posix.basename(pathname) || 'file', file_data: address } };
}

function imagePart(url) {
  return { type: 'image_url', image_url: { url } };
}

/** Returns a text under its name, in a fence that is longer than any in the text. */
function quoted(name, text) {
  let fence = '```';
  for (const [run] of text.matchAll(/`+/g)) if (run.length >= fence.length) fence = `${run}\``;
  return `${name}:\n${fence}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

module.exports = { contentOf };
