'use strict';

/**
 * What the page can ask of the emulator, so that a newcomer sees each promise happen. `directives` goes into the field `emulator`
 * of each request; in it, `$model` stands for the model that the page asks. `service` is the emulator to ask.
 */
const SCENARIOS = [
  { id: 'normal', title: 'Everything works', about: 'Answers stream at the speed of a real model.', directives: {} },
  {
    id: 'fallback', title: 'The model fails, a fallback answers', about: 'The chosen model is over its rate limit, so the next one of the chain answers.',
    directives: { fail: ['$model'], failStatus: 429 }, fallbacks: ['anthropic/claude-haiku-4.5', 'google/gemini-2.5-flash'],
  },
  { id: 'slow', title: 'A slow answer', about: 'The first token takes three seconds, and each further one a while.', directives: { firstDelay: 3000, gap: 120 } },
  { id: 'cut', title: 'The connection breaks', about: 'The connection ends in the middle of the answer. What had arrived stays.', directives: { cut: 12 } },
  { id: 'error', title: 'An error in mid-stream', about: 'The provider fails in the middle of the answer.', directives: { errorAt: 12 } },
  { id: 'credits', title: 'No credits (402)', about: 'OpenRouter refuses the request, because there are no credits.', directives: { status: 402 } },
  { id: 'low', title: 'Low balance', about: 'Less than one dollar is left: the widget turns red.', directives: {}, service: 'low' },
];

module.exports = { SCENARIOS };
