'use strict';

const { OpenRouterError, creditLevel } = require('../../index.js');
const { refusal } = require('./failure.js');
const { userOf } = require('./generations.js');

/** Matches the id of a model. The API's path contains it, so nothing else may. */
const MODEL = /^~?[\w-][\w.-]*\/[\w-][\w.:@-]*$/;
/** Matches the id of a generation. */
const GENERATION = /^[\w.:-]{1,200}$/;
/**
 * The facts of a generation that a browser may see. The others tell about the account or about another request: its user,
 * session, app, workspace, preset, and the generation from whose cache an answer came.
 */
const PUBLIC_FACTS = /^(?:id|model|router|provider_name|total_cost|usage|upstream_inference_cost|cache_discount|is_byok|created_at|streamed|cancelled|latency|generation_time|moderation_latency|finish_reason|native_finish_reason|service_tier|tokens_\w+|native_tokens_\w+|num_\w+|web_search_engine|api_type)$/;

const isForced = ({ query }) => query('force') === 'true';

/** `GET /credits`: the balance, and the colour in which a user interface shows it. */
async function credits(exchange) {
  const { outlet, signal } = exchange;
  const { balance, currency, usage, total } = await (await exchange.client()).getCredits(isForced(exchange), { signal });
  const level = creditLevel(balance);
  outlet.set('Cache-Control', 'no-store');
  outlet.json(200, { balance, currency, usage, total, level, low: level === 'red' });
}

/** `GET /models`: the list of models as the API sends it; with `zdr=true` those that a provider serves with zero retention. */
async function models(exchange) {
  const { signal } = exchange;
  const filters = exchange.query('zdr') === 'true' ? { filters: { zdr: true } } : {};
  list(exchange, await (await exchange.client()).getModels(isForced(exchange), { ...filters, signal }));
}

/** `GET /models/endpoints?model=author/slug`: who serves a model. */
async function endpoints(exchange) {
  const model = exchange.query('model');
  if (model === undefined || model.length > 200 || !MODEL.test(model)) {
    throw refusal(400, 'The query parameter model must be the id of a model, such as openai/gpt-5-mini.');
  }
  const { signal } = exchange;
  list(exchange, await (await clientWith('getEndpoints', exchange)).getEndpoints(model, { signal, force: isForced(exchange) }));
}

/** `GET /providers`: the companies that serve models. */
async function providers(exchange) {
  const { signal } = exchange;
  list(exchange, await (await clientWith('getProviders', exchange)).getProviders({ signal }));
}

/** `GET /generation?id=…`: the facts and the cost of an answer, for the user who got it. */
async function generation(exchange) {
  const { outlet, signal, request, user, generations, mayReadGeneration } = exchange;
  const id = exchange.query('id');
  if (id === undefined || !GENERATION.test(id)) throw refusal(400, 'The query parameter id must be the id of a generation.');
  const isPermitted = mayReadGeneration ? (await mayReadGeneration(request, { id, user })) === true : generations.has(userOf(user), id);
  // Whether the generation of another user exists is not told.
  if (!isPermitted) throw refusal(404, 'No generation of this id is known here for this user.');
  const facts = await (await clientWith('getGeneration', exchange)).getGeneration(id, { signal });
  outlet.set('Cache-Control', 'no-store');
  outlet.json(200, { data: Object.fromEntries(Object.entries(facts).filter(([name]) => PUBLIC_FACTS.test(name))) });
}

function list({ outlet }, data) {
  // A browser may store the long list, but must validate it by its ETag, because the next user may have another list.
  outlet.set('Cache-Control', 'private, no-cache');
  outlet.json(200, { data });
}

/** Returns the client of a request. A client of the application's own making may lack a method. */
async function clientWith(method, exchange) {
  const client = await exchange.client();
  if (typeof client[method] === 'function') return client;
  throw new OpenRouterError(`The client has no method ${method}, which this path needs.`, { code: 'invalid_option' });
}

module.exports = { credits, endpoints, generation, models, providers };
