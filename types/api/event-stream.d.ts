/// <reference lib="esnext.disposable" />

import type { Fallback, StreamIterator, StreamMetrics } from '../stream.js';

/** An event of a stream, with its name; `null` if it has none. */
export interface NamedEvent {
  event: string | null;
  data: { [field: string]: unknown };
}

/**
 * A stream of events. It has one reader: a loop over the events, over `text()` or over `body`. Leaving the loop closes the
 * request. A failure rejects the reads; `error.partial` has what had arrived.
 */
export interface EventStream<Event = NamedEvent, Answer = unknown> extends AsyncIterable<Event> {
  /** The id of the answer; `null` until it is known, like the others. */
  readonly id: string | null;
  /** The id for {@link OpenRouterClient.getGeneration}, from the header `X-Generation-Id`. */
  readonly generationId: string | null;
  /** The model that the request named. */
  readonly requestedModel: string | null;
  /** The model that answered. */
  readonly model: string | null;
  readonly provider: string | null;
  /** As the API sends it. */
  readonly usage: { [field: string]: unknown; cost?: number } | null;
  /** What OpenRouter charged, in USD. */
  readonly cost: number | null;
  /** The cost with the bill of your own provider key, in USD. */
  readonly totalCost: number | null;
  readonly fallback: Fallback | null;
  readonly metrics: Omit<StreamMetrics, 'tokensPerSecond'>;
  /** The answer so far, in the shape of one that is not streamed. */
  readonly partial: Answer;
  /** The bytes, as they arrive. */
  readonly body: ReadableStream<Uint8Array>;

  /** Yields each event. */
  [Symbol.asyncIterator](): StreamIterator<Event>;
  /** Yields the text only, in pieces. */
  text(): StreamIterator<string>;
  /** Returns {@link EventStream.body}. */
  toReadableStream(): ReadableStream<Uint8Array>;
  /** Resolves to the whole answer at the end. Without a reader the stream is read for it. */
  final(): Promise<Answer>;
  /** Closes the request. What arrived before is still delivered, then the error. */
  abort(reason?: unknown): void;
  /** Ends the delivery and closes the request. Resolves to the usage, if it has come. */
  stop(): Promise<{ [field: string]: unknown; cost?: number } | null>;
  /** Ends the stream at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}
