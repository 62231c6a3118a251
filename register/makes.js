'use strict';

// Other makes of `fetch` than Node's have classes of their own for requests, bodies and responses. Their own `Request` reads the
// arguments, so that all that they accept is accepted here.

/** Whether arguments are such that every make of `fetch` takes them. */
function isPlain(input, init) {
  const { body } = init ?? {};
  const isPlainBody = body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;
  return isPlainBody && (typeof input === 'string' || input instanceof URL);
}

/** For undici's own `fetch`, whose requests and bodies are not those of Node's copy of undici. */
function forUndici({ Request }) {
  return async (send, input, init) => {
    if (isPlain(input, init)) return send(input, init);
    const { url, method, headers, body, redirect, signal } = new Request(input, init);
    return send(url, { method, headers: [...headers], body, redirect, signal, duplex: 'half' });
  };
}

/** For node-fetch 2, whose bodies are Node's streams. */
function forNodeFetch({ Request, Response, FetchError, AbortError }) {
  return async (send, input, init) => {
    const { url, method, headers, body, redirect, signal, timeout, size } = new Request(input, init);
    const limits = [signal, timeout > 0 ? AbortSignal.timeout(timeout) : null].filter(Boolean);
    const limit = limits.length > 1 ? AbortSignal.any(limits) : limits[0];
    try {
      const response = await send(url, { method, headers: [...headers], body, redirect, signal: limit, duplex: 'half' });
      const answer = response.body === null ? null : require('node:stream').Readable.fromWeb(response.body);
      const { status, statusText } = response;
      return new Response(answer, { url: response.url, status, statusText, headers: [...response.headers], size, timeout });
    } catch (error) {
      if (signal?.aborted) throw new AbortError('The user aborted a request.');
      if (limit?.aborted) throw new FetchError(`network timeout at: ${url}`, 'request-timeout');
      throw new FetchError(`request to ${url} failed, reason: ${error.cause?.message ?? error.message}`, 'system', error.cause);
    }
  };
}

module.exports = { forNodeFetch, forUndici };
