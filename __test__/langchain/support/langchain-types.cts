// Uses the types of `ChatOpenRouter` in CommonJS. Compiled under strict settings, never run.
import langchain = require('langchain');
import openrouter = require('../../../adapters/langchain/index.js');

const model = new openrouter.ChatOpenRouter({ model: 'openai/gpt-5-mini', apiKey: 'k', autoRouter: true, dataCollection: 'deny' });
const agent = langchain.createAgent({ model, tools: [] });
const name: string | null = model.getActualModelUsed();
// @ts-expect-error an unknown policy
new openrouter.ChatOpenRouter({ dataCollection: 'maybe' });
export = { agent, name };
