/// <reference lib="esnext.disposable" />

import type { ChatCompletionChunk } from './chunk.js';
import type { OpenRouterClient } from './client.js';
import type { Attempt, FinalCompletion, FinishReason, PartialCompletion, Usage } from './completion.js';
import type { OpenRouterError } from './errors.js';

/** Measurements of a stream. Times are in milliseconds since the call began. */
export interface StreamMetrics {
  /** When the response headers arrived. */
  headersMs: number;
  /** When the first token arrived; `null` until then. */
  firstTokenMs: number | null;
  /** When the stream ended; the time until now if it has not ended. */
  durationMs: number;
  /** The tokens of the answer per second since the first token; `null` until the usage has arrived. */
  tokensPerSecond: number | null;
  /** The size of the body received so far, in bytes after decompression. */
  bytes: number;
  /** The number of data events received so far. */
  events: number;
}

/** A fallback: another model than the first one answered. */
export interface Fallback {
  /** The id of the model that was tried first. */
  from: string;
  /** The id of the model that answered. */
  to: string;
  /** Why the first model failed; `null` if the API did not say. */
  reason: string | null;
  /** The known attempts, in order. May be empty. */
  attempts: Attempt[];
}

/** A change of the answering model between two turns of a conversation. */
export interface ModelSwitch {
  /** The id of the model that answered the client's last completion. */
  from: string;
  /** The id of the model that answers now. */
  to: string;
}

/** The events of a stream, with the arguments that their listeners receive. */
export interface StreamEvents {
  /** The id of the answering model became known. */
  model: [model: string];
  /** A piece of the content arrived. */
  content: [text: string];
  /** A piece of the reasoning arrived. */
  reasoning: [text: string];
  /** A fallback model answers. */
  fallback: [fallback: Fallback];
  /** The usage arrived. */
  usage: [usage: Usage];
  /** The stream ended successfully, and everything was delivered. */
  end: [];
  /** The stream failed. A listener is optional, because a read and `finalCompletion()` reject with the same error. */
  error: [error: OpenRouterError];
}

/**
 * The async iterator that reads a stream. `return()` and `throw()` close the request, and so do `break` in a `for await`
 * loop and the end of an `await using` block.
 */
export interface StreamIterator<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  return(value?: any): Promise<IteratorResult<T, any>>;
  throw(error?: any): Promise<IteratorResult<T, any>>;
  [Symbol.asyncIterator](): StreamIterator<T>;
}

/**
 * A chat completion that is being streamed.
 *
 * The stream starts when it is read, or when `onProgress`, a `content` or `end` listener, or `finalCompletion()` needs it.
 * Until then at most 64 KiB are read ahead, and the server has to wait. The stream is read no faster than its consumer takes
 * the data.
 *
 * A stream has one consumer: iterating it, `text()` and `body` exclude each other, and a second consumer throws an
 * {@link OpenRouterError} with the code `invalid_request`. Listeners can be combined with a consumer that begins to read in
 * the same turn of the event loop.
 *
 * A failure rejects one read, after all events that arrived before it were delivered; `error.partial` then has the
 * incomplete answer. A stream that is garbage-collected closes its connection.
 *
 * The properties can be read at any time, also after an error or an abort. They are `null` until their value is known.
 */
export class ChatCompletionStream implements AsyncIterable<ChatCompletionChunk>, AsyncDisposable {
  private constructor();

  /** The id of the completion. */
  get id(): string | null;
  /**
   * The id for {@link OpenRouterClient.getGeneration}, from the response header `X-Generation-Id`. It is known from the
   * start; `null` if the API did not send it.
   */
  get generationId(): string | null;
  /** The id of the model that the caller named. */
  get requestedModel(): string;
  /** The id of the model that answers: the first model that the stream names and that is not a router. */
  get model(): string | null;
  /** The display name of the provider that answers. */
  get provider(): string | null;
  /** The tokens and the cost. */
  get usage(): Usage | null;
  /** The amount that OpenRouter charged, in USD: `usage.cost`. */
  get cost(): number | null;
  /** `cost`, plus the provider's own charge if a provider key of your own was used, in USD. */
  get totalCost(): number | null;
  /** Why the model stopped. */
  get finishReason(): FinishReason | null;
  /** The fallback that took place; `null` if there was none. */
  get fallback(): Fallback | null;
  /**
   * The change of model, if another model answers than the one of the client's last completion (`client.actualModelUsed`
   * when this call began); else `null`. A chat can show it to its user. If you create a new client for each turn, set its
   * `actualModelUsed` to the model of the last turn before the call.
   */
  get modelSwitch(): ModelSwitch | null;
  /** The measurements so far. */
  get metrics(): StreamMetrics;
  /** The completion so far. */
  get partial(): PartialCompletion;
  /**
   * The bytes of the event stream (SSE) as the API sent them, to be piped into an HTTP response. Reading them makes you the
   * one consumer of the stream. After an event that reports a failure no more bytes follow, not even a `[DONE]` that the API
   * sent.
   */
  get body(): ReadableStream<Uint8Array>;

  /** Returns {@link body}. */
  toReadableStream(): ReadableStream<Uint8Array>;

  /** Iterates over the data events, in order, as plain objects that also have the fields that this version does not know. */
  [Symbol.asyncIterator](): StreamIterator<ChatCompletionChunk>;

  /** Iterates over the content as strings, without the rest of the events. This is the fastest way to read the text. */
  text(): StreamIterator<string>;

  /**
   * Returns several readers of the chunks, as the one reader of this stream. Each gets every chunk; the chunks are the same
   * objects. The stream is read as fast as the slowest reader reads: the fastest is at most 1,024 chunks ahead, and waits
   * then. If another reader has not even begun, the fastest fails instead (`invalid_request`). The request is closed when all
   * readers have left.
   *
   * @param count How many readers. Default 2.
   */
  tee(count?: number): Array<StreamIterator<ChatCompletionChunk>>;

  /**
   * Adds a listener. Listeners that are added as soon as the promise of `chatCompletion` resolves miss no event. An
   * exception in a listener is ignored and does not affect the stream.
   */
  on<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** Adds a listener that is called at most once. */
  once<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** Removes a listener. */
  off<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;

  /**
   * Waits for the end of the stream and returns the whole completion, in the shape of a completion that was not streamed.
   * Each tool call is in it once. Its message can be sent back as history.
   *
   * @throws {OpenRouterError} The promise rejects if the stream fails, is aborted, or is left before its end.
   */
  finalCompletion(): Promise<FinalCompletion>;

  /**
   * Aborts the stream and closes the request. Data that arrived before is still delivered, then reads reject with an
   * `AbortError` whose `cause` is `reason`.
   */
  abort(reason?: unknown): void;

  /**
   * Ends the delivery and closes the request. With `drain: true` the rest of the stream is read without being delivered, so
   * that the usage becomes known, for example to bill an answer that the user stopped.
   *
   * @returns The usage; `null` if it has not arrived.
   * @throws {OpenRouterError} The promise rejects if a stream fails while it is drained.
   */
  stop(options?: { drain?: boolean | undefined }): Promise<Usage | null>;

  /** Ends the delivery and closes the request, as `stop()` does. */
  [Symbol.asyncDispose](): Promise<void>;
}
