'use strict';

const { isPromise } = require('node:util/types');

const { CallPromise } = require('./bridge/call-promise.js');
const { OpenRouterError } = require('./errors.js');

// What a caller uses of a promise by mistake, because an `await` is missing, throws an error that says so. Otherwise the
// mistake shows as "undefined", or as "is not a function" far from its cause.
//
// The members are on a prototype for each method, so that no promise gets any of its own.

const { then } = Promise.prototype;
const nothing = () => {};

/**
 * Returns a prototype for the promises of one method.
 * @param {string} method its name
 * @param {{ loop?: { by: symbol, as: string }, functions?: string[], fields?: string[] }} used what callers use of the result: a
 *   loop by this iterator over items that are called so, functions and fields. The iterator and the functions throw when they
 *   are called, because code that looks for iterators, for example, reads them from any object.
 */
function promisesOf(method, { loop, functions = [], fields = [] }) {
  const result = `await client.${method}(…)`;
  const prototype = Object.create(CallPromise.prototype);
  const add = (name, kind, instead) => {
    const missingAwait = function missingAwait() {
      // This error tells the caller of the mistake. The promise is lost without `await`, so its rejection would be unhandled and
      // end the process.
      if (isPromise(this)) then.call(this, undefined, nothing);
      throw new OpenRouterError(`await is missing: client.${method}() returns a promise. Write \`${instead}\`.`, { code: 'invalid_request' });
    };
    Object.defineProperty(prototype, name, { [kind]: missingAwait, configurable: true });
  };
  if (loop) add(loop.by, 'value', `for ${loop.by === Symbol.asyncIterator ? 'await ' : ''}(const ${loop.as} of ${result})`);
  for (const name of functions) add(name, 'value', `(${result}).${name}(…)`);
  for (const name of fields) add(name, 'get', `(${result}).${name}`);
  return prototype;
}

const LIST = { loop: { by: Symbol.iterator, as: 'item' }, functions: ['map', 'filter', 'find', 'forEach'] };
const FILE = { functions: ['arrayBuffer', 'blob', 'json', 'text'], fields: ['body'] };
/** What a stream of events has, beside the method that resolves to the whole answer. */
const streamed = (final, ...fields) => ({
  loop: { by: Symbol.asyncIterator, as: 'event' }, functions: ['text', 'toReadableStream', 'stop', final], fields: [...fields, 'usage', 'partial'],
});

/**
 * What callers use of the result of each method. Others resolve to an object with `data`. `length` is not among the fields, because
 * code that looks for lists reads it.
 */
const USED = {
  chatCompletion: {
    loop: { by: Symbol.asyncIterator, as: 'chunk' },
    functions: ['text', 'on', 'once', 'finalCompletion', 'toReadableStream', 'stop'],
    fields: ['choices', 'usage', 'partial'],
  },
  getCredits: { fields: ['balance'] },
  getGeneration: { fields: ['total_cost'] },
  getModels: { ...LIST, loop: { by: Symbol.iterator, as: 'model' } },
  request: streamed('final', 'data'),
  responses: streamed('finalResponse', 'output', 'output_text'),
  messages: streamed('finalMessage', 'content'),
  completions: streamed('finalCompletion', 'choices'),
  images: streamed('finalImages', 'data'),
  embeddings: { fields: ['data', 'usage'] },
  rerank: { fields: ['results', 'usage'] },
  decisions: { fields: ['answers', 'usage'] },
  speech: FILE,
  transcription: { fields: ['text', 'usage'] },
  videos: { fields: ['id', 'status', 'unsigned_urls'] },
  getVideo: { fields: ['id', 'status', 'unsigned_urls'] },
  getVideoContent: FILE,
  'files.getContent': FILE,
  'containers.getFileContent': FILE,
  getModel: { fields: ['id', 'pricing'] },
  getEndpoints: { fields: ['endpoints'] },
  getImageEndpoints: { fields: ['endpoints'] },
  getKey: { fields: ['limit', 'usage'] },
  getGenerationContent: { fields: ['input', 'output'] },
  ...Object.fromEntries([
    'getProviders', 'getUserModels', 'getZdrEndpoints', 'getActivity', 'getBenchmarks', 'getEmbeddingModels', 'getImageModels', 'getVideoModels',
  ].map((name) => [name, LIST])),
};
const ELSE = { fields: ['data'] };

/** The prototypes that were needed so far, by method. */
const prototypes = new Map();

/**
 * Returns the promise of a call, which says that `await` is missing where a member of its result is used.
 * @param {string} method the method of the client that returns it
 * @param {(exchange: { call: object | null }) => Promise<unknown>} work see {@link CallPromise.of}
 */
function awaited(method, work) {
  return expecting(method, CallPromise.of(work));
}

/** Gives the promise of a call the members that say that `await` is missing. */
function expecting(method, promise) {
  if (!(promise instanceof CallPromise)) return promise;
  let prototype = prototypes.get(method);
  if (prototype === undefined) prototypes.set(method, prototype = promisesOf(method, USED[method] ?? ELSE));
  return Object.setPrototypeOf(promise, prototype);
}

module.exports = { awaited, expecting };
