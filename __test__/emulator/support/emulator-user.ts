// What the declarations of `openrouter-native/emulator` accept and refuse. The type checks of the package compile this file.
import { startEmulator, type Answer, type Directives, type Emulator, type EmulatorOptions, type EmulatorRequest } from '../../../emulator/index.js';

const options: EmulatorOptions = {
  port: 0,
  host: '::1',
  key: ['sk-or-a'],
  credits: 5,
  models: ['openai/gpt-4o', { id: 'my/model', pricing: { prompt: '0.1' }, context_length: null }],
  scenarios: {
    'a/text': 'Hello',
    'a/fault': { text: 'Hello', errorAt: 5, delay: 5, status: 429, kind: 'daily', retryAfter: 3, headers: { 'x-a': 1 } },
    'a/tools': { toolCalls: [{ name: 'get_weather', arguments: { city: 'Lisbon' } }, { name: 'x', arguments: '{' }], text: { is: 'JSON' } },
    'a/function': ({ prompt, body }) => (prompt === '' ? undefined : { text: String(body.model) }),
    'a/async': async () => 'later',
  },
  directives: 'gap=15',
  seed: 1,
  unref: false,
  showKeys: true,
};
const answer: Answer = { reasoning: 'Hm', usage: { prompt_tokens: 1, cost_details: {} }, raw: { data: [] } };

async function useEmulator(): Promise<void> {
  await using emulator: Emulator = await startEmulator(options);
  emulator.script([answer, 'text', ({ method }) => method]);
  emulator.script(null);
  emulator.respond(({ path }: EmulatorRequest) => (path.endsWith('/models') ? { models: 'empty' } : undefined));
  const request = await emulator.nextRequest({ timeout: 100, signal: AbortSignal.timeout(5) });
  const found = await emulator.waitForRequest(({ status }) => status === 200, 100);
  emulator.once('closed', ({ closedBy }) => closedBy === 'client').on('connection', (id) => id.toFixed());
  const { by } = await request.closed;
  const texts: string[] = [emulator.url, emulator.baseURL, emulator.apiKey, found.prompt, by, request.body.messages[0].content];
  const counts: number[] = [emulator.port, emulator.answersLeft, emulator.account.usage, emulator.requests.length, texts.length];
  emulator.clear();
  emulator.reset();
  await emulator.close();
  // @ts-expect-error: records are not written by tests.
  request.status = 200;
  // @ts-expect-error: the timeout is a number.
  await emulator.nextRequest({ timeout: '5' });
  // @ts-expect-error: a script is a list.
  emulator.script(`${counts.length}`);
  // @ts-expect-error: there is no such event.
  emulator.on('requests', () => {});
}

const wrong: Array<EmulatorOptions | Directives> = [
  // @ts-expect-error: a misspelt option.
  { scenario: {} },
  // @ts-expect-error: the emulator listens on loopback only.
  { host: '0.0.0.0' },
  // @ts-expect-error: a misspelt directive.
  { scenarios: { 'a/b': { txt: 'x' } } },
  // @ts-expect-error: a tool call has a name.
  { toolCalls: [{ arguments: {} }] },
  // @ts-expect-error: one of the known values.
  { eol: 'tab' },
  // @ts-expect-error: a number.
  { delay: '5' },
];

export { useEmulator, wrong };
