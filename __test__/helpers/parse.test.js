'use strict';

const { z } = require('zod');

const { parsePartial } = require('../../lib/helpers/partial-json.js');
const { FIN, HOLD } = require('../support/servers/byte-server');
const { saying, modelsOfTests, usageOf } = require('../support/servers/answering-model');
const { SSE_HEAD, chunkOf, event, finishChunk, gate, newClient, readAll, sse } = require('../support/streaming');

const MESSAGES = [{ role: 'user', content: 'Who wrote Faust?' }];
const PERSON = z.object({ name: z.string(), born: z.number().int().optional(), works: z.array(z.string()) });
const GOETHE = { name: 'Goethe 🖋', born: 1749, works: ['Faust', 'Werther'] };

const startAnswers = modelsOfTests();
const startModel = (...answers) => startAnswers(...answers.map((one) => (typeof one === 'string' ? { message: saying(one) } : one)));
const parseOn = (server, params) => newClient(server).parse({ model: 'openai/gpt-5-mini', messages: MESSAGES, schema: PERSON, ...params });
const formatOf = (server) => server.requests[0].json.response_format.json_schema;

describe('parse', () => {
  test('sends the schema in its strict form, and resolves to the value', async () => {
    const server = await startModel(JSON.stringify(GOETHE));
    const result = await parseOn(server);
    expect(result).toMatchObject({ value: GOETHE, text: JSON.stringify(GOETHE), isRepaired: false, cost: 0.001, completion: { id: 'gen-scripted' } });
    const { json } = server.requests[0];
    expect(json).toEqual({
      model: 'openai/gpt-5-mini',
      messages: MESSAGES,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, born: expect.objectContaining({ type: ['integer', 'null'] }), works: { type: 'array', items: { type: 'string' } } },
            required: ['name', 'born', 'works'],
            additionalProperties: false,
          },
        },
      },
      provider: { require_parameters: true },
    });
  });

  test('leaves out what is null because it was optional', async () => {
    const server = await startModel(JSON.stringify({ ...GOETHE, born: null }));
    const { born, ...rest } = GOETHE;
    expect((await parseOn(server)).value).toEqual(rest);
  });

  test('keeps a null that the schema allows', async () => {
    const server = await startModel('{"a":null,"b":{"c":null}}');
    const schema = z.object({ a: z.string().nullable(), b: z.object({ c: z.number().optional() }) });
    expect((await parseOn(server, { schema })).value).toEqual({ a: null, b: {} });
  });

  test('takes a JSON Schema, and sends one that cannot be strict as it is', async () => {
    const schema = { type: 'object', properties: { counts: { type: 'object', additionalProperties: { type: 'integer' } } }, required: ['counts'] };
    const server = await startModel('{"counts":{"a":1}}');
    expect((await parseOn(server, { schema, schemaName: 'letters', schemaDescription: 'How often each occurs' })).value).toEqual({ counts: { a: 1 } });
    expect(formatOf(server)).toEqual({ name: 'letters', description: 'How often each occurs', strict: false, schema });
  });

  test('the value is what the schema makes of the answer', async () => {
    const server = await startModel('{"n":"7"}');
    const schema = z.object({ n: z.string().transform(Number) });
    expect((await parseOn(server, { schema })).value).toEqual({ n: 7 });
    expect(formatOf(server).schema.properties).toEqual({ n: { type: 'string' } });
  });

  test.each([
    ['a list', z.array(z.string()), '{"value":["a","b"]}', ['a', 'b']],
    ['a choice', z.enum(['yes', 'no']), '{"value":"no"}', 'no'],
    ['a union', z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]), '{"value":{"b":1}}', { b: 1 }],
  ])('puts %s into an object, and takes it out again', async (_name, schema, text, value) => {
    const server = await startModel(text);
    expect((await parseOn(server, { schema })).value).toEqual(value);
    expect(formatOf(server).schema).toMatchObject({ type: 'object', required: ['value'], additionalProperties: false });
  });

  test('reads JSON in a fence of Markdown', async () => {
    expect((await parseOn(await startModel(`\`\`\`json\n${JSON.stringify(GOETHE)}\n\`\`\``))).value).toEqual(GOETHE);
  });

  test('keeps the settings of the caller for providers', async () => {
    const server = await startModel(JSON.stringify(GOETHE));
    await parseOn(server, { provider: { only: ['openai'], require_parameters: false } });
    expect(server.requests[0].json.provider).toEqual({ require_parameters: false, only: ['openai'] });
  });

  test.each([
    ['a refusal', { message: { ...saying(null), refusal: 'I must not.' } }, { code: 'refusal', data: { refusal: 'I must not.' } }],
    ['a content filter', { message: saying('{"na'), finish: 'content_filter' }, { code: 'refusal', data: { refusal: null } }],
    ['an answer that was cut off', { message: saying('{"name":"Goe'), finish: 'length' }, { code: 'incomplete_answer', message: expect.stringMatching(/max_tokens/) }],
    ['an answer that does not match', '{"name":7}', { code: 'invalid_answer', data: { problem: expect.stringMatching(/name: .*string.*; works: /) } }],
    ['an answer that is no JSON', 'Goethe.', { code: 'invalid_answer', cause: { message: expect.stringMatching(/^it is no JSON/) } }],
    ['an empty answer', '', { code: 'invalid_answer', cause: { message: 'it is empty' } }],
  ])('%s is an error that has the answer', async (_name, given, expected) => {
    const server = await startModel(given);
    const error = await parseOn(server, { repair: expected.code !== 'invalid_answer' }).catch((one) => one);
    expect(error).toMatchObject({ ...expected, generationId: 'gen-scripted', partial: { choices: [{ message: expect.anything() }], usage: { cost: 0.001 } } });
    expect(error.message).not.toMatch(/Goe|I must not/);
    expect(server.requests).toHaveLength(1);
  });

  describe('with repair', () => {
    test('asks once more with the complaint, and adds up the cost', async () => {
      const server = await startModel('{"name":7}', JSON.stringify(GOETHE));
      expect(await parseOn(server, { repair: true })).toMatchObject({ value: GOETHE, isRepaired: true, cost: 0.002, usage: { total_tokens: 30 } });
      expect(server.requests[1].json.messages.slice(1)).toEqual([
        saying('{"name":7}'),
        { role: 'user', content: expect.stringMatching(/^This answer does not match the JSON schema: name: /) },
      ]);
    });

    test('does not ask a third time', async () => {
      const server = await startModel('{"name":7}');
      await expect(parseOn(server, { repair: true })).rejects.toMatchObject({ code: 'invalid_answer' });
      expect(server.requests).toHaveLength(2);
    });
  });

  describe('as a stream', () => {
    test('yields what has come so far, and resolves to the whole value', async () => {
      const pieces = ['{"name":"Goe', 'the 🖋","born":17', '49,"works":["Fau', 'st","Werther"]}'];
      // Each piece is sent when the value of the one before has been read.
      const gates = pieces.map(() => gate());
      const server = await startModel((async function* () {
        yield SSE_HEAD;
        for (const [index, piece] of pieces.entries()) {
          yield event(chunkOf(piece));
          if (index < pieces.length - 1) await gates[index];
        }
        yield sse({ ...finishChunk(), usage: usageOf(0.001) });
        yield FIN;
      })());
      const stream = await parseOn(server, { stream: true });
      const values = [];
      for await (const partial of stream) {
        gates[values.length].open();
        values.push(partial);
      }
      expect(values).toEqual([
        { name: 'Goe' },
        { name: 'Goethe 🖋' },
        { name: 'Goethe 🖋', born: 1749, works: ['Fau'] },
        GOETHE,
      ]);
      expect(await stream.finalResult()).toMatchObject({ value: GOETHE, cost: 0.001 });
      expect(server.requests).toHaveLength(1);
    });

    test('takes the partial values out of their object', async () => {
      const stream = await parseOn(await startModel('{"value":["ab","cd"]}'), { stream: true, schema: z.array(z.string()) });
      expect((await readAll(stream)).items.at(-1)).toEqual(['ab', 'cd']);
    });

    test('fails at its end if the answer does not match', async () => {
      const stream = await parseOn(await startModel('{"name":"G","works":7}'), { stream: true });
      expect((await readAll(stream)).error).toMatchObject({ code: 'invalid_answer', usage: { cost: 0.001 } });
      await expect(stream.finalResult()).rejects.toMatchObject({ code: 'invalid_answer' });
    });

    test('is closed when the reader leaves, and when it is aborted', async () => {
      const steps = [SSE_HEAD, event(chunkOf('{"name":"Goethe')), HOLD];
      const server = await startModel(steps, steps);
      for await (const partial of await parseOn(server, { stream: true })) {
        expect(partial).toEqual({ name: 'Goethe' });
        break;
      }
      expect(await server.requests[0].closed).toMatchObject({ by: 'client' });
      const stream = await parseOn(server, { stream: true });
      const result = stream.finalResult().catch((error) => error);
      await server.request(1);
      stream.abort();
      expect((await result).code).toBe('aborted');
      expect(await server.requests[1].closed).toMatchObject({ by: 'client' });
    });
  });

  test.each([
    ['schema', { schema: undefined }], ['schema', { schema: 'x' }], ['schemaName', { schemaName: 'a b' }], ['strict', { strict: 'yes' }],
    ['repair', { repair: 2 }], ['response_format', { response_format: { type: 'json_object' } }], ['messages', { messages: [] }],
  ])('a wrong %s is refused before anything is sent', async (name, params) => {
    const server = await startModel('x');
    await expect(parseOn(server, params)).rejects.toMatchObject({ code: expect.stringMatching(/^invalid_/), message: expect.stringContaining(name) });
    expect(server.requests).toHaveLength(0);
  });
});

describe('the beginning of a JSON text', () => {
  const VALUES = [GOETHE, { a: 'x"\\é🐝\n\u0001', b: [1, -2.5e3, true, null, { c: {}, d: [] }], 'k"ey': 'v' }, [[], [[1]]], { ['__proto__']: { x: 1 } }];

  test.each(VALUES.map((value) => [value]))('is read wherever it is cut: %j', (value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)]) {
      expect(parsePartial(text)).toEqual(value);
      for (let end = 0; end < text.length; end += 1) expect(isBeginningOf(parsePartial(text.slice(0, end)), value)).toBe(true);
    }
  });

  /** Whether `part` has nothing that `whole` has not: fewer items and properties, and at the end a shorter string. */
  function isBeginningOf(part, whole) {
    if (part === undefined) return true;
    if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part);
    if (part === null || typeof part !== 'object') return part === whole;
    return Array.isArray(part) === Array.isArray(whole) && Object.keys(part).every((key) => Object.hasOwn(whole, key) && isBeginningOf(part[key], whole[key]));
  }

  test.each([
    ['no JSON', 'Goethe', undefined], ['a number that may go on', '12', undefined], ['a number in a list that may go on', '[1,12', [1]],
    ['a word that may go on', '[true,nul', [true]], ['half an emoji', '["🖋'.slice(0, -1), ['']], ['half an escape', '["a\\u00', ['a']], ['an escaped backslash', '["a\\\\', ['a\\']],
    ['a wrong mark', '{"a" 1}', {}], ['more behind the end', '{"a":1} x', { a: 1 }],
  ])('%s', (_name, text, value) => expect(parsePartial(text)).toEqual(value));

  test('that is nested too deep is an error', () => {
    expect(() => parsePartial('['.repeat(100_000))).toThrow(/nested too deep/);
  });
});
