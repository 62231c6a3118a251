import { t } from './texts.js';

/** The path at which the servers of the examples have their handler. */
const DEFAULT_BASE = '/api/openrouter';

/** A failure that the elements show. `message` is a sentence for the user. */
export class ApiError extends Error {
  /** @param {{ message: string, status?: number, code?: string, cause?: unknown }} facts */
  constructor({ message, status = null, code = null, cause }) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** Paths are compared without the slash at their end. */
const pathOf = (base) => (base || DEFAULT_BASE).replace(/\/+$/, '');

/** How requests are sent, by base path. A page that loads this module twice has the elements of one copy, so the copies share this. */
const settings = (globalThis[Symbol.for('openrouter-native.ui.settings')] ??= new Map());
const apis = new Map();

/**
 * Sets how the elements with a base path send their requests: with headers of a session, or by a `fetch` of the application.
 * @param {{ base?: string, headers?: object | (() => object | Promise<object>), fetch?: typeof fetch }} given
 */
export function configure({ base, headers, fetch: own }) {
  settings.set(pathOf(base), { headers, fetch: own });
}

/** Returns the one API of a base path, so that all elements of a page share its lists. */
export function apiOf(base) {
  const path = pathOf(base);
  if (!apis.has(path)) apis.set(path, new Api(path));
  return apis.get(path);
}

/** The endpoints of a handler, as `openrouter-native/handler` has them. It never sees a key. */
class Api {
  #base;
  /** The lists that were asked for, by address. A failure is not kept. */
  #lists = new Map();

  constructor(base) {
    this.#base = base;
  }

  credits(isForced = false) {
    return this.#json(`/credits${isForced ? '?force=true' : ''}`);
  }

  /** The models; with `zdr` only those that some provider serves with zero retention. */
  models({ zdr = false, force = false } = {}) {
    return this.#list(`/models${zdr ? '?zdr=true' : ''}`, force);
  }

  endpoints(model) {
    return this.#list(`/models/endpoints?model=${encodeURIComponent(model)}`);
  }

  providers(force = false) {
    return this.#list('/providers', force);
  }

  async generation(id) {
    return (await this.#json(`/generation?id=${encodeURIComponent(id)}`)).data;
  }

  /** Sends a chat. Resolves to the response whose body is JSON or an event stream; rejects with an `ApiError` for a failure. */
  chat(params, signal) {
    return this.#send('/chat/completions', { method: 'POST', body: JSON.stringify(params), signal, headers: { 'Content-Type': 'application/json' } });
  }

  #list(path, isForced) {
    if (isForced) this.#lists.delete(path);
    if (!this.#lists.has(path)) {
      const list = this.#json(path).then(({ data }) => data);
      this.#lists.set(path, list);
      list.catch(() => this.#lists.delete(path));
    }
    return this.#lists.get(path);
  }

  async #json(path) {
    const response = await this.#send(path);
    try {
      return await response.json();
    } catch (cause) {
      throw new ApiError({ message: t('error.answer', { status: response.status }), status: response.status, cause });
    }
  }

  async #send(path, init = {}) {
    const { headers, fetch: own } = settings.get(this.#base) ?? {};
    const more = typeof headers === 'function' ? await headers() : headers;
    let response;
    try {
      response = await (own ?? fetch)(`${this.#base}${path}`, { ...init, headers: { Accept: 'application/json', ...init.headers, ...more } });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new ApiError({ message: t('error.network'), code: 'connection_failed', cause });
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }
}

/** Reads the error of a response, which has OpenRouter's shape if the handler sent it. */
async function failureOf(response) {
  const { status } = response;
  const body = await response.json().catch(() => null);
  return errorOf(body?.error, { status, message: t('error.answer', { status }) });
}

/** What ends an answer in the middle. The messages of the server about it are for programmers. */
const BREAKS = ['connection_reset', 'stream_truncated'];

/** Makes an `ApiError` of an `error` in OpenRouter's shape. */
export function errorOf(error, { status = null, message } = {}) {
  const code = error?.metadata?.code ?? null;
  const text = BREAKS.includes(code) ? t('error.truncated') : typeof error === 'string' ? error : error?.message;
  return new ApiError({ message: text || message || t('message.error'), status: Number.isInteger(error?.code) ? error.code : status, code });
}
