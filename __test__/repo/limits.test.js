'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../support/process.js');

const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');

/** Where the code has a limit that no option sets, by what the table calls it: the file and the name of the constant. */
const CODE = {
  'an option that sets a size': ['src/config/mod.rs', 'MAX_TEXT'],
  'the body of an error response': ['src/client/mod.rs', 'MAX_ERROR_BODY'],
  '`error.data`': ['src/error/api.rs', 'MAX_DATA'],
  '`error.partial`': ['src/completion/mod.rs', 'MAX_PARTIAL'],
  'choices of an answer': ['src/completion/limits.rs', 'MAX_CHOICES'],
  'tool calls of a choice': ['src/completion/limits.rs', 'MAX_TOOL_CALLS'],
  'reasoning details, images or annotations of a choice': ['src/completion/limits.rs', 'MAX_ITEMS'],
  'names in an object of a streamed answer': ['src/completion/limits.rs', 'MAX_NAMES'],
  'the message of an error': ['src/error/api.rs', 'MAX_MESSAGE'],
  'the headers of a response': ['src/transport/mod.rs', 'MAX_HEADER_BYTES'],
  'headers of a response over HTTP/1': ['src/transport/mod.rs', 'MAX_HEADERS'],
  'codings of a body': ['src/transport/decoder.rs', 'MAX_CODINGS'],
  'redirects of a GET': ['src/transport/redirect.rs', 'MAX_REDIRECTS'],
  'redirects of a request with a body': ['src/transport/redirect.rs', 'MAX_REPEATED_BODIES'],
  'what is read before a stream has a reader': ['src/stream/buffer.rs', 'MAX_HELD'],
  'what waits for JavaScript, of a stream': ['src/delivery/outbox.rs', 'MAX_SIZE'],
  'keys in the cache of credits, and of models': ['src/account/kept.rs', 'CAPACITY'],
  'the lists of models that are kept, together': ['src/account/models.rs', 'MAX_KEPT'],
  'the age of credits that are served while the API fails': ['src/account/credits.rs', 'STALE_FOR'],
  'the age of models that are served while the API fails': ['src/account/models.rs', 'STALE_FOR'],
  'models to fall back to': ['src/request/rules.rs', 'MAX_FALLBACKS'],
  'a wait that `Retry-After` asks for': ['src/client/retry.rs', 'MAX_HINT'],
  'an idle connection, beside one for each host': ['src/transport/shard.rs', 'POOL_IDLE'],
  'an idle HTTP/1 connection, if its server does not say how long it keeps one': ['src/transport/shard.rs', 'HTTP1_IDLE'],
  'an idle HTTP/1 connection, if its server does': ['src/transport/shard.rs', 'HTTP1_IDLE_MOST'],
  'hosts to which a connection is kept ready': ['src/transport/origin.rs', 'WARM'],
  'the body of a request to the handler or the Express router': ['adapters/handler/settings.js', 'DEFAULT_LIMIT'],
  'the answers whose generation their user may read': ['adapters/handler/generations.js', 'MAX_ENTRIES'],
  'the files of a chat of the command, together': ['cli/chat/input.js', 'LIMIT'],
  'images of an answer that the command saves': ['cli/chat/media.js', 'MOST_IMAGES'],
};

const UNITS = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, ms: 1, s: 1000, min: 60_000, h: 3_600_000, characters: 1 };

/** Returns the value of a cell: a number, bytes or milliseconds. */
function valueOf(cell) {
  const [, digits, unit] = /^([\d,.]+) ?(\w*)$/.exec(cell) ?? [];
  return Number(digits?.replaceAll(',', '')) * UNITS[unit];
}

/** Returns the value of a constant in Rust or JavaScript, durations in milliseconds. */
function constant(file, name) {
  const [, written] = new RegExp(`\\bconst ${name}(?:: \\w+)? = (.+);`).exec(read(file)) ?? [];
  const [, unit, inner] = /^Duration::from_(\w+)\((.+)\)$/.exec(written) ?? [null, '', written];
  const source = inner?.replaceAll('_', '');
  if (!/^[\d\s*<]+$/.test(source)) throw new Error(`${file} has no number ${name}.`);
  const shifted = (part) => part.split('<<').map(Number).reduce((value, bits) => value * 2 ** bits);
  const value = source.split('*').map(shifted).reduce((product, factor) => product * factor);
  return unit === 'secs' ? value * 1000 : value;
}

/** The defaults of the options, by name, as the list of options has them: `timeouts` as `timeouts.connect` and so on. */
function defaults() {
  const all = [...read('src/config/options.rs').matchAll(/^ {4}\("(\w+)", \w+, "([^"]*)", /gm)];
  return Object.fromEntries(all.flatMap(([, name, standard]) => {
    const inner = [...standard.matchAll(/(\w+): ([\d_]+)/g)].map(([, part, value]) => [`${name}.${part}`, Number(value.replaceAll('_', ''))]);
    return [[name, valueOf(standard)], ...inner];
  }));
}

const [, section] = /^## Limits$([^]*?)^## /m.exec(read('SECURITY.md'));
const rows = section.split('\n').filter((line) => /^\| (?!what \|)/.test(line)).map((line) => line.slice(2, -2).split(' | '));

test('SECURITY.md lists each limit of the code once', () => {
  const fixed = rows.filter(([, , option]) => option === '').map(([what]) => what);
  expect(fixed).toEqual(Object.keys(CODE));
});

test.each(rows)('the limit of %s is %s, as in the code', (what, limit, option, outcome) => {
  const value = option === '' ? constant(...CODE[what]) : defaults()[option.replaceAll('`', '')];
  expect(valueOf(limit)).toBe(value);
  expect(outcome).toMatch(/\S/);
});
