'use strict';

const { counted, dollars, milliseconds } = require('../output/figures.js');
const { readPrompt } = require('../prompt.js');
const { withService } = require('../service.js');

const AUTO = 'openrouter/auto';

const MORE = `
The prompt is the words, or stdin, or both: what is piped then comes after the
words. The word - asks for stdin where it would not be read by itself, as from a
program that starts this one. Model, tokens and cost are told on a terminal only.

Examples:
  $ openrouter-native chat "Why is the sky blue?"
  $ openrouter-native chat -m openai/gpt-5-mini -s "Answer in French." < mail.txt
  $ openrouter-native chat --models x-ai/grok-4,openai/gpt-5-mini "Hello"
  $ openrouter-native chat --zdr --json "Hello" | jq .usage.cost`;

/** Why an answer that has come to its end may yet not be whole. */
const SHORT = {
  length: 'The answer stops short: it reached the limit of tokens.',
  content_filter: 'The answer stops short: a filter of the provider cut it.',
};

function addChat(program, about) {
  return program
    .command('chat')
    .summary('ask a model; the answer streams to stdout')
    .description('Asks a model. The answer streams to stdout as it comes.')
    .argument('[prompt...]', 'what to ask')
    .option('-m, --model <id>', `the model to ask (default: ${AUTO}, which lets OpenRouter choose)`)
    .option('--models <ids>', 'models in the order to try them, with commas; after --model, if that is there too', idsOf)
    .option('--auto', 'let OpenRouter choose, whatever models are named')
    .option('--zdr', 'only providers that retain no data')
    .option('-s, --system <text>', 'a system message')
    .option('--json', 'the whole completion as JSON, at its end')
    .option('--emulator', 'ask the built-in emulator: no key, no cost')
    .addHelpText('after', MORE)
    .action((words, options, command) => chat(about, words, options, command));
}

function idsOf(text) {
  return text.split(',').map((id) => id.trim()).filter(Boolean);
}

async function chat(about, words, options, command) {
  const prompt = await readPrompt(words, about.stdin);
  if (prompt.trim() === '') command.error('error: nothing to ask: give a prompt as arguments, or pipe it in');
  await withService(about, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.apiKey, { ...service.options, autoRouter: options.auto, zdr: options.zdr });
    const stream = await client.chatCompletion({ ...requestOf(prompt, options), stream: true });
    if (options.json) about.terminal.json(await stream.finalCompletion());
    else await show(about.terminal, stream);
  });
}

function requestOf(prompt, { model, models = [], system }) {
  const [first = AUTO, ...rest] = model === undefined ? models : [model, ...models];
  const messages = [{ role: 'user', content: prompt }];
  if (system !== undefined) messages.unshift({ role: 'system', content: system });
  return { model: first, ...(rest.length > 0 && { models: rest }), messages };
}

/** Writes the answer as it comes, then what is known of it. */
async function show(terminal, stream) {
  let isEmpty = true;
  for await (const text of stream.text()) {
    terminal.write(text);
    isEmpty = false;
  }
  terminal.endLine();
  const { fallback, finishReason } = stream;
  if (fallback !== null) terminal.note(`${fallback.to} stands in for ${fallback.from}: ${fallback.reason ?? 'no reason was given'}`);
  terminal.note(factsOf(stream).join(' · '));
  if (isEmpty) terminal.warn(`The answer holds no text (${finishReason ?? 'no reason was given'}); --json shows what it does hold.`);
  else if (SHORT[finishReason]) terminal.warn(SHORT[finishReason]);
}

function factsOf({ model, provider, usage, cost, metrics }) {
  return [
    [model, provider].filter(Boolean).join(' of '),
    usage === null ? '' : counted(usage.total_tokens, 'token'),
    cost === null ? '' : dollars(cost),
    `first token after ${milliseconds(metrics.firstTokenMs)}`,
  ].filter(Boolean);
}

module.exports = { addChat };
