'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { run, runShell } = require('../support/command.js');

let emulator;
let env;
let folder;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'attachments-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));
afterAll(() => emulator.close());

const contentSent = () => JSON.parse(emulator.requests[0].rawBody).messages.at(-1).content;
/** Writes a file of the test's folder. Returns its path. */
function file(name, content) {
  const place = path.join(folder, name);
  fs.writeFileSync(place, content);
  return place;
}
const chat = (...args) => run(['chat', ...args], { env });
const bytes = (text) => Buffer.from(text, 'latin1');

describe('--file', () => {
  test('puts texts into the prompt, each under its name, in a fence that the text does not end', async () => {
    const one = file('one.txt', 'It ends here.\n');
    const two = file('two.md', '````js\ncode\n````');
    expect(await chat('Compare', '--file', one, '-f', two)).toMatchObject({ code: 0, stderr: '' });
    expect(contentSent()).toBe(`Compare\n\n${one}:\n\`\`\`\nIt ends here.\n\`\`\`\n\n${two}:\n\`\`\`\`\`\n\`\`\`\`js\ncode\n\`\`\`\`\n\`\`\`\`\``);
  });

  test.each([
    ['UTF-8 with a byte order mark', '\xef\xbb\xbfna\xc3\xafve'],
    ['UTF-16 of Windows', '\xff\xfen\0a\0\xef\0v\0e\0'],
    ['UTF-16 of the other order', '\xfe\xff\0n\0a\0\xef\0v\0e'],
  ])('reads a text in %s', async (_what, content) => {
    const name = file('text', bytes(content));
    expect(await chat('Read', '--file', name)).toMatchObject({ code: 0 });
    expect(contentSent()).toBe(`Read\n\n${name}:\n\`\`\`\nnaïve\n\`\`\``);
  });

  test.each([
    ['a.pdf', '%PDF-1.7 x', (data) => ({ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` } })],
    ['a.png', '\x89PNG\r\n\x1a\nx', (data) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })],
    ['a.jpg', '\xff\xd8\xff\xe0x', (data) => ({ type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}` } })],
    ['a.txt', 'GIF89a', (data) => ({ type: 'image_url', image_url: { url: `data:image/gif;base64,${data}` } })],
    ['a.webp', 'RIFF\0\0\0\0WEBPVP8 ', (data) => ({ type: 'image_url', image_url: { url: `data:image/webp;base64,${data}` } })],
    ['a.wav', 'RIFF\0\0\0\0WAVEfmt ', (data) => ({ type: 'input_audio', input_audio: { data, format: 'wav' } })],
    ['a.mp3', 'ID3\x04\0', (data) => ({ type: 'input_audio', input_audio: { data, format: 'mp3' } })],
    ['b.mp3', '\xff\xfb\x90\0', (data) => ({ type: 'input_audio', input_audio: { data, format: 'mp3' } })],
    ['a.aac', '\xff\xf1\x50\x80', (data) => ({ type: 'input_audio', input_audio: { data, format: 'aac' } })],
    ['a.ogg', 'OggS\0\x02', (data) => ({ type: 'input_audio', input_audio: { data, format: 'ogg' } })],
    ['a.flac', 'fLaC\0', (data) => ({ type: 'input_audio', input_audio: { data, format: 'flac' } })],
    ['a.m4a', '\0\0\0\x20ftypM4A \0', (data) => ({ type: 'input_audio', input_audio: { data, format: 'm4a' } })],
    ['a.mp4', '\0\0\0\x20ftypisom\0', (data) => ({ type: 'video_url', video_url: { url: `data:video/mp4;base64,${data}` } })],
    ['a.webm', '\x1aE\xdf\xa3\x01', (data) => ({ type: 'video_url', video_url: { url: `data:video/webm;base64,${data}` } })],
  ])('sends %s as what its bytes %j are', async (name, content, part) => {
    // The emulator answers a model that cannot take the file with 404; what was sent is there all the same.
    await chat('Look', '--file', file(name, bytes(content)));
    expect(contentSent()).toEqual([{ type: 'text', text: 'Look' }, part(bytes(content).toString('base64'))]);
  });

  test('sends an address for the provider to fetch', async () => {
    await chat('Read', '--file', 'https://example.com/a/report.pdf?x=1', '--file', 'https://example.com/cat.JPG');
    expect(contentSent().slice(1)).toEqual([
      { type: 'file', file: { filename: 'report.pdf', file_data: 'https://example.com/a/report.pdf?x=1' } },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.JPG' } },
    ]);
  });

  const onUnix = process.platform === 'win32' ? test.skip : test;
  onUnix('reads a pipe, as the shell makes it for <(…)', async () => {
    expect(await runShell(`mkfifo ${folder}/pipe; printf piped > ${folder}/pipe & $OPENROUTER chat Read --file ${folder}/pipe`, { env })).toMatchObject({ code: 0 });
    expect(contentSent()).toContain('```\npiped\n```');
  });
});

describe('stdin', () => {
  test('is a file with --file -', async () => {
    await runShell("printf '%%PDF-1.7 x' | $OPENROUTER chat 'Read it' --file -", { env });
    expect(contentSent()).toEqual([{ type: 'text', text: 'Read it' }, { type: 'file', file: { filename: 'stdin.pdf', file_data: `data:application/pdf;base64,${bytes('%PDF-1.7 x').toString('base64')}` } }]);
  });

  test('that is no text is no prompt, and the error says how to pass it', async () => {
    const shown = await runShell("printf '%%PDF-1.7' | $OPENROUTER chat 'Read it'", { env });
    expect(shown).toMatchObject({ code: 2, stdout: '', stderr: 'error: Stdin is no text. Pass it as a file: --file -\n' });
    expect(emulator.requests).toEqual([]);
  });
});

describe('--image', () => {
  test('sends images in their order, from files, addresses and data URLs', async () => {
    const png = file('a b.png', bytes('\x89PNG\r\n\x1a\nx'));
    const data = 'data:image/png;base64,iVBORw0KGgo=';
    expect(await chat('Which?', '-i', png, '--image', 'https://example.com/b', '--image', data)).toMatchObject({ code: 0, stderr: '' });
    expect(contentSent().slice(1).map((part) => part.image_url.url)).toEqual([`data:image/png;base64,${bytes('\x89PNG\r\n\x1a\nx').toString('base64')}`, 'https://example.com/b', data]);
  });

  test('takes no other file', async () => {
    const name = file('a.png', 'a text');
    expect(await chat('Hi', '--image', name)).toMatchObject({ code: 2, stdout: '', stderr: `error: --image ${name}: it is no image that models take, such as PNG, JPEG, GIF or WebP. --file takes other files.\n` });
    expect(emulator.requests).toEqual([]);
  });
});

test.each([
  ['that does not exist', () => path.join(folder, 'none'), /: it does not exist\.$/],
  ['below a file', () => path.join(file('a', 'x'), 'none'), /: it does not exist\.$/],
  ['that is a directory', () => folder, /: it is a directory: name the files in it\.$/],
  ['that is empty', () => file('empty', ''), /: it is empty\.$/],
  ['that is binary', () => file('a.bin', Buffer.from([0, 1, 2, 200])), /: it is neither text \(UTF-8 or UTF-16\) nor a PDF, an image, a sound or a video that models take\.$/],
  ['that is too large', () => { const name = file('large', 'x'); fs.truncateSync(name, (100 << 20) + 1); return name; }, /: it is too large: the files of a message may have 100 MiB together\.$/],
  ['that is no valid address', () => 'https://', /: it is no valid address\.$/],
])('a file %s is a wrong call in one line, and nothing is sent', async (_what, make, message) => {
  const name = make();
  const { code, stdout, stderr } = await chat('Hi', '--file', name);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: --file [^\n]+\n$/);
  expect(stderr.trimEnd()).toMatch(message);
  expect(emulator.requests).toEqual([]);
});

const asUser = process.platform === 'win32' || process.getuid() === 0 ? test.skip : test;
asUser('a file that you may not read is a wrong call', async () => {
  const name = file('secret', 'x');
  fs.chmodSync(name, 0);
  expect(await chat('Hi', '--file', name)).toMatchObject({ code: 2, stderr: `error: --file ${name}: you may not read it.\n` });
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a device without an end is refused', async () => {
  expect(await chat('Hi', '--file', '/dev/zero')).toMatchObject({ code: 2, stderr: 'error: --file /dev/zero: it is no file.\n' });
});
