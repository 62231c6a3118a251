/// <reference lib="esnext.disposable" />

import type { Model } from '../index.js';
import type { Directives, EmulatedErrorKind, EmulatedToolCall } from './directives.js';

export type { Directives, EmulatedErrorKind, EmulatedToolCall };

/**
 * Starts a server on the loopback interface that answers like OpenRouter's HTTP API. It runs no model: the same question always
 * gets the same canned answer, unless a scenario, a script or a function says what to answer.
 *
 * @example
 * ```js
 * const emulator = await startEmulator({ scenarios: { 'openai/gpt-5-mini': { text: 'Hello' }, 'x-ai/grok-4': { errorAt: 5 } } });
 * const client = new OpenRouterClient(emulator.apiKey, { baseURL: emulator.baseURL });
 * ```
 */
export function startEmulator(options?: EmulatorOptions): Promise<Emulator>;

/** An answer: a text, or what it should be and what should go wrong with it. */
export type Answer = string | Directives;

/** A function that makes an answer. Without one (`undefined`), the emulator answers as if the function were not there. */
export type Responder = (request: EmulatorRequest) => Answer | null | undefined | Promise<Answer | null | undefined>;

/** A model to list: its id, or some fields of it. What is missing is that of the built-in model, or made up. */
export type EmulatedModel =
  | string
  | ({
    readonly id: string;
    /** The prices at providers where they differ from those of the model; `tag` is the slug of a provider. */
    readonly endpoints?: ReadonlyArray<{ readonly tag: string; readonly pricing: Readonly<Record<string, string>> }> | undefined;
  } & { readonly [Field in keyof Model]?: Model[Field] extends object ? Partial<Model[Field]> : Model[Field] });

/** The options of {@link startEmulator}. An unknown one is refused. */
export interface EmulatorOptions {
  /** The port to listen on. Default 0: a free one. */
  port?: number | undefined;
  /** A loopback address. Default `127.0.0.1`. */
  host?: '127.0.0.1' | '::1' | 'localhost' | undefined;
  /** The only key, or keys, that are accepted. Default: every key that begins with `sk-or-`. */
  key?: string | readonly string[] | undefined;
  /** Credits of the account, in USD. Default 10. */
  credits?: number | undefined;
  /** The models that exist, in place of the built-in ones. The routers, and models with a scenario, exist in any case. */
  models?: readonly EmulatedModel[] | undefined;
  /**
   * The answers of models, by the id that a request names; `*` stands for any characters. A model whose scenario is an error
   * `status` leaves the next model of the request to answer, as at OpenRouter. A scenario with `toolCalls` and `text` calls the
   * tools first, and says the text after their results.
   */
  scenarios?: { readonly [model: string]: Answer | Responder } | undefined;
  /** Directives for every request, as an object or as a text such as `gap=15; eol=crlf`. What is more particular wins. */
  directives?: Directives | string | undefined;
  /** Makes generation ids the same in each run, and chooses the canned sentences. */
  seed?: number | string | undefined;
  /** `false` keeps the process alive until the emulator is closed. Default `true`: only while a request is being answered. */
  unref?: boolean | undefined;
  /** Shows keys in the records of requests, where `[REDACTED]` stands by default. */
  showKeys?: boolean | undefined;
  /** How long an idle connection stays open, in milliseconds. Default 60 000. */
  keepAliveTimeout?: number | undefined;
  /** How many requests, and how many generations, are kept. Default 10 000. */
  recordLimit?: number | undefined;
}

/** A request that the emulator received, and what became of it. The fields about the response change while it is sent. */
export interface EmulatorRequest {
  readonly method: string;
  /** The path, such as `/api/v1/chat/completions`, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The headers by their names in lower case. Keys in them are `[REDACTED]`, as in `Bearer [REDACTED]`. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The SHA-256 digest of the key in hex, by which OpenRouter's management API knows it. `null`: the request had none. */
  readonly keyDigest: string | null;
  /** The parsed JSON body of a POST request. */
  readonly body: any;
  /** The body as it came. */
  readonly rawBody: string;
  /** The text of the last user message, without lines `/emulate`. */
  readonly prompt: string;
  /** The directives in force, by camelCase name. */
  readonly directives: Directives;
  /** The number of the TCP connection that it came on, counted from 1. */
  readonly connectionId: number;
  /** When the request came, in milliseconds since 1970. */
  readonly startedAt: number;
  /** When the response ended or the connection closed. */
  readonly closedAt: number | null;
  /** Which side ended it. `client`: it was aborted. */
  readonly closedBy: 'client' | 'server' | null;
  /** Whether the whole response was sent. */
  readonly finished: boolean;
  /** The status that was answered. */
  readonly status: number | null;
  /** How many bytes of the body were sent. */
  readonly bytesWritten: number;
  /** How many content deltas were sent. */
  readonly deltas: number;
  /** The id of the answer. */
  readonly generationId: string | null;
  /** Resolves when the request has ended. */
  readonly closed: Promise<{ readonly by: 'client' | 'server'; readonly at: number; readonly bytesWritten: number }>;
}

/** A running emulator. */
export interface Emulator {
  /** The origin, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The base URL for a client: `url` with `/api/v1`. */
  readonly baseURL: string;
  readonly port: number;
  /** A key that is accepted. */
  readonly apiKey: string;
  /** The requests, oldest first. The array stays the same one. */
  readonly requests: readonly EmulatorRequest[];
  /** How many answers of the script have not been given. */
  readonly answersLeft: number;
  /** How many TCP connections were accepted so far. */
  readonly connections: number;
  /** How many TCP connections are open now. */
  readonly openConnections: number;
  /** The account that all keys share, in USD. */
  readonly account: { readonly credits: number; readonly usage: number };

  /**
   * Answers the next POST requests with these, in order. A request after the last answer gets a 500, whose message says that the
   * script has no answer left, and whose header `x-should-retry: false` keeps SDKs from retrying. `null` ends the script. {@link reset} does that as well.
   */
  script(answers: ReadonlyArray<Answer | Responder> | null): void;
  /**
   * Asks this function for the answer to each request that no script answers, also to GET requests, if its endpoint exists and
   * its key is accepted. `null` ends that.
   */
  respond(responder: Responder | null): void;
  /**
   * Resolves to the oldest request that no earlier call got, or to the next one that arrives.
   * @param options `timeout`: after how many milliseconds it rejects, 5000 by default; `signal`: ends the wait
   */
  nextRequest(options?: { timeout?: number | undefined; signal?: AbortSignal | undefined }): Promise<EmulatorRequest>;
  /** Resolves to the first past or future request for which the function returns true. Rejects after the timeout. */
  waitForRequest(predicate?: (request: EmulatorRequest) => boolean, timeoutMs?: number): Promise<EmulatorRequest>;
  /** Forgets the requests. */
  clear(): void;
  /** Forgets the requests, the script, the function of {@link respond}, the generations, the usage, and the counts of `times`. */
  reset(): void;
  /** Closes the server and all connections, also those of open streams. Resolves when the port is free. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  /** `request`: one has arrived; `closed`: one has ended; `connection`: one was accepted, with its number. */
  on(event: 'request' | 'closed', listener: (request: EmulatorRequest) => void): this;
  on(event: 'connection', listener: (connectionId: number) => void): this;
  once(event: 'request' | 'closed', listener: (request: EmulatorRequest) => void): this;
  once(event: 'connection', listener: (connectionId: number) => void): this;
  off(event: 'request' | 'closed', listener: (request: EmulatorRequest) => void): this;
  off(event: 'connection', listener: (connectionId: number) => void): this;
}
