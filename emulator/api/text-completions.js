'use strict';

const { completionOf, sendAnswer } = require('./model-call');
const { sendEvents } = require('./event-sender');

/** Handles `POST /completions`, the legacy endpoint. */
async function complete(context) {
  const { transaction, directives } = context;
  const { body } = transaction.record;
  const prompt = [body.prompt].flat().join('\n');
  const completion = completionOf(context, { messages: prompt === '' ? [] : [{ role: 'user', content: prompt }], max_tokens: body.max_tokens });
  const { script } = completion;
  const chunk = (text, finish, more) => ({
    ...completion.head('text_completion'), choices: [{ index: 0, text, finish_reason: finish, native_finish_reason: finish, logprobs: null }], ...more,
  });
  if (body.stream === true && !directives.json) {
    const deltas = script.deltas.filter(({ content }) => content).map(({ content }) => ({ data: chunk(content, null), isDelta: true }));
    const end = [{ data: chunk('', script.finish, { usage: completion.usage }) }, { data: '[DONE]' }];
    return sendEvents(completion, [...deltas, ...end], (error) => ({ data: { ...chunk('', 'error'), error } }));
  }
  const whole = chunk(script.message.content ?? '', script.finish, { usage: completion.usage });
  return sendAnswer(completion, whole, () => completion.settle());
}

module.exports.complete = complete;
