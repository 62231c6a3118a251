'use strict';

// Why `configureAgents` leaves a configuration as it is, and whom it tells.

/** The reasons, and what each means for the requests. */
const REASONS = {
  user_base_url: 'a user gives the base URL, and LibreChat guards these requests with a dispatcher of undici',
  other_fetch: "another fetch is set in the configuration, as LibreChat's directEndpoint does",
  other_provider: 'the provider is not OpenRouter: LibreChat has another client for it, as for a custom endpoint with provider: anthropic',
};

/** The providers of LibreChat whose client is that of OpenAI. */
const PROVIDERS = ['openrouter', 'openAI'];

/** The reasons for which this process has warned. */
const warned = new Set();

/**
 * Returns the reason to change nothing; null if there is none.
 * @param {object} target what LibreChat has configured
 * @param {object} given the options of `configureAgents`
 * @param {{ llmConfig: object | null, configuration: object | undefined }} parts those of the target
 * @param {(fetch: Function) => boolean} isOurs whether `configureAgents` has set a `fetch`
 */
function reasonToSkip(target, given, { llmConfig, configuration }, isOurs) {
  const { provider } = target;
  // The native client of Anthropic has its address and its own options in these fields.
  const isAnthropic = !configuration && (llmConfig?.anthropicApiUrl !== undefined || llmConfig?.clientOptions !== undefined);
  if (isAnthropic || (typeof provider === 'string' && !PROVIDERS.includes(provider))) return 'other_provider';
  if (given.userProvidesBaseURL || given.userProvidedURL || isGuarded(configuration?.fetchOptions)) return 'user_base_url';
  // Another `fetch` stays, because it has a purpose: LibreChat's direct endpoints rewrite the address with theirs.
  return configuration?.fetch && !isOurs(configuration.fetch) ? 'other_fetch' : null;
}

/**
 * Whether an init has LibreChat's guard against addresses inside the network: a dispatcher that checks them, and no
 * redirects.
 */
function isGuarded(init) {
  return Boolean(init?.dispatcher) && init.redirect === 'error';
}

/**
 * Tells `onSkip` and the logger why nothing was changed. Warns once in the process if that leaves a privacy setting or a limit
 * of cost without effect, because users rely on it.
 * @param {string} reason
 * @param {object} given the options of `configureAgents`
 * @param {string[]} lost the options without effect that protect users or their money
 */
function tellSkip(reason, given, lost) {
  const message = `configureAgents changed nothing: ${REASONS[reason]}.`;
  if (lost.length > 0) {
    warn(`${reason} ${lost}`, `${message} ${lost.join(' and ')} ${lost.length > 1 ? 'do' : 'does'} not hold for these requests.`, given.logger);
  } else {
    given.logger?.debug?.(`[OpenRouter] ${message}`);
  }
  try {
    given.onSkip?.(reason, message);
  } catch {
    // As with the callbacks of a `fetch`, an exception in it does not disturb the caller.
  }
}

/** Warns once in the process about a subject: by the logger, else as Node warns. */
function warn(subject, message, logger) {
  if (warned.has(subject)) return;
  warned.add(subject);
  if (logger?.warn) logger.warn(`[OpenRouter] ${message}`);
  else process.emitWarning(message, 'OpenRouterWarning');
}

module.exports = { isGuarded, reasonToSkip, tellSkip, warn };
