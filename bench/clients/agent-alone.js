'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { now } = require('../words.js');
const { agentOn } = require('./agents.js');

/**
 * Measures what LangChain itself costs: an agent whose model answers from memory, at the same pace as the server. With
 * `mergedMs` it has a delta in that time, whose words are the times when the server would have sent them.
 */
async function load(mergedMs) {
  const { BaseChatModel } = require('@langchain/core/language_models/chat_models');
  const { AIMessageChunk } = require('@langchain/core/messages');
  const { ChatGenerationChunk } = require('@langchain/core/outputs');

  class Recalled extends BaseChatModel {
    constructor({ plan, ...fields }) {
      super(fields);
      this.plan = plan;
    }

    _llmType() {
      return 'recalled';
    }

    bindTools() {
      return this;
    }

    async *_streamResponseChunks(_messages, _options, runManager) {
      const id = `gen-${Math.random()}`;
      for await (const text of mergedMs === undefined ? words(this.plan) : merged(this.plan, mergedMs)) {
        const chunk = new ChatGenerationChunk({ text, message: new AIMessageChunk({ id, content: text }) });
        yield chunk;
        await runManager?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
      }
    }
  }

  const open = agentOn(Recalled, (baseURL) => ({ plan: planOf(baseURL) }));
  if (mergedMs !== undefined) return open;
  return (baseURL) => {
    const agent = open(baseURL);
    // Report no text, because it differs from the text that the server sends to the other clients.
    return { ...agent, stream: (onEvent) => agent.stream(() => onEvent('')) };
  };
}

/** Yields a word at a time. */
async function* words({ events, gap }) {
  for (let at = 0; at < events; at += 1) {
    await sleep(gap);
    yield ' word';
  }
}

/** Yields the words that are due, at most once in `mergedMs`. */
async function* merged({ events, gap }, mergedMs) {
  const start = now();
  let at = 0;
  while (at < events) {
    await sleep(mergedMs);
    const due = Math.min(events, Math.floor((now() - start) / gap));
    let text = '';
    for (; at < due; at += 1) text += ` ${(start + (at + 1) * gap).toFixed(3)}`;
    if (text !== '') yield text;
  }
}

/** Reads the number of events and the gap between them from the URL, as the server does. */
function planOf(baseURL) {
  const [, events] = /events=(\d+)/.exec(baseURL);
  const [, gap] = /gap=(\d+)/.exec(baseURL) ?? [null, 0];
  return { events: Number(events), gap: Number(gap) };
}

module.exports = load;
