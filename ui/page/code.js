// A request as programs that send it. The key is read from the environment: none is in the text.

const ADDRESS = 'https://openrouter.ai/api/v1';

/** A text within single quotes of a shell. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
/** Parameters as JSON, indented by two spaces. JSON is JavaScript, too. */
const json = (value) => JSON.stringify(value, null, 2);

/** What OpenRouter's own API calls the switch for zero retention. */
function asSent({ zdr, emulator, ...params }) {
  return zdr ? { ...params, provider: { ...params.provider, zdr: true } } : params;
}

/** Returns a command for a shell. `OPENROUTER_BASE_URL` may name another address, such as that of the emulator. */
export function asCurl(params) {
  return `curl --no-buffer "\${OPENROUTER_BASE_URL:-${ADDRESS}}/chat/completions" \\
  --header "Authorization: Bearer $OPENROUTER_API_KEY" \\
  --header 'Content-Type: application/json' \\
  --data ${quoted(json(asSent(params)))}
`;
}

/** Returns a program for this package. */
export function asClient({ emulator, ...params }) {
  return `import { OpenRouterClient } from 'openrouter-native';

const client = new OpenRouterClient();
const stream = await client.chatCompletion(${json(params)});
for await (const text of stream.text()) process.stdout.write(text);
console.log();
`;
}

/** Returns a program for OpenAI's SDK. OpenRouter's own parameters are passed on by it as they are. */
export function asOpenAI(params) {
  return `import OpenAI from 'openai';

const openai = new OpenAI({
  apiKey: process.env.OPENROUTER_API_KEY,
  baseURL: process.env.OPENROUTER_BASE_URL ?? '${ADDRESS}',
});
const stream = await openai.chat.completions.create(${json(asSent(params))});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
console.log();
`;
}

/** The programs by name. */
export const PROGRAMS = { curl: asCurl, 'openrouter-native': asClient, 'OpenAI SDK': asOpenAI };
