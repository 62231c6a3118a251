'use strict';

const { createHash } = require('node:crypto');

const { ApiError } = require('../errors');
const { sendAnswer, textIn, usageOfInput } = require('./model-call');

const DIMENSIONS = 8;
const MAX_INPUTS = 2048;
const EMBEDDING_PRICE = 2e-8;
const RERANK_PRICE = 0.002;
const invalid = (message) => new ApiError(400, message, { metadata: { error_type: 'invalid_request' } });

/** Charges for an answer that has no text of a model, and sends it. */
async function sendCharged(context, answer) {
  const { transaction, emulator, directives } = context;
  const id = emulator.generations.newId();
  transaction.record.generationId = id;
  return sendAnswer({ transaction, directives, id }, answer, () => charge(context, id, answer.usage.cost));
}

/** Charges a key for the answer with this id, so that `GET /generation` tells its cost. */
function charge({ emulator, transaction: { record }, key }, id, cost) {
  emulator.account.charge(key, cost);
  emulator.generations.addCharge({ id, cost, model: record.body.model, record });
}

function inputsOf(input) {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) throw invalid('Input required: "input" must be text or a list');
  if (typeof input[0] === 'number') return [input.join(' ')];
  return input.map((item) => (typeof item === 'string' ? item : Array.isArray(item) ? item.join(' ') : textIn(item?.content)));
}

/** Makes numbers between -1 and 1 that depend on the text only. */
function vectorOf(text, dimensions) {
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at += 1) vector[at] = createHash('sha256').update(`${at}:${text}`).digest().readInt16LE() / 32768;
  return vector;
}

/** Handles `POST /embeddings`. */
function embed(context) {
  const { emulator, transaction, directives, key } = context;
  const { body } = transaction.record;
  emulator.account.checkInference(key);
  const inputs = inputsOf(body.input);
  if (inputs.length > MAX_INPUTS) throw invalid(`input must have at most ${MAX_INPUTS} items`);
  emulator.account.admit(key, false);
  const write = (vector) => (body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector]);
  return sendCharged(context, {
    object: 'list',
    id: emulator.generations.newId(),
    model: body.model,
    data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: write(vectorOf(text, body.dimensions ?? DIMENSIONS)) })),
    usage: usageOfInput(inputs, EMBEDDING_PRICE, directives),
  });
}

/** Handles `POST /api/alpha/decisions`: answers each question in the first way that it allows. */
function decide(context) {
  const { emulator, transaction, directives, key } = context;
  const { model, questions, state } = transaction.record.body;
  emulator.account.checkInference(key);
  if (typeof questions !== 'object' || questions === null || state === undefined) throw invalid('"questions" and "state" are required');
  emulator.account.admit(key, false);
  const answers = Object.entries(questions).map(([name, { choices }]) => [name, { answer: choices?.[0] ?? true }]);
  return sendCharged(context, { id: emulator.generations.newId(), model, answers: Object.fromEntries(answers), usage: { cost: directives.cost ?? RERANK_PRICE } });
}

/** Handles `POST /rerank`: documents with more words of the query come first. */
function rerank(context) {
  const { emulator, transaction, directives, key } = context;
  const { query, documents, top_n: top, model } = transaction.record.body;
  emulator.account.checkInference(key);
  if (typeof query !== 'string' || !Array.isArray(documents) || documents.length === 0) throw invalid('"query" and "documents" are required');
  emulator.account.admit(key, false);
  const words = query.toLowerCase().split(/\W+/).filter(Boolean);
  const results = documents.map((document, index) => {
    const text = typeof document === 'string' ? document : document?.text ?? '';
    const found = words.filter((word) => text.toLowerCase().includes(word)).length;
    return { index, relevance_score: found / Math.max(words.length, 1), document: { text } };
  });
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  return sendCharged(context, {
    id: emulator.generations.newId(),
    model,
    provider: 'Emulated Provider',
    results: results.slice(0, top ?? results.length),
    usage: { search_units: 1, total_tokens: 0, cost: directives.cost ?? RERANK_PRICE },
  });
}

module.exports.charge = charge;
module.exports.decide = decide;
module.exports.embed = embed;
module.exports.invalid = invalid;
module.exports.rerank = rerank;
module.exports.sendCharged = sendCharged;
