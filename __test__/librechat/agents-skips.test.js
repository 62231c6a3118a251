'use strict';

// Where `configureAgents` leaves the configuration as it is, and whom it tells. The shapes are those of LibreChat v0.8.8
// (`packages/api/src/endpoints/custom/initialize.ts` and `openai/config.ts`).
const { configureAgents } = require('openrouter-native/librechat');
const { failureOf } = require('../support/outcomes.js');

const MODEL = 'openai/gpt-5-mini';
const guard = { dispatcher: { dispatch() {} }, redirect: 'error' };
const openRouter = (config = {}, more = {}) => ({
  llmConfig: { model: MODEL, apiKey: 'sk-or-v1-limit-agents-skips', streaming: true }, configOptions: { baseURL: 'https://openrouter.ai/api/v1', ...config }, tools: [], provider: 'openrouter', ...more,
});

/** What LibreChat configures, the options, and the reason. */
const SKIPPED = {
  'a base URL of a user, by its guard': [() => openRouter({ fetchOptions: guard }), {}, 'user_base_url'],
  'a base URL of a user, by the option': [() => openRouter(), { userProvidesBaseURL: true }, 'user_base_url'],
  directEndpoint: [() => openRouter({ fetch: async () => {} }), {}, 'other_fetch'],
  'a custom endpoint with provider: anthropic': [
    () => ({ llmConfig: { model: MODEL, apiKey: 'k', clientOptions: { baseURL: 'https://openrouter.ai/api' }, anthropicApiUrl: 'https://openrouter.ai/api' }, tools: [], provider: 'anthropic' }), {}, 'other_provider',
  ],
  'the llmConfig of the native client of Anthropic': [() => ({ model: MODEL, apiKey: 'k', clientOptions: {}, anthropicApiUrl: 'https://openrouter.ai/api' }), {}, 'other_provider'],
  'another provider': [() => openRouter({}, { provider: 'google' }), {}, 'other_provider'],
};
/** The options that protect users or their money, and their names in the warning. */
const PROTECTIONS = [[{ zdr: true }, 'zdr'], [{ dataCollection: 'deny' }, 'dataCollection'], [{ maxCost: 1 }, 'maxCost'], [{ provider: { zdr: true } }, 'zdr']];

function recordingLogger() {
  const lines = [];
  return { lines, logger: Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, (line) => lines.push([level, line])])) };
}

describe.each(Object.entries(SKIPPED))('%s', (_, [make, options, reason]) => {
  test('is left as it is; onSkip and the logger are told why', () => {
    const { lines, logger } = recordingLogger();
    const told = [];
    const target = make();
    const before = structuredClone(JSON.parse(JSON.stringify(target)));
    expect(configureAgents(target, { ...options, logger, onSkip: (...all) => told.push(all) })).toBe(false);
    expect(JSON.parse(JSON.stringify(target))).toEqual(before);
    expect(target.llmConfig?.configuration).toBeUndefined();
    expect(told).toEqual([[reason, expect.stringMatching(/^configureAgents changed nothing: /)]]);
    expect(lines).toEqual([['debug', `[OpenRouter] ${told[0][1]}`]]);
  });

  test('is warned of once where a protection was asked for', () => {
    for (const [protection, name] of PROTECTIONS) {
      jest.isolateModules(() => {
        const { configureAgents: fresh } = require('openrouter-native/librechat');
        const { lines, logger } = recordingLogger();
        for (let call = 0; call < 3; call += 1) expect(fresh(make(), { ...options, ...protection, logger })).toBe(false);
        expect(lines).toEqual([['warn', expect.stringMatching(new RegExp(`${name}.* does not hold for these requests\\.$`))]]);
      });
    }
  });
});

test('without a logger the warning is one of the process, and an exception in onSkip changes nothing', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  jest.isolateModules(() => {
    const { configureAgents: fresh } = require('openrouter-native/librechat');
    const onSkip = () => { throw new Error('by the test'); };
    expect(fresh(openRouter(), { userProvidesBaseURL: true, zdr: true, dataCollection: 'deny', onSkip })).toBe(false);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/zdr and dataCollection do not hold for these requests\.$/), 'OpenRouterWarning']]);
  });
  warn.mockRestore();
});

test.each(['openrouter', 'openAI', undefined])('the provider %s is not left as it is', (provider) => {
  const target = openRouter({}, { provider });
  expect(configureAgents(target, { onSkip: () => { throw new Error('skipped'); } })).toBe(true);
  expect(target.configOptions.fetch).toEqual(expect.any(Function));
});

test('fallback models that are never asked are named in one warning', () => {
  jest.isolateModules(() => {
    const { configureAgents: fresh } = require('openrouter-native/librechat');
    const { lines, logger } = recordingLogger();
    const models = Array.from({ length: 12 }, (_, at) => `a/${at + 1}`);
    for (let call = 0; call < 2; call += 1) fresh(openRouter(), { models: [...models.slice(0, 5), MODEL, ...models.slice(5)], logger });
    expect(lines).toEqual([['warn', expect.stringMatching(/asks 10 fallback models at most.*never asked: a\/11, a\/12\.$/)]]);
  });
});

test('onSkip must be a function', async () => {
  expect(await failureOf(() => configureAgents(openRouter(), { onSkip: 'x' }))).toMatchObject({ code: 'invalid_option' });
});
