'use strict';

// LibreChat with this package: the client class for `api/app/clients`, and the `fetch` for LibreChat's agents.
const { ChatOpenAI } = require('@langchain/openai');
const { configureAgents, createOpenRouterClient } = require('openrouter-native/librechat');

const MODEL = 'openai/gpt-5-mini';

/** Stands in for LibreChat's BaseClient. It builds the messages, gets the answer, and returns the message to be saved. */
class BaseClient {
  history = [];

  async sendMessage(text, opts) {
    this.history.push({ isCreatedByUser: true, text });
    const { prompt } = await this.buildMessages(this.history, null, this.getBuildMessagesOptions(), opts);
    const { completion, metadata } = await this.sendCompletion(prompt, opts);
    this.history.push({ isCreatedByUser: false, text: completion });
    return { text: completion, sender: this.sender, model: this.getResponseModel(), tokenCount: metadata.usage?.completion_tokens };
  }
}

async function main() {
  const emulator = process.env.OPENROUTER_API_KEY ? null : await require('openrouter-native/emulator').startEmulator();
  const apiKey = emulator ? 'sk-or-v1-limit-example' : process.env.OPENROUTER_API_KEY;
  const baseURL = emulator?.baseURL ?? process.env.OPENROUTER_BASE_URL ?? 'https://openrouter.ai/api/v1';

  // In LibreChat these are three lines in api/app/clients/OpenRouterClient.js.
  const OpenRouterClient = createOpenRouterClient({ BaseClient });
  const client = new OpenRouterClient(apiKey, { baseURL, modelOptions: { model: MODEL, max_tokens: 200 }, titleModel: 'current_model', zdr: true });

  for (const text of ['Name one fact about bees.', 'And one about their honey.']) {
    console.log(`\n> ${text}`);
    const { model, tokenCount } = await client.sendMessage(text, { onProgress: (delta) => process.stdout.write(delta) });
    console.log(`\n(${model}, ${tokenCount} tokens)`);
  }
  const title = await client.titleConvo({ text: client.history[0].text, responseText: client.history[1].text });
  const { balance } = await client.getCredits();
  console.log(`\nTitle: ${title}\nModels: ${(await client.getModels()).length}\nLeft: ${balance === null ? 'no limit' : `$${balance.toFixed(6)}`}`);
  client.dispose();

  // In LibreChat, `configureAgents` is one line after getOpenAIConfig(), whose result looks like `config`.
  const config = { llmConfig: { model: MODEL, apiKey }, configOptions: { baseURL } };
  const inPlace = configureAgents(config, { zdr: true, onUsage: (usage) => console.log(`The agents' request cost $${usage.cost}`) });
  const { content } = await new ChatOpenAI({ ...config.llmConfig, configuration: config.configOptions }).invoke('Say hello.');
  console.log(`\nAgents on this engine: ${inPlace}\n${content}`);
  await emulator?.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
