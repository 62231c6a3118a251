'use strict';

const { keyless } = require('../keyless.js');

/** How long a check waits: who asks a doctor has waited long enough. */
const LIMIT_MS = 15_000;
const DEFAULT_BASE_URL = 'https://openrouter.ai/api/v1';
/** Ports of proxies that name none. */
const PORTS = { 'http:': 80, 'https:': 443, 'socks5:': 1080, 'socks5h:': 1080 };

/** What the checks look at, with what they share of it. */
class Site {
  #service;
  #probe;

  /** @param {{ service: object, env: NodeJS.ProcessEnv }} of */
  constructor({ service, env }) {
    this.#service = service;
    this.env = env;
  }

  get apiKey() {
    return this.#service.apiKey;
  }

  get isEmulator() {
    return this.#service.isEmulator;
  }

  /** The API's address as it was given. */
  get baseURL() {
    return this.#service.options.baseURL ?? (this.env.OPENROUTER_BASE_URL?.trim() || DEFAULT_BASE_URL);
  }

  /** That address as it may be shown: a URL in the wrong place may hold a password, and what is none anything. */
  get shownURL() {
    if (!URL.canParse(this.baseURL)) return null;
    const { url } = this;
    return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
  }

  /** Throws where it is none. */
  get url() {
    return new URL(this.baseURL);
  }

  /** Whether that is OpenRouter itself, and no other service behind the same API. */
  get isOpenRouter() {
    return URL.canParse(this.baseURL) && this.url.host === new URL(DEFAULT_BASE_URL).host;
  }

  /** Options of a client for it, whose waits have an end. */
  get options() {
    const timeouts = { connect: LIMIT_MS, headers: LIMIT_MS, idle: LIMIT_MS };
    return { ...this.#service.options, maxRetries: 0, timeouts, logger: false };
  }

  /** The proxy in force for the API, as a URL without user and password, or null. Throws where a variable holds none. */
  get proxy() {
    const { errorFrom } = require('../../lib/errors.js');
    const native = require('../../lib/bridge/native.js');
    const { environment } = require('../../lib/options.js');
    const found = JSON.parse(native.proxyFor(this.baseURL, environment()));
    if (found !== null && typeof found === 'object') throw errorFrom(found);
    return found === null ? null : new URL(found);
  }

  /** Whom connections are made with first: the proxy, or the API. */
  get firstHop() {
    const url = this.proxy ?? this.url;
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || PORTS[url.protocol] };
  }

  /**
   * The models, asked of the API once, without the key: whether that works, and why not, tells of everything on the way.
   * @returns {Promise<{ models?: object[], error?: Error }>}
   */
  probe() {
    this.#probe ??= keyless({ options: this.options })
      .getModels(true)
      .then((models) => ({ models }), (error) => ({ error }));
    return this.#probe;
  }

  /** Asks for something that needs no key. */
  fetch(path) {
    const { createFetch } = require('../..');
    return createFetch()(`${this.baseURL.replace(/\/+$/, '')}${path}`, { signal: AbortSignal.timeout(LIMIT_MS) });
  }
}

module.exports = { DEFAULT_BASE_URL, LIMIT_MS, Site };
