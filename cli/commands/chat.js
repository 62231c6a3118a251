'use strict';

const { addChatOptions } = require('../chat/options.js');
const { clientOptionsOf, messagesOf, parametersOf } = require('../chat/request.js');
const { showAnswer, tellAbout } = require('../output/answer.js');
const { readPrompt } = require('../prompt.js');
const { withService } = require('../service.js');
const { UsageError } = require('../usage.js');

const MORE = `
The prompt is the arguments, or stdin, or both: stdin then comes after the
arguments. With arguments, stdin is read only if it is a pipe or a file; the
argument - reads it in any case. A terminal also shows what the command is
waiting for, and then model, tokens and cost.

Examples:
  $ openrouter-native chat "Why is the sky blue?"
  $ openrouter-native chat -m openai/gpt-5-mini -s "Answer in French." < mail.txt
  $ openrouter-native chat --models x-ai/grok-4,openai/gpt-5-mini "Hello"
  $ openrouter-native chat --reasoning high,show --max-cost 0.05 "Is 2^61-1 prime?"
  $ openrouter-native chat --zdr --json "Hello" | jq .usage.cost`;

function addChat(program, context) {
  const command = program
    .command('chat')
    .summary('ask a model; the answer streams to stdout')
    .description('Asks a model. The answer streams to stdout as it comes.')
    .argument('[prompt...]', 'what to ask');
  addChatOptions(command)
    .optionsGroup('Output:')
    .option('-q, --quiet', 'show neither what it waits for, nor facts about the answer')
    .option('--json', 'print the whole completion as JSON, once it is complete')
    .option('--emulator', 'ask the built-in emulator: no key, no cost')
    .addHelpText('after', MORE)
    .action((words, options) => chat(context, words, options));
}

async function chat(context, words, options) {
  const { terminal } = context;
  const prompt = await readPrompt(words, context.stdin);
  if (prompt.trim() === '') throw new UsageError('No prompt: pass one as arguments, or pipe it in.');
  const request = { ...parametersOf(options), messages: messagesOf(prompt, options), stream: true };
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.apiKey, { ...service.options, ...clientOptionsOf(options) });
    const ask = () => client.chatCompletion(request);
    if (options.json) {
      terminal.json(await (await ask()).finalCompletion());
      return;
    }
    const { quiet: isQuiet } = options;
    const { stream, isEmpty } = await showAnswer(terminal, ask, { model: request.model, showsReasoning: options.reasoning?.isShown, isQuiet });
    tellAbout(terminal, stream, { isQuiet });
    if (isEmpty) terminal.warn(`The answer contains no text (${stream.finishReason ?? 'no reason was given'}); --json shows the whole answer.`);
  });
}

module.exports = { addChat };
