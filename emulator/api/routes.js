'use strict';

const { sendBody } = require('../body');
const { ApiError } = require('../errors');
const { ADMIN_ROUTES } = require('./admin');
const { decide, embed, rerank } = require('./inputs');
const { IMAGE_PRICE, makeImages, speak, transcribe } = require('./media');
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

/** Lists the models that make something else than text. */
const modelsThatMake = (kind) => ({ emulator }) => emulator.models.list(new URLSearchParams({ output_modalities: kind }));

function count({ transaction, emulator }) {
  return { data: { count: emulator.models.list(transaction.query).data.length } };
}

function imageEndpoints({ emulator, params }) {
  const id = params.map(decodeURIComponent).join('/');
  if (!emulator.models.find(id)) throw new ApiError(404, `Model ${id} not found`);
  const pricing = [{ billable: 'output_image', unit: 'image', cost_usd: IMAGE_PRICE }];
  return { id, endpoints: [{ provider_name: 'Emulator', provider_slug: 'emulator', provider_tag: 'emulator', supports_streaming: true, supported_parameters: {}, allowed_passthrough_parameters: [], pricing }] };
}

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
  { method: 'GET', path: /^\/videos\/models$/, isPublic: true, handle: json(modelsThatMake('video')) },
  { method: 'POST', path: /^\/videos$/, handle: (context) => context.emulator.videos.create(context) },
  { method: 'GET', path: /^\/videos\/([^/]+)$/, handle: (context) => context.emulator.videos.describe(context) },
  { method: 'GET', path: /^\/videos\/([^/]+)\/content$/, handle: (context) => context.emulator.videos.content(context) },
  { method: 'GET', path: /^\/generation\/content$/, handle: json(content) },
  { method: 'GET', path: /^\/activity$/, handle: json(activity) },
  { method: 'POST', path: /^\/auth\/keys$/, isPublic: true, handle: json((context) => context.emulator.logins.exchange(context)) },
  { method: 'GET', path: /^\/models\/count$/, isPublic: true, handle: json(count) },
  { method: 'GET', path: /^\/embeddings\/models$/, isPublic: true, handle: json(modelsThatMake('embeddings')) },
  { method: 'GET', path: /^\/images\/models$/, isPublic: true, handle: json(modelsThatMake('image')) },
  { method: 'GET', path: /^\/images\/models\/([^/]+)\/([^/]+)\/endpoints$/, isPublic: true, handle: json(imageEndpoints) },
  { method: 'POST', path: /^\/api\/alpha\/decisions$/, handle: decide },
  ...ADMIN_ROUTES,
];

module.exports.API_ROUTES = API_ROUTES;
