'use strict';

const TEXT = ['text'];
const VISION = ['text', 'image'];
const FILES = ['text', 'image', 'file'];

const SAMPLING = ['max_tokens', 'temperature', 'top_p', 'stop', 'seed', 'frequency_penalty', 'presence_penalty'];
const TOOLS = ['tools', 'tool_choice', 'parallel_tool_calls'];
const STRUCTURED = ['response_format', 'structured_outputs'];
const THINKING = ['reasoning', 'include_reasoning', 'reasoning_effort'];
const ALL = [...SAMPLING, ...TOOLS, ...STRUCTURED, ...THINKING];
const CHAT = [...SAMPLING, ...TOOLS, ...STRUCTURED];

/** Prices in USD per million tokens, which are easier to read. `models.js` converts them to the API's USD per token. */
const million = (prompt, completion, more = {}) => ({ prompt, completion, ...more });
const FREE = million(0, 0);
const VARIABLE = 'variable';

/** One row per model, with the facts that differ from model to model. `models.js` derives the rest. */
const catalog = [
  {
    id: 'openai/gpt-5-mini', name: 'OpenAI: GPT-5 Mini', created: 1754587407, context: 400000, output: 128000,
    input: FILES, tokenizer: 'GPT', price: million(0.25, 2, { input_cache_read: 0.025 }), params: ALL,
    providers: ['openai', 'azure'], moderated: true,
  },
  {
    id: 'openai/gpt-5', name: 'OpenAI: GPT-5', created: 1754587413, context: 400000, output: 128000, input: FILES,
    tokenizer: 'GPT', price: million(1.25, 10, { input_cache_read: 0.125 }), params: ALL,
    providers: ['openai', 'azure'], moderated: true,
  },
  {
    id: 'openai/gpt-5-nano', name: 'OpenAI: GPT-5 Nano', created: 1754587402, context: 400000, output: 128000,
    input: FILES, tokenizer: 'GPT', price: million(0.05, 0.4, { input_cache_read: 0.005 }), params: ALL,
    providers: ['openai', 'azure'], moderated: true,
  },
  {
    id: 'openai/gpt-4o-mini', name: 'OpenAI: GPT-4o-mini', created: 1721260800, context: 128000, output: 16384,
    input: FILES, tokenizer: 'GPT', price: million(0.15, 0.6, { input_cache_read: 0.075 }), params: CHAT,
    providers: ['openai', 'azure'], moderated: true,
  },
  {
    id: 'openai/gpt-4o', name: 'OpenAI: GPT-4o', created: 1715558400, context: 128000, output: 16384, input: FILES,
    tokenizer: 'GPT', price: million(2.5, 10, { input_cache_read: 1.25 }), params: CHAT,
    providers: ['openai', 'azure'], moderated: true,
  },
  {
    id: 'openai/gpt-audio', name: 'OpenAI: GPT Audio', created: 1768862569, context: 128000, output: 16384,
    input: ['text', 'audio'], makes: ['text', 'audio'], tokenizer: 'GPT',
    price: million(2.5, 10, { audio: 32, audio_output: 64 }), params: CHAT, providers: ['openai'], moderated: true,
    voices: ['alloy', 'nova'],
  },
  {
    id: 'openai/gpt-oss-20b:free', name: 'OpenAI: gpt-oss-20b (free)', created: 1754414229, context: 131072,
    output: 131072, input: TEXT, tokenizer: 'GPT', price: FREE, params: ALL, providers: ['chutes'],
    huggingFace: 'openai/gpt-oss-20b',
  },
  {
    id: 'anthropic/claude-sonnet-4.5', name: 'Anthropic: Claude Sonnet 4.5', created: 1759161676, context: 1000000,
    output: 64000, input: FILES, tokenizer: 'Claude',
    price: million(3, 15, { input_cache_read: 0.3, input_cache_write: 3.75 }), params: ALL,
    providers: ['anthropic', 'amazon-bedrock', 'google-vertex'],
    tiers: [{ min_prompt_tokens: 200000, prompt: 6, completion: 22.5 }],
  },
  {
    id: 'anthropic/claude-opus-4.1', name: 'Anthropic: Claude Opus 4.1', created: 1754411591, context: 200000,
    output: 32000, input: FILES, tokenizer: 'Claude',
    price: million(15, 75, { input_cache_read: 1.5, input_cache_write: 18.75 }), params: ALL,
    providers: ['anthropic', 'amazon-bedrock'],
  },
  {
    id: 'anthropic/claude-haiku-4.5', name: 'Anthropic: Claude Haiku 4.5', created: 1760547638, context: 200000,
    output: 64000, input: FILES, tokenizer: 'Claude',
    price: million(1, 5, { input_cache_read: 0.1, input_cache_write: 1.25 }), params: ALL,
    providers: ['anthropic', 'google-vertex'],
  },
  {
    id: '~anthropic/claude-sonnet-latest', name: 'Anthropic: Claude Sonnet Latest', created: 1777507218,
    context: 1000000, output: 64000, input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
    target: 'anthropic/claude-sonnet-4.5',
  },
  {
    id: '~openai/gpt-mini-latest', name: 'OpenAI: GPT Mini Latest', created: 1777507219, context: 400000,
    output: 128000, input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
    target: 'openai/gpt-5-mini',
  },
  {
    id: 'google/gemini-2.5-flash', name: 'Google: Gemini 2.5 Flash', created: 1750172488, context: 1048576,
    output: 65535, input: ['text', 'image', 'file', 'audio', 'video'], tokenizer: 'Gemini',
    price: million(0.3, 2.5, { audio: 1, input_cache_read: 0.03 }), params: ALL,
    providers: ['google-vertex', 'google-ai-studio'],
  },
  {
    id: 'google/gemini-2.5-pro', name: 'Google: Gemini 2.5 Pro', created: 1750169544, context: 1048576,
    output: 65536, input: ['text', 'image', 'file', 'audio', 'video'], tokenizer: 'Gemini',
    price: million(1.25, 10, { input_cache_read: 0.125 }), params: ALL,
    providers: ['google-vertex', 'google-ai-studio'],
  },
  {
    id: 'google/gemini-2.5-flash-image', name: 'Google: Gemini 2.5 Flash Image', created: 1759870431, context: 32768,
    output: 32768, input: VISION, makes: ['image', 'text'], tokenizer: 'Gemini',
    price: million(0.3, 2.5, { image_output: 30 }), params: [...SAMPLING, ...STRUCTURED],
    providers: ['google-vertex', 'google-ai-studio'],
  },
  {
    id: 'black-forest-labs/flux.2-pro', name: 'Black Forest Labs: FLUX.2 Pro', created: 1764030274, context: 46864,
    output: null, input: VISION, makes: ['image'], tokenizer: 'Other', price: million(0, 0, { image_output: 15 }),
    params: ['seed'], providers: ['black-forest-labs'],
  },
  {
    id: 'meta-llama/llama-3.3-70b-instruct', name: 'Meta: Llama 3.3 70B Instruct', created: 1733506137,
    context: 131072, output: 16384, input: TEXT, tokenizer: 'Llama3', instruct: 'llama3', price: million(0.13, 0.4),
    params: CHAT, providers: ['deepinfra', 'together', 'groq'], huggingFace: 'meta-llama/Llama-3.3-70B-Instruct',
  },
  {
    id: 'meta-llama/llama-3.3-70b-instruct:free', name: 'Meta: Llama 3.3 70B Instruct (free)', created: 1733506137,
    context: 65536, output: null, input: TEXT, tokenizer: 'Llama3', instruct: 'llama3', price: FREE,
    params: [...SAMPLING, ...TOOLS], providers: ['chutes'], huggingFace: 'meta-llama/Llama-3.3-70B-Instruct',
  },
  {
    id: 'meta-llama/llama-3-8b-instruct', name: 'Meta: Llama 3 8B Instruct', created: 1713398400, context: 8192,
    output: 16384, input: TEXT, tokenizer: 'Llama3', instruct: 'llama3', price: million(0.03, 0.06),
    params: SAMPLING, providers: ['deepinfra'], huggingFace: 'meta-llama/Meta-Llama-3-8B-Instruct',
  },
  {
    id: 'deepseek/deepseek-chat-v3.1', name: 'DeepSeek: DeepSeek V3.1', created: 1755779628, context: 163840,
    output: 32768, input: TEXT, tokenizer: 'DeepSeek', price: million(0.27, 1, { input_cache_read: 0.07 }),
    params: ALL, providers: ['deepseek', 'deepinfra', 'together'], huggingFace: 'deepseek-ai/DeepSeek-V3.1',
  },
  {
    id: 'deepseek/deepseek-r1', name: 'DeepSeek: R1', created: 1737381095, context: 163840, output: 32768,
    input: TEXT, tokenizer: 'DeepSeek', instruct: 'deepseek-r1', price: million(0.7, 2.4),
    params: [...SAMPLING, ...THINKING], providers: ['deepseek'], huggingFace: 'deepseek-ai/DeepSeek-R1',
    mustReason: true,
  },
  {
    id: 'mistralai/mistral-medium-3.1', name: 'Mistral: Mistral Medium 3.1', created: 1755095639, context: 131072,
    output: null, input: VISION, tokenizer: 'Mistral', price: million(0.4, 2), params: CHAT, providers: ['mistral'],
  },
  {
    id: 'mistralai/mistral-small-3.2-24b-instruct', name: 'Mistral: Mistral Small 3.2 24B', created: 1750443016,
    context: 131072, output: 131072, input: VISION, tokenizer: 'Mistral', price: million(0.06, 0.18), params: CHAT,
    providers: ['mistral', 'deepinfra'], huggingFace: 'mistralai/Mistral-Small-3.2-24B-Instruct-2506',
  },
  {
    id: 'x-ai/grok-4', name: 'xAI: Grok 4', created: 1752087689, context: 256000, output: null, input: VISION,
    tokenizer: 'Grok', price: million(3, 15, { input_cache_read: 0.75 }), params: ALL, providers: ['xai'],
    mustReason: true,
  },
  {
    id: 'x-ai/grok-4-fast', name: 'xAI: Grok 4 Fast', created: 1758240090, context: 2000000, output: 30000,
    input: VISION, tokenizer: 'Grok', price: million(0.2, 0.5, { input_cache_read: 0.05 }), params: ALL,
    providers: ['xai'],
  },
  {
    id: 'qwen/qwen3-235b-a22b-2507', name: 'Qwen: Qwen3 235B A22B Instruct 2507', created: 1753119555,
    context: 262144, output: 262144, input: TEXT, tokenizer: 'Qwen3', price: million(0.08, 0.55), params: CHAT,
    providers: ['deepinfra', 'together', 'alibaba'], huggingFace: 'Qwen/Qwen3-235B-A22B-Instruct-2507',
  },
  {
    id: 'qwen/qwen3-coder:free', name: 'Qwen: Qwen3 Coder 480B A35B (free)', created: 1753230546, context: 262000,
    output: 262000, input: TEXT, tokenizer: 'Qwen3', price: FREE, params: [...SAMPLING, ...TOOLS],
    providers: ['chutes'], huggingFace: 'Qwen/Qwen3-Coder-480B-A35B-Instruct',
  },
  {
    id: 'moonshotai/kimi-k2-0905', name: 'MoonshotAI: Kimi K2 0905', created: 1757021147, context: 262144,
    output: null, input: TEXT, tokenizer: 'Other', price: million(0.39, 1.9), params: CHAT,
    providers: ['groq', 'together'], huggingFace: 'moonshotai/Kimi-K2-Instruct-0905',
  },
  {
    id: 'perplexity/sonar', name: 'Perplexity: Sonar', created: 1738013808, context: 127072, output: null,
    input: VISION, tokenizer: 'Other', price: million(1, 1, { request: 5000, web_search: 5000 }),
    params: ['max_tokens', 'temperature', 'top_p', 'web_search_options'], providers: ['perplexity'],
  },
  {
    id: 'openrouter/auto', name: 'Auto Router', created: 1699401600, context: 2000000, output: null,
    input: [...FILES, 'audio', 'video'], makes: ['text', 'image'], tokenizer: 'Router', price: VARIABLE, params: ALL,
    providers: [],
  },
  {
    id: 'openrouter/auto-beta', name: 'Auto Router (beta)', created: 1775000000, context: 2000000, output: null,
    input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
  {
    id: 'openrouter/free', name: 'Free Models Router', created: 1769917427, context: 200000, output: null,
    input: VISION, tokenizer: 'Router', price: FREE, params: ALL, providers: [],
  },
  {
    id: 'openrouter/pareto-code', name: 'Pareto Code Router', created: 1776000000, context: 2000000, output: null,
    input: TEXT, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
  {
    id: 'openrouter/bodybuilder', name: 'Body Builder (beta)', created: 1764903653, context: 128000, output: null,
    input: TEXT, tokenizer: 'Router', price: FREE, params: SAMPLING, providers: [],
  },
  {
    id: 'openrouter/fusion', name: 'Fusion', created: 1778000000, context: 400000, output: null, input: FILES,
    tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
  {
    id: 'openrouter/fusion-flash', name: 'Fusion Flash', created: 1778000001, context: 400000, output: null,
    input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
  {
    id: 'typesafe/jev-router', name: 'Typesafe: Jev Router', created: 1779000000, context: 400000, output: null,
    input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
  {
    id: 'nvidia/switchyard', name: 'NVIDIA: Switchyard', created: 1779000001, context: 400000, output: null,
    input: FILES, tokenizer: 'Router', price: VARIABLE, params: ALL, providers: [],
  },
];

/** What a model has that a user of the emulator names, and that is not in the list above. */
const UNKNOWN_ROW = {
  created: 1750000000, context: 128000, output: 16384, input: VISION, tokenizer: 'Other', price: million(1, 2), params: ALL,
  providers: ['emulator'],
};

/** The providers. `zdr`: it retains no data; `trains`: it may train on prompts. */
const providers = [
  { slug: 'openai', name: 'OpenAI', zdr: false, trains: false, country: 'US' },
  { slug: 'azure', name: 'Azure', zdr: true, trains: false, country: 'US' },
  { slug: 'anthropic', name: 'Anthropic', zdr: true, trains: false, country: 'US' },
  { slug: 'amazon-bedrock', name: 'Amazon Bedrock', zdr: true, trains: false, country: 'US' },
  { slug: 'google-vertex', name: 'Google', zdr: true, trains: false, country: 'US' },
  { slug: 'google-ai-studio', name: 'Google AI Studio', zdr: false, trains: false, country: 'US' },
  { slug: 'deepinfra', name: 'DeepInfra', zdr: true, trains: false, country: 'US' },
  { slug: 'together', name: 'Together', zdr: true, trains: false, country: 'US' },
  { slug: 'groq', name: 'Groq', zdr: true, trains: false, country: 'US' },
  { slug: 'deepseek', name: 'DeepSeek', zdr: false, trains: true, country: 'CN' },
  { slug: 'mistral', name: 'Mistral', zdr: true, trains: false, country: 'FR' },
  { slug: 'xai', name: 'xAI', zdr: false, trains: false, country: 'US' },
  { slug: 'alibaba', name: 'Alibaba', zdr: false, trains: false, country: 'SG' },
  { slug: 'perplexity', name: 'Perplexity', zdr: false, trains: false, country: 'US' },
  { slug: 'black-forest-labs', name: 'Black Forest Labs', zdr: false, trains: false, country: 'DE' },
  { slug: 'chutes', name: 'Chutes', zdr: false, trains: true, country: 'US' },
  { slug: 'emulator', name: 'Emulator', zdr: true, trains: false, country: 'US' },
];

module.exports.catalog = catalog;
module.exports.providers = providers;
module.exports.UNKNOWN_ROW = UNKNOWN_ROW;
module.exports.VARIABLE = VARIABLE;
