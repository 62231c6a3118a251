'use strict';

const { sendBody } = require('./body');
const { Completion, wantsMetadata } = require('./completion');
const { promptOf } = require('./directives');
const { ApiError } = require('./errors');
const { chooseRoute } = require('./routing');
const { writeScript } = require('./script');
const { EventStream } = require('./stream');

/** Handles `POST /chat/completions`. */
async function completeChat({ transaction, emulator, directives, failing, key }) {
  const { body } = transaction.record;
  emulator.account.checkInference(key);
  checkMessages(body);
  const prompt = promptOf(body);
  const route = routeFor(transaction, { body, prompt, directives, failing, models: emulator.models });
  emulator.account.admit(key, isFree(route.model));

  const id = emulator.generations.newId();
  transaction.record.generationId = id;
  const script = writeScript(body, prompt, route, directives);
  const completion = new Completion({ emulator, transaction, directives, key, body, prompt, id, route, script });
  if (body.stream === true && !directives.json) await new EventStream(completion).run();
  else await sendCompletion(completion);
}

function checkMessages({ messages }) {
  const isValid = Array.isArray(messages) && messages.length > 0 && messages.every((message) => typeof message?.role === 'string');
  if (!isValid) {
    throw new ApiError(400, 'Input required: "messages" must be a non-empty array of messages', { metadata: { error_type: 'invalid_request' } });
  }
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
