'use strict';

const { keyless } = require('../keyless.js');

/** The timeout of each check. The client's defaults for headers and idle streams are too long for a diagnosis. */
const LIMIT_MS = 15_000;
/** The model that the checks ask which cost something, unless another was chosen: a cheap one that many providers have. */
const DEFAULT_MODEL = 'openai/gpt-5-mini';
const DEFAULT_BASE_URL = 'https://openrouter.ai/api/v1';
/** Default ports, for proxy URLs without a port. */
const PORTS = { 'http:': 80, 'https:': 443, 'socks5:': 1080, 'socks5h:': 1080 };

/** The service that the checks examine, with the results that they share. */
class Subject {
  #service;
  #probe;

  /**
   * @param {{ service: object, env: NodeJS.ProcessEnv, chat?: boolean, model?: string }} of `chat`: whether to ask a model, too;
   *   `model`: which one
   */
  constructor({ service, env, chat = false, model }) {
    this.#service = service;
    this.env = env;
    this.isModelChosen = model !== undefined;
    this.model = chat || this.isModelChosen ? model ?? DEFAULT_MODEL : undefined;
  }

  get apiKey() {
    return this.#service.apiKey;
  }

  get isEmulator() {
    return this.#service.isEmulator;
  }

  /** The base URL of the API, as it was configured. */
  get baseURL() {
    return this.#service.options.baseURL ?? (this.env.OPENROUTER_BASE_URL?.trim() || DEFAULT_BASE_URL);
  }

  /** The base URL without user, password and query, which may hold secrets. Null if the configured value is not a URL. */
  get shownURL() {
    if (!URL.canParse(this.baseURL)) return null;
    const { url } = this;
    return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
  }

  /** The base URL, parsed. Throws if it is not a URL. */
  get url() {
    return new URL(this.baseURL);
  }

  /** Whether the base URL is on OpenRouter's host, rather than that of another service with the same API. */
  get isOpenRouter() {
    return URL.canParse(this.baseURL) && this.url.host === new URL(DEFAULT_BASE_URL).host;
  }

  /** Options for a client of this service: no retries, and short timeouts. */
  get options() {
    const timeouts = { connect: LIMIT_MS, headers: LIMIT_MS, idle: LIMIT_MS };
    return { ...this.#service.options, maxRetries: 0, timeouts, logger: false };
  }

  /** The proxy that applies to the API, as a URL without user and password, or null. Throws if a variable is invalid. */
  get proxy() {
    const { errorFrom } = require('../../lib/errors.js');
    const native = require('../../lib/bridge/native.js');
    const { environment } = require('../../lib/options.js');
    const found = JSON.parse(native.proxyFor(this.baseURL, environment()));
    if (found !== null && typeof found === 'object') throw errorFrom(found);
    return found === null ? null : new URL(found);
  }

  /** The host and port that a connection is made to: those of the proxy, or of the API. */
  get firstHop() {
    const url = this.proxy ?? this.url;
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || PORTS[url.protocol] };
  }

  /**
   * Requests the model list once, without the key. Several checks use the outcome: the code of the error shows whether the
   * proxy, TLS or the API failed.
   * @returns {Promise<{ models?: object[], error?: Error }>}
   */
  probe() {
    this.#probe ??= keyless({ options: this.options })
      .getModels(true)
      .then((models) => ({ models }), (error) => ({ error }));
    return this.#probe;
  }

  /** Sends a GET request without a key to a path below the base URL. Resolves to the response. */
  fetch(path) {
    return this.#get(`${this.baseURL.replace(/\/+$/, '')}${path}`);
  }

  /**
   * Looks for the API on the same host, at the addresses that are often meant by a base URL which is not its own. Resolves to
   * the first that lists models, or to null.
   */
  async findAPI() {
    const { origin, pathname } = this.url;
    const path = pathname.replace(/\/+$/, '');
    const above = path.replace(/\/(chat\/completions|completions|models|v1|api)$/, '');
    const candidates = [`${path}/v1`, `${path}/api/v1`, above, `${above}/v1`, `${above}/api/v1`];
    for (const candidate of new Set(candidates.filter((one) => one !== path).map((one) => `${origin}${one}`))) {
      if (await this.#listsModels(candidate)) return candidate;
    }
    return null;
  }

  async #listsModels(baseURL) {
    try {
      const response = await this.#get(`${baseURL}/models`);
      const body = await response.json();
      return response.ok && Array.isArray(body?.data);
    } catch {
      return false;
    }
  }

  #get(url) {
    const { createFetch } = require('../..');
    return createFetch()(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  }
}

module.exports = { DEFAULT_BASE_URL, LIMIT_MS, Subject };
