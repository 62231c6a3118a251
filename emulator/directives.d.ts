/** A tool call of an answer. */
export interface EmulatedToolCall {
  /** The name of the function. */
  readonly name: string;
  /** The arguments: an object, or a text, which may be broken JSON. Default: none. */
  readonly arguments?: object | string | undefined;
  /** Default: `call_emulator_1` and so on, unique within the conversation. */
  readonly id?: string | undefined;
}

/** An error status that has several kinds of error, see the table in the README. Statuses without a table have one. */
export type EmulatedErrorKind =
  | 'invalid-request' | 'context' | 'max-tokens' | 'upstream'
  | 'unknown-key' | 'no-key' | 'disabled'
  | 'credits' | 'weight' | 'in-flight' | 'key-limit'
  | 'permission' | 'moderation' | 'guardrail' | 'content-policy'
  | 'no-endpoints' | 'data-policy' | 'tools' | 'providers'
  | 'retry-after' | 'body' | 'seconds' | 'headers' | 'daily' | 'date' | 'bare'
  | 'provider' | 'raw-json' | 'raw-object' | 'raw-html' | 'previous'
  | 'html' | 'empty' | 'truncated' | 'text' | 'string-code' | 'null-metadata' | 'string-error' | 'echo-key'
  | (string & {});

/**
 * What an answer should be, and what should go wrong with it. The same names can stand in a request: in its field `emulator`,
 * in its header `X-Emulator`, or in a line `/emulate` of its last message. There they may also be written `error-at`.
 *
 * A number of deltas is a number of pieces of content; with 0 a fault comes before the first event, with more than the answer
 * has right before its end. In an answer that is not streamed, `cut` and `stall` count bytes. Times are in milliseconds.
 */
export interface Directives {
  // ------------------------------------------------------------------------------------------------ the answer
  /** Exactly this text; an object becomes its JSON. */
  text?: string | object | undefined;
  /** The text of the reasoning. With `''` the model does not reason. */
  reasoning?: string | undefined;
  /** The tools that the answer calls. With `text` beside it, the answer has both, but see {@link EmulatorOptions.scenarios}. */
  toolCalls?: readonly EmulatedToolCall[] | undefined;
  /** Figures of `usage`, in place of the computed ones. The total follows from them. */
  usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number; readonly [field: string]: unknown } | undefined;
  /** The cost in USD. Default: by the prices of the model. */
  cost?: number | undefined;
  /** Bills as for a provider key of the account's own. */
  byok?: boolean | undefined;
  /** The finish reason. */
  finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | (string & {}) | undefined;
  /** Answers with a refusal. */
  refusal?: boolean | undefined;
  /** The model that answers. It must be one of the emulator's. */
  model?: string | undefined;
  /** The display name of the provider that answers. */
  provider?: string | undefined;
  /** How many tool calls the answer makes; with 0 it is text. Default: as many as the question asks for. */
  calls?: number | undefined;
  /** Streams tool calls with a quirk that some provider has. */
  toolQuirk?:
    | 'no-index' | 'id-repeated' | 'empty-id' | 'null-fields' | 'first-index-1' | 'same-index' | 'interleaved' | 'args-first'
    | 'args-empty' | 'args-object' | 'trailing' | 'finish-stop' | 'finish-without-calls' | 'function-call' | undefined;
  /** The fields that carry the reasoning. */
  reasoningStyle?: 'standard' | 'reasoning' | 'reasoning_content' | 'details' | 'all' | undefined;
  /** Adds an image of this many bytes. */
  imageSize?: number | undefined;
  /** Chooses other canned sentences. */
  seed?: string | number | undefined;
  /** Exactly this many content deltas. */
  chunks?: number | undefined;
  /** Sends each UTF-16 code unit in a delta of its own. */
  surrogates?: boolean | undefined;

  // ------------------------------------------------------------------------------------------------ errors
  /** Answers with this status. */
  status?: number | undefined;
  /** The kind of error of that status. */
  kind?: EmulatedErrorKind | undefined;
  /** The error's message, in place of that of its kind. */
  message?: string | undefined;
  /** The error's `metadata`, in place of that of its kind. */
  metadata?: object | undefined;
  /** The value of `Retry-After`, in seconds or as a date. */
  retryAfter?: number | string | undefined;
  /** Milliseconds from now until the rate limit resets. */
  reset?: number | undefined;
  /** Adds a `Location` header. */
  location?: string | undefined;
  /** Only the first so many requests with this `id` get the faults; the others get a good answer. */
  times?: number | undefined;
  /** Which requests `times` counts together. */
  id?: string | undefined;
  /** These models fail (`*`: all), so that the next of the request's `models` answers. */
  fail?: string | readonly string[] | undefined;
  /** The status of `fail`. Default 503. */
  failStatus?: number | undefined;
  /** The kind of `fail`. */
  failKind?: EmulatedErrorKind | undefined;
  /** Sends an error event after this many deltas. */
  errorAt?: number | undefined;
  /** The status code in that event. Default 502. */
  errorCode?: number | undefined;
  /** The shape of that event. */
  errorShape?: 'object' | 'bare' | 'string-code' | 'finish' | 'choice' | 'choices-empty' | undefined;
  /** Sends `[DONE]` after that event. */
  errorDone?: boolean | undefined;
  /** A 200 whose body is a failure. */
  errorIn200?: true | 'top' | 'choice-error' | 'choices-null' | undefined;
  /** Sends an event that is not JSON after this many deltas. */
  garbage?: number | undefined;
  /** What that event is. */
  garbageHow?: 'text' | 'truncated' | 'glued' | undefined;

  // ------------------------------------------------------------------------------------------------ pace and connection
  /** Waits before the headers. */
  delay?: number | undefined;
  /** Waits before the first token. */
  firstDelay?: number | undefined;
  /** Waits between deltas, or between paddings. */
  gap?: number | undefined;
  /** Sends nothing more after this many deltas, and waits until the client closes the connection. */
  stall?: number | undefined;
  /** Ends the connection after this many deltas. */
  cut?: number | undefined;
  /** How `cut` ends it: by a FIN, a reset, within an HTTP chunk, or with a proper end of the HTTP body. */
  cutHow?: 'fin' | 'reset' | 'half-chunk' | 'clean' | undefined;
  /** Ends the connection without a response; `reused`: only if it has served a request before. */
  drop?: true | 'fin' | 'reset' | 'reused' | undefined;
  /** Closes the idle connection this long after the response. */
  hangup?: number | undefined;
  /** Keeps the connection open after the end of the stream. */
  hold?: boolean | undefined;

  // ------------------------------------------------------------------------------------------------ bytes
  /** Headers of the response, beside the usual ones or in place of them. */
  headers?: Readonly<Record<string, string | number>> | undefined;
  /** Exactly this body; an object becomes its JSON. */
  raw?: string | object | undefined;
  /** Exactly this body, in base64. */
  rawBytes?: string | undefined;
  /** Compresses the body, and flushes after each event. */
  encoding?: 'gzip' | 'br' | 'deflate' | 'zstd' | 'identity' | undefined;
  /** Sends the body in pieces of this many bytes. */
  split?: number | undefined;
  /** In bodies that are not streams: this many lines of white space come first, `gap` apart. */
  pad?: number | undefined;
  /** Sends only those lines. */
  padonly?: boolean | undefined;
  /** The line ends of events. */
  eol?: 'lf' | 'crlf' | 'cr' | undefined;
  /** Sends a byte order mark first. */
  bom?: boolean | undefined;
  /** How events are written. */
  frame?: 'plain' | 'no-space' | 'multi-line' | 'named' | undefined;
  /** How many comments come first. Default 3. */
  processing?: number | undefined;
  /** Sends a comment every so many milliseconds during waits and stalls. */
  comments?: number | undefined;
  /** Sends a comment after every so many deltas, and after `[DONE]`. */
  commentsEvery?: number | undefined;
  /** Sends comments as data events. */
  rewrap?: boolean | undefined;
  /** Leaves `[DONE]` out. */
  noDone?: boolean | undefined;
  /** Answers a request for a stream with a completion that is not streamed. */
  json?: boolean | undefined;
  /** The first so many chunks carry the requested model instead of the one that answers. */
  lateModel?: number | undefined;
  /** Sends no usage. */
  noUsage?: boolean | undefined;
  /** Where the usage comes. Default: in a chunk after the finish chunk. */
  usageAt?: 'after' | 'before' | 'with' | 'after-done' | undefined;
  /** The chunk with the usage. */
  usageShape?: 'repeat' | 'choices-empty' | 'choices-null' | 'choices-missing' | undefined;
  /** Sends a usage of `null` or zeros with each chunk. */
  usageNoise?: 'null' | 'zeros' | undefined;

  // ------------------------------------------------------------------------------------------------ other endpoints
  /** What `GET /credits` answers. */
  credits?: '403' | 'zeros' | '500' | undefined;
  /** What `GET /key` answers. */
  key?: 'limit' | 'no-limit' | 'free' | '401' | '403' | '500' | undefined;
  /** What `GET /models` answers. */
  models?: 'empty' | 'null' | '500' | undefined;
  /** `GET /generation` answers 404 this many times. */
  pending?: number | undefined;
}
