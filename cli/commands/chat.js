'use strict';

const { counted, dollars, milliseconds } = require('../output/figures.js');
const { readPrompt } = require('../prompt.js');
const { withService } = require('../service.js');

const AUTO = 'openrouter/auto';

const MORE = `
The prompt is the arguments, or stdin, or both: stdin then comes after the
arguments. With arguments, stdin is read only if it is a pipe or a file; the
argument - reads it in any case. A terminal also shows model, tokens and cost.

Examples:
  $ openrouter-native chat "Why is the sky blue?"
  $ openrouter-native chat -m openai/gpt-5-mini -s "Answer in French." < mail.txt
  $ openrouter-native chat --models x-ai/grok-4,openai/gpt-5-mini "Hello"
  $ openrouter-native chat --zdr --json "Hello" | jq .usage.cost`;

/** Warnings for the finish reasons that mean an incomplete answer. */
const SHORT = {
  length: 'The answer is incomplete: it reached the token limit.',
  content_filter: 'The answer is incomplete: a content filter of the provider cut it.',
};

function addChat(program, context) {
  return program
    .command('chat')
    .summary('ask a model; the answer streams to stdout')
    .description('Asks a model. The answer streams to stdout as it comes.')
    .argument('[prompt...]', 'what to ask')
    .option('-m, --model <id>', `the model to ask (default: ${AUTO}, which lets OpenRouter choose)`)
    .option('--models <ids>', 'comma-separated models to try in this order, after --model if that is given', idsOf)
    .option('--auto', 'let OpenRouter choose the model; --model and --models are ignored')
    .option('--zdr', 'use only providers that retain no data')
    .option('-s, --system <text>', 'a system message')
    .option('--json', 'print the whole completion as JSON, once it is complete')
    .option('--emulator', 'ask the built-in emulator: no key, no cost')
    .addHelpText('after', MORE)
    .action((words, options, command) => chat(context, words, options, command));
}

function idsOf(text) {
  return text.split(',').map((id) => id.trim()).filter(Boolean);
}

async function chat(context, words, options, command) {
  const prompt = await readPrompt(words, context.stdin);
  if (prompt.trim() === '') command.error('error: no prompt: pass one as arguments, or pipe it in');
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.apiKey, { ...service.options, autoRouter: options.auto, zdr: options.zdr });
    const stream = await client.chatCompletion({ ...requestOf(prompt, options), stream: true });
    if (options.json) context.terminal.json(await stream.finalCompletion());
    else await show(context.terminal, stream);
  });
}

function requestOf(prompt, { model, models = [], system }) {
  const [first = AUTO, ...rest] = model === undefined ? models : [model, ...models];
  const messages = [{ role: 'user', content: prompt }];
  if (system !== undefined) messages.unshift({ role: 'system', content: system });
  return { model: first, ...(rest.length > 0 && { models: rest }), messages };
}

/** Writes the answer as it arrives, then its model, provider, tokens and cost, and a warning if it is incomplete. */
async function show(terminal, stream) {
  let isEmpty = true;
  for await (const text of stream.text()) {
    terminal.write(text);
    isEmpty = false;
  }
  terminal.endLine();
  const { fallback, finishReason } = stream;
  if (fallback !== null) terminal.note(`${fallback.to} answered instead of ${fallback.from}: ${fallback.reason ?? 'no reason was given'}`);
  terminal.note(factsOf(stream).join(' · '));
  if (isEmpty) terminal.warn(`The answer contains no text (${finishReason ?? 'no reason was given'}); --json shows the whole answer.`);
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
