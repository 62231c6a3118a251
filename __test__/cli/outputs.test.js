'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { run } = require('../support/command.js');

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const JPEG = Buffer.from('\xff\xd8\xff\xe0', 'latin1');
const dataURL = (bytes, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;

let emulator;
let env;
let folder;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));
afterAll(() => emulator.close());

const at = (name) => path.join(folder, name);
const chat = (...args) => run(['chat', ...args], { env });
const sent = () => JSON.parse(emulator.requests[0].rawBody);
const chunk = (delta, more = {}) => `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;
/** An answer with these deltas, as the emulator sends it. */
const answerOf = (...deltas) => ({ raw: `${deltas.map((delta) => chunk(delta)).join('')}${chunk({ content: '' }, { finish_reason: 'stop' })}data: [DONE]\n\n` });
const images = (...urls) => ({ images: urls.map((url, index) => ({ index, type: 'image_url', image_url: { url } })) });

describe('--output-image', () => {
  test('asks for an image, and saves its bytes', async () => {
    const name = at('cat.png');
    expect(await chat('--output-image', name, '/emulate text="A cat." image-size=5000')).toMatchObject({ code: 0, stdout: 'A cat.\n', stderr: '' });
    expect(sent()).toMatchObject({ modalities: ['image', 'text'] });
    expect(fs.readFileSync(name)).toHaveLength(5000);
    expect(fs.readFileSync(name).subarray(0, 8)).toEqual(PNG);
    expect(fs.readdirSync(folder)).toEqual(['cat.png']);
  });

  test('saves further images beside the first', async () => {
    emulator.script([answerOf(images(dataURL(PNG)), images(dataURL(Buffer.concat([PNG, PNG]))))]);
    expect(await chat('--output-image', at('cat.png'), 'Two cats')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(fs.readFileSync(at('cat.png'))).toEqual(PNG);
    expect(fs.readFileSync(at('cat-2.png'))).toEqual(Buffer.concat([PNG, PNG]));
  });

  test('that exists is a wrong call before anything is sent, unless --force replaces it', async () => {
    fs.writeFileSync(at('cat.png'), 'mine');
    const shown = await chat('--output-image', at('cat.png'), 'A cat');
    expect(shown).toMatchObject({ code: 2, stdout: '', stderr: `error: --output-image ${at('cat.png')}: it exists: --force replaces it.\n` });
    expect(emulator.requests).toEqual([]);
    expect(fs.readFileSync(at('cat.png'), 'utf8')).toBe('mine');
    expect(await chat('--output-image', at('cat.png'), '--force', 'A cat')).toMatchObject({ code: 0 });
    expect(fs.readFileSync(at('cat.png')).subarray(0, 8)).toEqual(PNG);
    expect(fs.readdirSync(folder)).toEqual(['cat.png']);
  });

  test('that came to exist meanwhile is kept, and the image gets another name', async () => {
    emulator.respond(() => {
      fs.writeFileSync(at('cat.png'), 'mine');
      return answerOf(images(dataURL(PNG)));
    });
    expect(await chat('--output-image', at('cat.png'), 'A cat')).toMatchObject({ code: 0 });
    expect(fs.readFileSync(at('cat.png'), 'utf8')).toBe('mine');
    expect(fs.readFileSync(at('cat-2.png'))).toEqual(PNG);
  });

  test('without an image in the answer is a failure, after the text', async () => {
    emulator.script([answerOf({ content: 'I cannot draw.' })]);
    expect(await chat('--output-image', at('cat.png'), 'A cat')).toMatchObject({ code: 1, stdout: 'I cannot draw.\n', stderr: `error: The answer has no image, so that ${at('cat.png')} was not written.\n` });
  });

  test('tells of a format that the name does not say', async () => {
    emulator.script([answerOf(images(dataURL(JPEG)))]);
    expect(await chat('--output-image', at('cat.png'), 'A cat')).toMatchObject({ code: 0, stderr: `warning: ${at('cat.png')} has the format jpg.\n` });
  });

  test('keeps an image that came before the answer broke', async () => {
    emulator.script([{ raw: `${chunk({ content: 'Here: ' })}${chunk(images(dataURL(PNG)))}${chunk({ content: '' }, { finish_reason: 'error', error: { code: 502, message: 'Broken' } })}` }]);
    const shown = await chat('--output-image', at('cat.png'), 'A cat');
    expect(shown).toMatchObject({ code: 1, stdout: 'Here: \n', stderr: expect.stringMatching(/^error: [^\n]*\n$/) });
    expect(fs.readFileSync(at('cat.png'))).toEqual(PNG);
  });
});

describe('--output-audio', () => {
  test('asks for a voice, saves the samples with a header that players need, and prints what is said', async () => {
    expect(await chat('--output-audio', at('hi.wav'), '--voice', 'nova', '/emulate text="Hello there."')).toMatchObject({ code: 0, stdout: 'Hello there.\n', stderr: '' });
    expect(sent()).toMatchObject({ modalities: ['text', 'audio'], audio: { voice: 'nova', format: 'pcm16' } });
    const wav = fs.readFileSync(at('hi.wav'));
    expect([wav.toString('latin1', 0, 4), wav.readUInt32LE(4), wav.toString('latin1', 8, 16)]).toEqual(['RIFF', wav.length - 8, 'WAVEfmt ']);
    expect([wav.readUInt32LE(24), wav.readUInt16LE(34), wav.readUInt32LE(40)]).toEqual([24_000, 16, 480]);
    expect(wav.subarray(44)).toEqual(Buffer.alloc(480, 7));
  });

  test('saves samples as such also where they look like another format', async () => {
    const samples = Buffer.from([0xff, 0xfb, 0x90, 0x64]);
    emulator.script([answerOf({ audio: { id: 'a', data: samples.toString('base64') } }, { audio: { id: 'a', data: samples.toString('base64') } })]);
    await chat('--output-audio', at('hi.wav'), 'Hi');
    expect(fs.readFileSync(at('hi.wav')).subarray(44)).toEqual(Buffer.concat([samples, samples]));
  });

  test('asks for the format that its name ends with, and saves it as it comes', async () => {
    const mp3 = Buffer.from('ID3\x04\0sound', 'latin1');
    emulator.script([answerOf({ audio: { id: 'a', transcript: 'Hi' } }, { audio: { id: 'a', data: mp3.toString('base64') } })]);
    expect(await chat('--output-audio', at('hi.mp3'), 'Hi')).toMatchObject({ code: 0, stdout: 'Hi\n', stderr: '' });
    expect(sent().audio).toEqual({ voice: 'alloy', format: 'mp3' });
    expect(fs.readFileSync(at('hi.mp3'))).toEqual(mp3);
  });
});

describe('--save', () => {
  test('makes the directory, and saves everything under names of its own', async () => {
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a/image.png'), 'mine');
    emulator.script([answerOf({ content: 'Two.' }, images(dataURL(PNG), dataURL(JPEG, 'image/../../x')), { audio: { id: '../../x', data: 'AAA=' } })]);
    expect(await chat('--save', at('a/b/..'), '--force', 'Draw')).toMatchObject({ code: 0, stdout: 'Two.\n', stderr: '' });
    expect(fs.readdirSync(at('a')).filter((name) => name !== 'b').sort()).toEqual(['image-2.png', 'image.jpg', 'image.png', 'sound.wav']);
    expect(fs.readFileSync(at('a/image.png'), 'utf8')).toBe('mine');
  });

  test('asks for nothing by itself; --modalities does', async () => {
    await chat('--save', at('a'), '/emulate text=one');
    expect(sent()).not.toHaveProperty('modalities');
    emulator.reset();
    await chat('--save', at('a'), '--modalities', 'image,text', '/emulate text=one');
    expect(sent().modalities).toEqual(['image', 'text']);
    expect(fs.readdirSync(at('a'))).toEqual(['image.png']);
  });

  test.each([
    ['an address', 'https://example.com/cat.png', /^warning: An image of the answer is an address, which was not opened: https:\/\/example\.com\/cat\.png\n$/],
    ['broken base64', 'data:image/png;base64,%%%%', /^warning: An image of the answer cannot be read/],
    ['several pieces of base64', `data:image/png;base64,${'iVBORw0KGgo='.repeat(2)}`, /^warning: An image of the answer cannot be read/],
    ['broken text', 'data:image/svg+xml,%E0%A4%A', /^warning: An image of the answer cannot be read/],
    ['empty', 'data:image/png;base64,', /^warning: An image of the answer cannot be read/],
    ['a name of a file', 'file:///etc/passwd', /^warning: An image of the answer cannot be read/],
  ])('saves nothing of an image that is %s, and says so', async (_what, url, message) => {
    emulator.script([answerOf({ content: 'Look.' }, images(url))]);
    expect(await chat('--save', at('a'), 'Draw')).toMatchObject({ code: 0, stdout: 'Look.\n', stderr: expect.stringMatching(message) });
    expect(fs.readdirSync(at('a'))).toEqual([]);
    expect(emulator.requests).toHaveLength(1);
  });

  test.each([
    ['an SVG in base64', dataURL(Buffer.from('<?xml version="1.0"?>\n<!-- a --><svg xmlns="x"/>'), 'image/svg+xml'), 'image.svg', ''],
    ['an SVG as text', `data:image/svg+xml;charset=utf-8,${encodeURIComponent('<svg xmlns="x"/>')}`, 'image.svg', ''],
    ['a program that calls itself a PNG', dataURL(Buffer.from('#!/bin/sh\n')), 'image.bin', /^warning: \S+image\.bin has no format that is known\.\n$/],
  ])('names %s by its bytes, and makes no file that can be run', async (_what, url, name, message) => {
    emulator.script([answerOf(images(url))]);
    const { code, stderr } = await chat('--save', at('a'), 'Draw');
    expect(code).toBe(0);
    expect(stderr).toMatch(message === '' ? /^$/ : message);
    expect(fs.readdirSync(at('a'))).toEqual([name]);
    expect(fs.statSync(at(`a/${name}`)).mode & 0o111).toBe(0);
  });

  test('looks at a hundred images, and says that there were more', async () => {
    emulator.script([answerOf(images(...Array.from({ length: 105 }, (_, index) => dataURL(Buffer.concat([PNG, Buffer.from([index])])))))]);
    expect(await chat('--save', at('a'), 'Draw')).toMatchObject({ code: 0, stderr: 'warning: The answer has 105 images. 100 were looked at; --json shows all.\n' });
    expect(fs.readdirSync(at('a'))).toHaveLength(100);
  });

  test('is named where an image has no place', async () => {
    emulator.script([answerOf({ content: 'Look.' }, images(dataURL(PNG)))]);
    expect(await chat('Draw')).toMatchObject({ code: 0, stdout: 'Look.\n', stderr: 'warning: The answer has an image, which was not saved: use --save DIR.\n' });
  });
});

test('--json prints the whole completion, and saves the image as well', async () => {
  emulator.script([answerOf(images(dataURL(PNG)))]);
  const { code, stdout } = await chat('--json', '--output-image', at('cat.png'), 'A cat');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).choices[0].message.images[0].image_url.url).toBe(dataURL(PNG));
  expect(fs.readFileSync(at('cat.png'))).toEqual(PNG);
});

test.each([
  [['--output-image', 'none/cat.png'], /there is no directory none\./],
  [['--output-image', '.'], /it is a directory: name a file, or use --save\./],
  [['--output-audio', 'hi.doc'], /its name must end with \.wav, \.mp3, \.flac, \.opus, \.aac\./],
  [['--save', 'package.json'], /it is no directory\./],
  [['--save', 'package.json/a'], /it is no directory\./],
  [['--modalities', 'smell'], /Allowed are text, image, audio\./],
])('%j is a wrong call, and nothing is sent', async (args, message) => {
  expect(await chat(...args, 'Hi')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(emulator.requests).toEqual([]);
});

test('an image that cannot be written is a failure, after the text', async () => {
  emulator.respond(() => {
    fs.rmdirSync(at('a'));
    return answerOf({ content: 'Look.' }, images(dataURL(PNG)));
  });
  const shown = await chat('--save', at('a'), 'Draw');
  expect(shown).toMatchObject({ code: 1, stdout: 'Look.\n', stderr: expect.stringMatching(/^error: The image of the answer cannot be saved: ENOENT[^\n]*\n$/) });
});
