'use strict';

const { contentOf } = require('../chat/attachments.js');
const { addChatOptions, addFileOptions } = require('../chat/options.js');
const { Outputs } = require('../chat/outputs.js');
const { clientOptionsOf, messagesOf, parametersOf } = require('../chat/request.js');
const { askForValue, readSchema } = require('../chat/schema.js');
const { showAnswer, tellAbout } = require('../output/answer.js');
const { readPrompt } = require('../prompt.js');
const { withService } = require('../service.js');
const { UsageError } = require('../usage.js');

const MORE = `
The prompt is the arguments, or stdin, or both: stdin then comes after the
arguments. With arguments, stdin is read only if it is a pipe or a file; the
argument - reads it in any case, and --file - takes it as a file. A terminal
also shows what the command is waiting for, and then model, tokens and cost.

Examples:
  $ openrouter-native chat
  $ openrouter-native chat "Why is the sky blue?"
  $ openrouter-native chat -m openai/gpt-5-mini -s "Answer in French." < mail.txt
  $ openrouter-native chat --models x-ai/grok-4,openai/gpt-5-mini "Hello"
  $ openrouter-native chat --reasoning high,show --max-cost 0.05 "Is 2^61-1 prime?"
  $ openrouter-native chat --file invoice.pdf --schema invoice.json "Read it." > it.json
  $ openrouter-native chat -m google/gemini-2.5-flash-image --output-image cat.png "A cat"
  $ openrouter-native chat --zdr --json "Hello" | jq .usage.cost`;

/** The options for one answer. */
const ONE_ANSWER = ['json', 'schema', 'outputImage', 'outputAudio'];

function addChat(program, context) {
  const command = program
    .command('chat')
    .summary('ask a model; the answer streams to stdout')
    .description('Asks a model. The answer streams to stdout as it comes.')
    .argument('[prompt...]', 'what to ask');
  addFileOptions(addChatOptions(command))
    .optionsGroup('Output:')
    .option('--schema <file>', 'answer with JSON that fits the JSON Schema in this file, checked')
    .option('--repair', 'with --schema: ask once more if the answer does not fit')
    .option('-q, --quiet', 'show neither what it waits for, nor facts about the answer')
    .option('--no-history', 'in an interactive chat: do not keep what is typed')
    .option('--json', 'print the whole completion as JSON, once it is complete')
    .option('--emulator', 'ask the built-in emulator: no key, no cost')
    .addHelpText('after', MORE)
    .action((words, options) => chat(context, words, options));
}

async function chat(context, words, options) {
  const { terminal } = context;
  if (options.repair && options.schema === undefined) throw new UsageError('--repair needs --schema.');
  const schema = options.schema === undefined ? undefined : readSchema(options.schema);
  const prompt = await readPrompt(words, context.stdin, options);
  if (prompt.trim() === '') {
    if (isInteractive(context, words, options)) return converse(context, options);
    throw new UsageError('No prompt: pass one as arguments, or pipe it in.');
  }
  const messages = messagesOf(await contentOf(prompt, options, context.stdin), options);
  const outputs = new Outputs(options);
  const request = { ...parametersOf(options), ...outputs.parameters, messages };
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.apiKey, { ...service.options, ...clientOptionsOf(options) });
    const ask = schema === undefined ? askForText : askForSchema;
    try {
      await ask(terminal, client, schema === undefined ? request : { ...request, schema, repair: options.repair }, outputs, options);
    } catch (error) {
      outputs.save(terminal, error.partial?.choices?.[0]?.message, { isWhole: false });
      throw error;
    }
    if (outputs.hasFailed) context.exitCode = 1;
  });
}

/** Whether a user at a terminal is there to type the prompt. What needs one prompt, such as `--json`, is never interactive. */
function isInteractive({ stdin, terminal, env }, words, options) {
  const readsStdin = [...(options.file ?? []), ...(options.image ?? [])].includes('-');
  const needsPrompt = readsStdin || ONE_ANSWER.some((name) => options[name] !== undefined);
  return words.length === 0 && Boolean(stdin.isTTY) && terminal.isWatched && env.TERM !== 'dumb' && !needsPrompt;
}

/** Asks what a user types, until they leave. */
async function converse(context, given) {
  // With `autoRouter` the client would ignore /model.
  const { auto, ...options } = given.auto ? { ...given, model: undefined, models: undefined } : given;
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const { Chat } = require('../interactive/chat.js');
    const outputs = new Outputs(options);
    const client = new OpenRouterClient(service.apiKey, { ...service.options, ...clientOptionsOf(options) });
    const request = { ...parametersOf(options), ...outputs.parameters };
    await new Chat(context, service, { ...options, client, outputs, request }).run();
  });
}

/** Writes the answer as it comes, or the whole completion. */
async function askForText(terminal, client, request, outputs, { json, quiet: isQuiet, reasoning }) {
  const start = () => client.chatCompletion({ ...request, stream: true });
  if (json) {
    const completion = await (await start()).finalCompletion();
    terminal.json(completion);
    outputs.save(terminal, completion.choices?.[0]?.message);
    return;
  }
  const { stream, isEmpty } = await showAnswer(terminal, start, { model: request.model, showsReasoning: reasoning?.isShown, isQuiet });
  const { choices } = await stream.finalCompletion();
  const message = choices?.[0]?.message;
  const transcript = isEmpty ? message?.audio?.transcript : undefined;
  if (transcript) terminal.say(transcript);
  const kinds = outputs.save(terminal, message);
  tellAbout(terminal, stream, { isQuiet });
  if (isEmpty && !transcript && kinds.size === 0) {
    terminal.warn(`The answer contains no text (${stream.finishReason ?? 'no reason was given'}); --json shows the whole answer.`);
  }
}

/** Writes the value that the schema has checked. An answer that does not fit is written as it came. */
async function askForSchema(terminal, client, request, outputs, { json, quiet: isQuiet }) {
  let result;
  try {
    result = await askForValue(terminal, client, request, isQuiet || json);
  } catch (error) {
    if (!json) terminal.write(textOf(error.partial));
    throw error;
  }
  terminal.json(json ? result : result.value);
  const { completion, usage, cost } = result;
  tellAbout(terminal, { ...completion, usage, cost, fallback: fallbackOf(completion) }, { isQuiet });
  outputs.save(terminal, completion.choices?.[0]?.message);
}

function textOf(completion) {
  const content = completion?.choices?.[0]?.message?.content;
  return typeof content === 'string' ? content : '';
}

function fallbackOf({ model, _metadata: metadata }) {
  if (!metadata?.fallbackUsed) return null;
  return { from: metadata.effectiveModel, to: model, reason: metadata.attempts.find(({ reason }) => reason)?.reason ?? null };
}

module.exports = { addChat };
