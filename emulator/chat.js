'use strict';

const { sendBody } = require('./body');
const { checkChat } = require('./checks');
const { Completion, wantsMetadata } = require('./completion');
const { promptOf } = require('./directives');
const { NOTHING } = require('./response-cache');
const { chooseRoute } = require('./routing');
const { writeScript } = require('./script');
const { EventStream } = require('./stream');

/** Handles `POST /chat/completions`. */
async function completeChat(context) {
  const { transaction, emulator, directives, key } = context;
  const { body } = transaction.record;
  emulator.account.checkInference(key);
  checkChat(body);
  const id = emulator.generations.newId();
  const prompt = promptOf(body);
  const cache = emulator.responseCache.lookUp(transaction, key);
  if (cache) transaction.extraHeaders = { ...cache.headers, ...directives.headers };
  const { route, script, ...more } = cache?.hit ? repeated(cache.hit, directives) : newAnswer(context, prompt);
  const onWhole = () => cache?.keep?.({ route, script, id });
  transaction.record.generationId = id;
  const completion = new Completion({ emulator, transaction, directives, key, body, prompt, id, route, script, onWhole, ...more });
  if (body.stream === true && !directives.json) await new EventStream(completion).run();
  else await sendCompletion(completion);
}

/** Chooses a model that the key can pay, and lets it answer. */
function newAnswer({ transaction, emulator, directives, failing, key }, prompt) {
  const { body } = transaction.record;
  const route = routeFor(transaction, { body, prompt, directives, failing, models: emulator.models });
  emulator.account.admit(key, isFree(route.model));
  return { route, script: writeScript(body, prompt, route, directives) };
}

/** Repeats a cached answer, for nothing. */
function repeated({ route, script, id }, directives) {
  return { route, script, sourceId: id, directives: { ...directives, usage: NOTHING, cost: 0 } };
}

/** Chooses the model and provider that answer. If all fail, the error lists the attempts where the request asks for that. */
function routeFor({ record }, request) {
  let route;
  try {
    route = chooseRoute(request);
  } catch (error) {
    if (error.attempts && error.status !== 500 && wantsMetadata(record.headers)) error.routerMetadata = failedRoute(request.body, error.attempts);
    throw error;
  }
  const { provider: name } = request.directives;
  return name ? { ...route, provider: { ...route.provider, name } } : route;
}

/** Makes the `openrouter_metadata` of a request for which no model answered. */
function failedRoute({ model = null }, attempts) {
  const strategy = attempts.length > 1 ? 'fallback' : 'direct';
  return { requested: model, strategy, region: 'iad', attempt: attempts.length, is_byok: false, attempts };
}

function isFree({ pricing }) {
  return Object.values(pricing).every((price) => price === '0');
}

async function sendCompletion(completion) {
  const { transaction, directives, id } = completion;
  if (directives.firstDelay) await transaction.sleep(directives.firstDelay);
  // OpenRouter bills an answer that is not streamed in full, even if the client has disconnected.
  if (directives.errorIn200) completion.settlePart(0, { hasFailed: true });
  else completion.settle();
  if (transaction.gone) return;
  await sendBody(transaction, directives, { headers: { 'X-Generation-Id': id }, text: JSON.stringify(answerBody(completion)) });
}

/** Returns the body of the completion, or with `error-in-200` the body of a failure. */
function answerBody(completion) {
  const { id, directives, whole } = completion;
  switch (directives.errorIn200) {
    case 'top': return { id, error: completion.lateError };
    case 'choices-null': return { id, choices: null, error: completion.lateError };
    case 'choice-error': {
      const [choice] = whole.choices;
      const content = choice.message.content?.slice(0, Math.ceil(choice.message.content.length / 2)) ?? null;
      const failed = { ...choice, finish_reason: 'error', native_finish_reason: 'error', message: { ...choice.message, content }, error: completion.lateError };
      return { ...whole, choices: [failed] };
    }
    default: return whole;
  }
}

module.exports.completeChat = completeChat;
