'use strict';

const { dollars, milliseconds } = require('../output/figures.js');
const { failed, ok, warning } = require('./outcome.js');
const { throughRelay } = require('./relay.js');
const { listIn } = require('./zdr.js');

/** The checks that ask a model. A key without credits fails the first of them, which says so. */
const NEEDS = ['addon', 'key', 'environment', 'network', 'proxy', 'tls', 'models', 'credits'];
/** Two names that no model has, one request's worth. The relay refuses the first, so that neither reaches the API. */
const [REFUSED, ...REFUSED_TOO] = ['doctor/refused', 'doctor/refused-too'];
/** Enough for a word, also after some reasoning. */
const MAX_TOKENS = 64;

const question = (model) => ({ model, messages: [{ role: 'user', content: 'Reply with the word OK.' }], max_tokens: MAX_TOKENS });

/** A streamed chat with the client. */
const chat = {
  name: 'chat',
  needs: NEEDS,
  async look(subject) {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(subject.apiKey, subject.options);
    const stream = await client.chatCompletion({ ...question(subject.model), stream: true });
    let events = 0;
    for await (const _ of stream) events += 1;
    const { usage, model } = await stream.finalCompletion();
    return ok(`${model} streamed its answer in ${events} events, the first after ${milliseconds(stream.metrics.firstTokenMs)}, for ${dollars(usage?.cost)}`);
  },
};

/** A chat whose first model is down. */
const fallback = {
  name: 'fallback',
  needs: [...NEEDS, chat.name],
  look: (subject) => throughRelay(subject, { refused: REFUSED }, async ({ baseURL, bodies }) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(subject.apiKey, { ...subject.options, baseURL, modelsPerRequest: REFUSED_TOO.length });
    const answer = await client.chatCompletion({ ...question(REFUSED), models: [...REFUSED_TOO, subject.model] });
    if (bodies.length < 2) return failed(`the API answered for a model that does not exist: ${answer.model}`, 'Look for a gateway between this machine and the API.');
    return ok(`after a 503 for the first model, ${answer.model} answered`);
  }),
};

/**
 * What is sent with zero data retention, by the client as by the `fetch` of LibreChat's agents. The bodies are read on their
 * way to the API, which must also accept them.
 */
const retention = {
  name: 'retention',
  needs: [...NEEDS, 'zdr', chat.name],
  async look(subject) {
    const model = await retentive(subject);
    if (model === null) return warning('no model with zero data retention is in the model list', 'Name one by --model.');
    return throughRelay(subject, {}, async ({ baseURL, bodies }) => {
      const { OpenRouterClient } = require('../..');
      const { configureAgents } = require('../../adapters/librechat');
      const client = new OpenRouterClient(subject.apiKey, { ...subject.options, baseURL, zdr: true });
      await client.chatCompletion(question(model));
      const configOptions = { baseURL };
      configureAgents(configOptions, { zdr: true });
      const headers = { authorization: `Bearer ${subject.apiKey}`, 'content-type': 'application/json' };
      const answer = await configOptions.fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(question(model)) });
      const text = await answer.text();
      if (!answer.ok) return failed(`the agents' fetch got ${answer.status}: ${text.slice(0, 200)}`, 'Choose another --model.');
      if (!bodies.every(({ provider }) => provider?.zdr === true)) return failed('a request went out without provider.zdr', 'Send no confidential text, and report this.');
      return ok(`both requests had provider.zdr: true, and ${model} answered them`);
    });
  },
};

/** Resolves to the model to ask: the subject's, if it was chosen or has an endpoint that retains no data, or another that has. */
async function retentive(subject) {
  if (subject.isModelChosen) return subject.model;
  const endpoints = await listIn(await subject.fetch('/endpoints/zdr'));
  const ids = new Set(endpoints?.map(({ model_id: id }) => id));
  const { models } = await subject.probe();
  return [{ id: subject.model }, ...models].find(({ id }) => ids.has(id))?.id ?? null;
}

const PAID = [chat, fallback, retention];

module.exports = { PAID };
