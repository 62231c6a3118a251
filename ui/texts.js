/** All texts of the elements, in English. `{name}` is replaced by a value. */
const ENGLISH = {
  'credits.refresh': 'Credits: {amount}. Refresh',
  'credits.unknown': 'no limit',
  'credits.loading': 'loading',
  'credits.failed': 'Credits unavailable',
  'credits.low': 'Your credits are running low: {amount} left.',
  'credits.used': 'Used',
  'credits.total': 'Bought',
  'credits.refreshed': 'Refreshed at {time}',

  'models.label': 'Model',
  'models.choose': 'Choose a model',
  'models.search': 'Search models',
  'models.list': 'Models',
  'models.sort': 'Sort by',
  'models.sort.default': 'Recommended',
  'models.sort.price': 'Price',
  'models.sort.context': 'Context',
  'models.sort.newest': 'Newest',
  'models.filters': 'Only models with',
  'models.count': '{count} models',
  'models.none': 'No model fits. Remove a filter or a word.',
  'models.loading': 'Loading models…',
  'models.failed': 'The models could not be loaded: {message}',
  'models.retry': 'Try again',
  'models.context': '{size} context',
  'models.price': 'Prompt {prompt}, answer {completion} per million tokens',
  'models.short-price': '{prompt} / {completion}',
  'models.free': 'Free',
  'models.varies': 'varies',
  'models.unsupported': '{model} cannot use tools. Its answers will not call them.',
  'models.no-tools': 'no tools',
  'models.capability.vision': 'Vision',
  'models.capability.audio': 'Audio',
  'models.capability.files': 'Files',
  'models.capability.tools': 'Tools',
  'models.capability.reasoning': 'Reasoning',
  'models.capability.structured_outputs': 'JSON',
  'models.capability.image_output': 'Draws',
  'models.capability.free': 'Free',
  'models.capability.zdr': 'Zero retention',

  'toggles.label': 'Routing',
  'toggles.router': 'Auto router',
  'toggles.router.hint': 'OpenRouter chooses the model for each prompt',
  'toggles.zdr': 'Zero retention',
  'toggles.zdr.hint': 'Only providers that store nothing',

  'fallbacks.label': 'Fallback chain',
  'fallbacks.hint': 'If a model fails, the next one answers. Drag to reorder, or use the buttons.',
  'fallbacks.add': 'Add a fallback',
  'fallbacks.full': 'A chain has at most {count} models.',
  'fallbacks.empty': 'No fallback: if the model fails, you see its error.',
  'fallbacks.router': 'The auto router is on. It chooses among models by itself, so the chain is not sent.',
  'fallbacks.test': 'Test this chain',
  'fallbacks.test.hint': 'Sends one short request to each model.',
  'fallbacks.testing': 'Testing…',
  'fallbacks.stop': 'Stop the test',
  'fallbacks.works': 'works: {provider}, {ms} ms',
  'fallbacks.broken': 'fails: {message}',

  'order.position': '{position} of {count}',
  'order.handle': 'Drag {name}',
  'order.up': 'Move {name} up',
  'order.down': 'Move {name} down',
  'order.remove': 'Remove {name}',
  'order.moved': '{name} is now {position} of {count}.',
  'order.removed': '{name} was removed.',

  'providers.label': 'Provider preferences',
  'providers.sort': 'Prefer providers by',
  'providers.sort.default': 'Balance',
  'providers.sort.price': 'Price',
  'providers.sort.throughput': 'Throughput',
  'providers.sort.latency': 'Latency',
  'providers.search': 'Search providers',
  'providers.table': 'Providers',
  'providers.role': 'Use of {name}',
  'providers.role.any': 'may answer',
  'providers.role.order': 'try first',
  'providers.role.only': 'only this',
  'providers.role.ignore': 'never',
  'providers.order': 'Tried in this order',
  'providers.collection': 'Do not let providers store or train on prompts',
  'providers.parameters': 'Only providers that know all parameters',
  'providers.fallbacks': 'Let another provider answer if the first ones fail',
  'providers.price': 'Highest price, USD per million tokens',
  'providers.price.prompt': 'Prompt',
  'providers.price.completion': 'Answer',
  'providers.failed': 'The providers could not be loaded: {message}',
  'providers.zdr': 'zero retention',

  'message.user': 'You',
  'message.assistant': 'Assistant',
  'message.waiting': 'Waiting for {model}',
  'message.by': '{model} by {provider}',
  'message.fallback': 'Fallback: {to} answers, because {from} failed: {reason}.',
  'message.fallback.attempts': 'Attempts',
  'message.attempt': '{model} at {provider}: {outcome}',
  'message.attempt.ok': 'answered',
  'message.switch': 'The model changed from {from} to {to}.',
  'message.router': 'The auto router chose {model}.',
  'message.reasoning': 'Reasoning',
  'message.tool': 'Calls {name}',
  'message.images': 'Images',
  'message.image': 'Image of the answer',
  'message.sources': 'Sources',
  'message.refusal': 'The model refused.',
  'message.stopped': 'You stopped this answer.',
  'message.length': 'The answer reached its length limit.',
  'message.error': 'The answer failed',
  'message.partial': 'What had arrived stands above.',
  'message.retry': 'Try again',
  'message.copy': 'Copy',
  'message.copied': 'Copied',
  'message.code': 'Code',
  'message.first': 'first token {ms} ms',
  'message.speed': '{speed} tokens/s',
  'message.pieces': '{count} pieces',
  'message.duration': '{seconds} s',
  'message.tokens': '{prompt} + {completion} tokens',
  'message.cost': 'cost {cost}',
  'message.streaming': 'streaming',
  'message.metrics': 'Measurements',

  'chat.label': 'Chat',
  'chat.log': 'Conversation',
  'chat.empty': 'Ask something. Each answer shows who gave it, how fast, and what it cost.',
  'chat.prompt': 'Message',
  'chat.placeholder': 'Write a message',
  'chat.send': 'Send',
  'chat.stop': 'Stop',
  'chat.settings': 'Settings',
  'chat.clear': 'New conversation',
  'chat.group.model': 'Model configuration',
  'chat.group.providers': 'Provider preferences',
  'chat.group.credits': 'Credits',
  'chat.group.answer': 'Answer',
  'chat.system': 'System message',
  'chat.temperature': 'Temperature',
  'chat.max': 'Longest answer, in tokens',
  'chat.tokens': 'Show each piece as it arrives',

  'reason.402': 'not enough credits',
  'reason.403': 'refused',
  'reason.404': 'not available',
  'reason.408': 'too slow',
  'reason.429': 'rate limit',
  'reason.500': 'server error',
  'reason.502': 'provider error',
  'reason.503': 'not available',
  'reason.504': 'too slow',
  'reason.529': 'overloaded',
  'reason.other': 'status {status}',
  'reason.unknown': 'the reason was not told',

  'error.network': 'The server cannot be reached. Check the connection and try again.',
  'error.truncated': 'The answer ended too early: the connection was closed in the middle. Please try again.',
  'error.answer': 'The server answered with status {status}, and not with JSON.',
};

const changes = new EventTarget();
let own = {};

/** Returns the text of a key, with its values. */
export function t(key, values = {}) {
  return (own[key] ?? ENGLISH[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Whether there is a text for a key. */
export function hasText(key) {
  return key in own || key in ENGLISH;
}

/** Replaces texts, for another language or other words, in all elements at once. */
export function setTexts(texts) {
  own = { ...own, ...texts };
  changes.dispatchEvent(new Event('change'));
}

/** Calls a listener after each change of the texts. Returns a function that ends that. */
export function onTexts(listener) {
  changes.addEventListener('change', listener);
  return () => changes.removeEventListener('change', listener);
}

/** The English texts, by key. */
export const texts = Object.freeze({ ...ENGLISH });
