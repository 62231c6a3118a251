// Uses the types of `ChatOpenRouter`, in an agent and alone. Compiled under strict settings, never run.
import { createAgent, tool } from 'langchain';
import { z } from 'zod';
import { ChatOpenRouter } from '../../../adapters/langchain/index.mjs';
import type { OpenRouterResponseMetadata } from '../../../adapters/langchain/index.mjs';

const model = new ChatOpenRouter({ model: 'openai/gpt-5-mini', apiKey: 'k', zdr: true, dataCollection: 'deny', models: ['a/b'], provider: { sort: 'price' }, reasoning: { effort: 'low', max_tokens: 5 }, temperature: 0 });
new ChatOpenRouter('openai/gpt-5-mini', { autoRouter: true, apiKey: async () => 'k' });
const name: string | null = model.getActualModelUsed();
const add = tool(({ a, b }) => String(a + b), { name: 'add', description: 'adds', schema: z.object({ a: z.number(), b: z.number() }) });
const agent = createAgent({ model, tools: [add] });
const answer = await model.invoke('hi', { zdr: true, autoRouter: true, models: ['x/y'] });
const metadata = answer.response_metadata as unknown as OpenRouterResponseMetadata;
const cost: number | undefined = metadata.cost;
const structured = model.withStructuredOutput(z.object({ a: z.number() }));
const { a } = await structured.invoke('x');
const sum: number = a;
for await (const chunk of await model.bindTools([add]).stream('x')) chunk.text satisfies string;
// @ts-expect-error zdr is a boolean
new ChatOpenRouter({ zdr: 'yes' });
// @ts-expect-error the key is a string or a function
new ChatOpenRouter({ apiKey: 5 });
// @ts-expect-error models is a list of ids
await model.invoke('hi', { models: 'a/b' });
export { agent, cost, name, sum };
