// Uses the types of the LibreChat adapter. Compiled under strict settings, never run; each line below `@ts-expect-error` is
// a mistake that the compiler must report.
import { configureAgents, createOpenRouterClient, createOpenRouterService, createUsageRecorder } from 'openrouter-native/librechat';
import type { AgentsOptions, LibreChatClient, OpenRouterService } from 'openrouter-native/librechat';

class BaseClient {
  conversationId: string | null = null;
  constructor(
    public readonly key: string,
    options: object = {},
  ) {
    void options;
  }
  async sendMessage(text: string): Promise<{ text: string }> {
    return { text };
  }
}

const OpenRouterClient = createOpenRouterClient({ BaseClient, logger: console, completionShape: 'string', modelMarker: false });
const client = new OpenRouterClient('sk-or-v1-x', { endpoint: 'openrouter', modelOptions: { model: 'a/b' }, zdr: true, req: {} });

export async function use(): Promise<string> {
  const { text } = await client.sendMessage('Hi');
  const asClient: LibreChatClient = client;
  client.apiKey = null;
  const result = await asClient.sendCompletion([{ role: 'user', content: text }], { onProgress: (delta) => delta.length, abortController: new AbortController() });
  if (typeof result === 'string') return result;
  if ('completion' in result) return `${result.completion}${result.metadata.model ?? ''}`;
  const [{ message }] = result.choices;
  const response = await client.chatCompletion({ messages: [], stream: true });
  response.body.on('data', () => {});
  const plain = await client.chatCompletion({ messages: [] });
  const { balance } = await client.getCredits(true);
  const title: string = await client.titleConvo({ text: 'Hi' });
  const { prompt, promptTokens } = await client.buildMessages([], null, {}, { promptPrefix: 'x' });
  client.dispose();
  return [message.content, plain.id, balance?.toFixed(2), title, prompt.length, promptTokens, client.conversationId].join();
}

const options: AgentsOptions = { zdr: true, dataCollection: 'deny', models: ['a/b'], onModel: (model) => model.length, proxy: null };
export const isIn: boolean = configureAgents({ llmConfig: {}, configOptions: {} }, options);
const service: OpenRouterService = createOpenRouterService({ baseURL: 'https://x.example' });
export const hits: number = service.getCacheStats().credits.hits;

const methods = { createTransaction: async (transaction: { user: string }) => transaction, getMultiplier: (_: { model: string }) => 1, other: 1 };
const recorder = createUsageRecorder(methods, { balance: ({ user }) => user !== null, logger: console, userOf: ({ user }) => user });
export const price: number = recorder.methods.getMultiplier({ model: 'a/b' });
configureAgents({}, { onSettled: recorder.record });

// @ts-expect-error only the functions that bill are replaced
void recorder.methods.other;
// @ts-expect-error createTransaction is required
createUsageRecorder({});
// @ts-expect-error BaseClient is required
createOpenRouterClient({});
// @ts-expect-error an unknown shape
createOpenRouterClient({ BaseClient, completionShape: 'both' });
// @ts-expect-error LibreChat's configuration is an object
configureAgents('x');
// @ts-expect-error models is a list of ids
configureAgents({}, { models: 'a/b' });
// @ts-expect-error messages are required
void service.chatCompletion('key', { model: 'a/b' });
