'use strict';

const { counted, dollars, milliseconds } = require('../output/figures.js');
const { oneLine } = require('../output/plain.js');
const { Signs } = require('../output/signs.js');
const { layOut } = require('../output/table.js');
const { withService } = require('../service.js');
const { UsageError } = require('../usage.js');

const MORE = `
The id is the "id" of \`chat --json\`, stream.generationId or error.generationId. A new
generation is known some seconds after its answer: the command waits for it. Content
is shown only where your account keeps it, and only with the key that asked; JSON has
it as \`content\`.

Examples:
  $ openrouter-native generation gen-1750000000-abcdef
  $ openrouter-native generation --content gen-1750000000-abcdef
  $ openrouter-native chat --json Hi | jq -r .id | xargs openrouter-native generation`;

function addGeneration(program, context) {
  return program
    .command('generation')
    .summary('show what an answer cost, and who gave it')
    .description('Shows the cost, the model, the provider, the tokens and the times of one generation.')
    .argument('[id]', 'the id of the generation; with --emulator one is made if none is given')
    .option('--content', 'also show the prompt and the answer')
    .option('--json', 'print the generation as the API describes it')
    .option('--emulator', 'ask the built-in emulator: no key needed')
    .addHelpText('after', MORE)
    .action((id, options) => generation(context, id, options));
}

async function generation(context, id, { content: withContent = false, ...options }) {
  if (!id && !options.emulator) throw new UsageError('Pass the id of a generation.');
  const { terminal } = context;
  await withService(context, options, async (service) => {
    const { OpenRouterClient } = require('../..');
    const client = new OpenRouterClient(service.apiKey, service.options);
    const found = await waitFor(client, id || (await generationOf(client)), terminal);
    const content = withContent ? await client.getGenerationContent(found.id) : null;
    if (options.json) {
      terminal.json(content === null ? found : { ...found, content });
      return;
    }
    for (const line of layOut([{ title: '' }, { title: '' }], factsOf(found)).slice(1)) terminal.say(line);
    if (content !== null) showContent(terminal, content);
  });
}

/** Asks for a generation until the API knows it, for a minute at most. */
async function waitFor(client, id, terminal) {
  const signs = new Signs(terminal);
  try {
    signs.show('Waiting for the facts of the generation');
    return await client.getGeneration(id);
  } finally {
    signs.stop();
  }
}

/** Makes a generation at the emulator, which starts without any. Returns its id. */
async function generationOf(client) {
  const { id } = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] });
  return id;
}

/** Returns the facts that are known, each with its name. */
function factsOf(found) {
  const facts = {
    id: found.id,
    cost: `${dollars(found.total_cost)}${found.is_byok ? ', beside what the provider bills to your own key' : ''}`,
    model: found.router ? `${found.model}, chosen by ${found.router}` : found.model,
    provider: found.provider_name,
    tokens: tokensOf(found),
    'first token': isFigure(found.latency) ? milliseconds(found.latency) : null,
    generation: isFigure(found.generation_time) ? milliseconds(found.generation_time) : null,
    ended: found.cancelled ? 'cancelled' : found.finish_reason,
    created: found.created_at,
    session: found.session_id,
  };
  return Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== '').map(([name, value]) => [name, oneLine(String(value))]);
}

/** Describes the tokens as the provider counts them, which are those that are paid; else as OpenRouter counts them. */
function tokensOf(found) {
  const prompt = found.native_tokens_prompt ?? found.tokens_prompt;
  const answer = found.native_tokens_completion ?? found.tokens_completion;
  if (!isFigure(prompt) || !isFigure(answer)) return null;
  const cached = found.native_tokens_cached > 0 ? ` (${found.native_tokens_cached} cached)` : '';
  const reasoning = found.native_tokens_reasoning > 0 ? ` (${found.native_tokens_reasoning} reasoning)` : '';
  return `${counted(prompt, 'token')} of the prompt${cached}, ${answer} of the answer${reasoning}`;
}

const isFigure = (value) => typeof value === 'number';

function showContent(terminal, { input, output }) {
  const parts = [
    ...(input?.messages ?? []).map(({ role, content }) => [role, textOf(content)]),
    ['prompt', input?.prompt],
    ['reasoning', output?.reasoning],
    ['answer', output?.completion],
  ];
  for (const [name, text] of parts) {
    if (!text) continue;
    terminal.say('');
    terminal.say(terminal.paint('dim', `${name}:`));
    terminal.write(text);
    terminal.endLine();
  }
}

/** Returns the text of a message. A part that is no text is named. */
function textOf(content) {
  if (!Array.isArray(content)) return content;
  return content.map((part) => part.text ?? `[${part.type}]`).join('\n');
}

module.exports = { addGeneration };
