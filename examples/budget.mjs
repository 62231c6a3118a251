// A budget that many chats share: as many run as it covers, the others are refused before anything is sent.
import { Budget, OpenRouterClient } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';

const emulator = process.env.OPENROUTER_API_KEY ? null : await startEmulator();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();

const budget = new Budget({ maxCost: 0.005 });
const params = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Why is the sky blue?' }], max_tokens: 400, budget };
const { expected, max } = await client.estimateCost(params);
console.log(`A chat is expected to cost ${expected} USD, and at most ${max} USD`);

const chats = await Promise.allSettled(Array.from({ length: 20 }, () => client.chatCompletion(params)));
const refused = chats.filter(({ reason }) => reason?.code === 'budget_exceeded').length;
console.log(`${chats.length - refused} of ${chats.length} chats at the same time were sent, ${refused} did not fit`);
console.log(`${budget.spent} of ${budget.maxCost} USD are spent, ${budget.reserved} are reserved`);
await emulator?.close();
