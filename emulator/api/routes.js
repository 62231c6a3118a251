'use strict';

const { sendBody } = require('../body');
const { ApiError } = require('../errors');
const { embed, rerank } = require('./inputs');
const { KINDS } = require('./managed');
const { makeImages, speak, transcribe } = require('./media');
const { message } = require('./messages');
const { respond } = require('./responses');
const { complete } = require('./text-completions');

const json = (makeValue) => (context) => sendBody(context.transaction, context.directives, { text: JSON.stringify(makeValue(context)) });

function content({ transaction, emulator }) {
  const id = transaction.query.get('id');
  const { data } = emulator.generations.describe(id);
  return { data: { input: { messages: [] }, output: { completion: `The answer of ${data.id}`, reasoning: null } } };
}

function activity({ emulator, key }) {
  emulator.account.checkManagement(key);
  const usage = emulator.account.usageOf(key);
  return { data: [{ date: new Date().toISOString().slice(0, 10), model: 'openai/gpt-5-mini', requests: emulator.requests.length, usage }] };
}

const managed = [...KINDS].flatMap((kind) =>
  ['GET', 'POST', 'PATCH', 'DELETE'].map((method) => ({
    method,
    path: new RegExp(`^/${kind}${method === 'POST' ? '' : method === 'GET' ? '(?:/([^/]+))?' : '/([^/]+)'}$`),
    handle: json((context) => context.emulator.managed.answer(context, kind, context.params[0] && decodeURIComponent(context.params[0]))),
  })));

/** The endpoints beside chats, models and the account. */
const API_ROUTES = [
  { method: 'POST', path: /^\/responses$/, handle: respond },
  { method: 'POST', path: /^\/messages$/, handle: message },
  { method: 'POST', path: /^\/completions$/, handle: complete },
  { method: 'POST', path: /^\/embeddings$/, handle: embed },
  { method: 'POST', path: /^\/rerank$/, handle: rerank },
  { method: 'POST', path: /^\/images$/, handle: makeImages },
  { method: 'POST', path: /^\/audio\/speech$/, handle: speak },
  { method: 'POST', path: /^\/audio\/transcriptions$/, handle: transcribe },
  { method: 'POST', path: /^\/videos$/, handle: (context) => context.emulator.videos.create(context) },
  { method: 'GET', path: /^\/videos\/([^/]+)$/, handle: (context) => context.emulator.videos.describe(context) },
  { method: 'GET', path: /^\/videos\/([^/]+)\/content$/, handle: (context) => context.emulator.videos.content(context) },
  { method: 'GET', path: /^\/generation\/content$/, handle: json(content) },
  { method: 'GET', path: /^\/activity$/, handle: json(activity) },
  { method: 'POST', path: /^\/auth\/keys$/, isPublic: true, handle: json((context) => context.emulator.logins.exchange(context)) },
  ...managed,
];

module.exports.API_ROUTES = API_ROUTES;
