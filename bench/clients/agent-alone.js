'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { agentOn } = require('./agents.js');

/** Measures what LangChain itself costs: an agent whose model answers from memory, at the same pace as the server. */
async function load() {
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
      for (let at = 0; at < this.plan.events; at += 1) {
        await sleep(this.plan.gap);
        const chunk = new ChatGenerationChunk({ text: ' word', message: new AIMessageChunk({ id, content: ' word' }) });
        yield chunk;
        await runManager?.handleLLMNewToken(chunk.text, undefined, undefined, undefined, undefined, { chunk });
      }
    }
  }

  const open = agentOn(Recalled, (baseURL) => ({ plan: planOf(baseURL) }));
  return (baseURL) => {
    const agent = open(baseURL);
    // Report no text, because it differs from the text that the server sends to the other clients.
    return { ...agent, stream: (onEvent) => agent.stream(() => onEvent('')) };
  };
}

/** Reads the number of events and the gap between them from the URL, as the server does. */
function planOf(baseURL) {
  const [, events] = /events=(\d+)/.exec(baseURL);
  const [, gap] = /gap=(\d+)/.exec(baseURL) ?? [null, 0];
  return { events: Number(events), gap: Number(gap) };
}

module.exports = load;
