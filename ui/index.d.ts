/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import type { CreditsAnswer } from '../adapters/handler/types.js';
import type { Attempt, ChatCompletion, ModelInfo, ProviderPreferences, Usage } from '../index.js';

/** What all elements have. They update themselves after a change of a property; `updateComplete` resolves when that is drawn. */
export class OpenRouterElement extends HTMLElement {
  /** The base path of the handler or router. Attribute `base`; default `/api/openrouter`. */
  base: string;
  readonly updateComplete: Promise<boolean>;
}

/** `<openrouter-credits>`: the balance in green, yellow or red. A click refreshes it. */
export class OpenRouterCredits extends OpenRouterElement {
  /** Also shows what was used and bought, and when that was asked. Attribute `details`. */
  details: boolean;
  /** After how many minutes the balance is asked again; 0 for never. Attribute `refresh`; default 5. */
  refresh: number;
  /** What the server answered; `null` until then. */
  credits: CreditsAnswer | null;
  /** Asks for the balance; with `force` past the cache of the server. Never rejects. */
  load(force?: boolean): Promise<void>;
}

/** The order of a list of models. */
export type ModelSort = 'default' | 'price' | 'context' | 'newest';

/** `<openrouter-models>`: a picker. */
export class OpenRouterModels extends OpenRouterElement {
  /** The id of the chosen model. Attribute `value`. */
  value: string;
  /** Attribute `sort`. */
  sort: ModelSort;
  /** `tools` warns of a model that cannot call tools. Attribute `needs`. */
  needs: '' | 'tools';
  /** Shows the list at once, without a button. Attribute `inline`. */
  inline: boolean;
  /** The name of the picker, and with `adds` the text of its button. Attribute `label`. */
  label: string;
  /** The picker adds to a list: it keeps no value. Attribute `adds`. */
  adds: boolean;
  /** Loads the models; with `force` anew. Never rejects. */
  load(force?: boolean): Promise<void>;
  open(): Promise<void>;
  close(): void;
}

/** `<openrouter-toggles>`: the auto router and zero retention. */
export class OpenRouterToggles extends OpenRouterElement {
  /** Attribute `auto-router`. */
  autoRouter: boolean;
  /** Attribute `zdr`. */
  zdr: boolean;
}

/** What a test of a chain found for a model. */
export type FallbackTest = { ok: true; provider: string; ms: number } | { ok: false; message: string };

/** `<openrouter-fallbacks>`: the fallback chain. */
export class OpenRouterFallbacks extends OpenRouterElement {
  /** The ids of the models, at most 10. Attribute `models`, as JSON. */
  models: string[];
  /** The model before the chain, which a test asks, too. Attribute `model`. */
  model: string;
  /** Says that the chain is not sent. Attribute `auto-router`. */
  autoRouter: boolean;
  /** Sends one short request to each model. Resolves to the outcomes, by model. */
  test(): Promise<Map<string, FallbackTest>>;
}

/** `<openrouter-providers>`: the provider preferences. */
export class OpenRouterProviders extends OpenRouterElement {
  /** The field `provider` of a request. Attribute `provider`, as JSON. */
  provider: ProviderPreferences;
  /** Shows only the providers of this model. Attribute `model`. */
  model: string;
  load(): Promise<void>;
}

/** A failure that the elements show. */
export class ApiError extends Error {
  constructor(facts: { message: string; status?: number | null; code?: string | null; cause?: unknown });
  /** The HTTP status; `null` if there was no response. */
  status: number | null;
  /** The code of the handler's error, such as `insufficient_credits`; `null` if there was none. */
  code: string | null;
}

/** Why another model answered than the one that was asked. */
export interface ShownFallback {
  from: string;
  to: string;
  reason: string;
  attempts: Attempt[];
}

/** An answer, as it grows. */
export class Answer {
  /** @param about `requested`: the model that was asked for. */
  constructor(about?: { requested?: string | null });
  state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  readonly isRunning: boolean;
  requested: string | null;
  model: string | null;
  provider: string | null;
  generationId: string | null;
  content: string;
  reasoning: string;
  refusal: string;
  toolCalls: Array<{ index: number; id: string; name: string; arguments: string }>;
  /** The addresses of the images. */
  images: string[];
  sources: Array<{ url: string; title: string }>;
  usage: Usage | null;
  finishReason: string | null;
  attempts: Attempt[];
  /** What ended it badly; what had come before stays. */
  error: ApiError | null;
  /** The pieces of the content, as they arrived. */
  pieces: string[];
  firstTokenMs: number | null;
  durationMs: number | null;
  readonly tokensPerSecond: number | null;
  /** In USD. */
  readonly cost: number | null;
  readonly fallback: ShownFallback | null;
  /** The message to send back as history; `null` if there is nothing to send. */
  readonly message: Record<string, unknown> | null;
  /** Adds a chunk of a stream, or a whole completion. Throws an {@link ApiError} for one that reports a failure. */
  add(chunk: object): void;
  /** Reads the response of a handler to its end. Never rejects: a failure becomes `error`. */
  read(response: Response | Promise<Response>, options?: { signal?: AbortSignal | undefined; onChange?: (() => void) | undefined }): Promise<Answer>;
  end(state: 'done' | 'stopped' | 'failed', error?: ApiError | null): void;
  toJSON(): object;
  static from(facts: object): Answer;
  static of(completion: ChatCompletion | object, about?: { requested?: string | null }): Answer;
}

/** `<openrouter-message>`: a message of the user, or an answer as it streams. */
export class OpenRouterMessage extends OpenRouterElement {
  /** Attribute `from`. */
  from: 'user' | 'assistant';
  /** The text of a message without an `answer`. Attribute `content`. */
  content: string;
  answer: Answer | null;
  /** The model of the answer before: a note tells if it changed. Attribute `previous-model`. */
  previousModel: string;
  /** Shows where each piece that arrived ends. Attribute `pieces`. */
  pieces: boolean;
  /** Offers to ask again after a failure. Attribute `can-retry`. */
  canRetry: boolean;
  /** Shows a whole completion. */
  show(completion: ChatCompletion | object, about?: { requested?: string | null }): Answer;
  /** Shows the response of a handler as it streams. Resolves to the answer, also after a failure. */
  stream(response: Response | Promise<Response>, options?: { requested?: string | undefined; signal?: AbortSignal | undefined }): Promise<Answer>;
  /** Draws what was added to `answer`, with the next frame of the screen. */
  grew(): void;
}

/** A message of a conversation. */
export type ShownMessage = { role: 'user'; content: string } | { role: 'assistant'; answer: Answer } | { role: string; content: unknown; [field: string]: unknown };

/** `<openrouter-chat>`: all of it together. */
export class OpenRouterChat extends OpenRouterElement {
  /** The id of the model. Attribute `model`; default `openrouter/auto`. */
  model: string;
  /** Attribute `auto-router`. */
  autoRouter: boolean;
  /** Attribute `zdr`. */
  zdr: boolean;
  /** The fallback chain. Attribute `fallbacks`, as JSON. */
  fallbacks: string[];
  /** The provider preferences. Attribute `provider`, as JSON. */
  provider: ProviderPreferences;
  /** Further parameters of each request, such as `tools`. Attribute `params`, as JSON. */
  params: Record<string, unknown>;
  /** The system message. Attribute `system`. */
  system: string;
  messages: ShownMessage[];
  /** Attribute `pieces`. */
  pieces: boolean;
  readonly effectiveModel: string;
  readonly isBusy: boolean;
  /** The conversation as the API takes it. */
  readonly history: object[];
  /** The parameters of the next request. */
  request(messages?: object[]): Record<string, unknown>;
  /** Sends a message. Resolves to the answer, also after a failure; `null` if an answer is being received, or the page prevented it. */
  send(content: string): Promise<Answer | null>;
  /** Asks the last question again. */
  retry(): Promise<Answer | null>;
  /** Ends the answer that is being received. */
  stop(): void;
  /** Begins a new conversation. */
  clear(): void;
}

/** How requests to a base path are sent. */
export interface ApiSettings {
  /** Default `/api/openrouter`. */
  base?: string | undefined;
  /** Headers of a session, or a function that returns them. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>) | undefined;
  /** The `fetch` of the application. */
  fetch?: typeof fetch | undefined;
}

/** Sets how the elements with a base path send their requests. */
export function configure(settings: ApiSettings): void;

/** The endpoints of a handler. */
export interface Api {
  credits(force?: boolean): Promise<CreditsAnswer>;
  models(options?: { zdr?: boolean; force?: boolean }): Promise<object[]>;
  endpoints(model: string): Promise<object>;
  providers(force?: boolean): Promise<object[]>;
  generation(id: string): Promise<object>;
  /** Rejects with an {@link ApiError} for a failure. */
  chat(params: object, signal?: AbortSignal): Promise<Response>;
}

/** Returns the API of a base path, which the elements of the page share. */
export function apiOf(base: string): Api;

/** Replaces texts of the elements, by key, for another language or other words. `{name}` in a text stands for a value. */
export function setTexts(texts: Record<string, string>): void;

/** The English texts, by key. */
export const texts: Readonly<Record<string, string>>;

/** The details of the events. All bubble, and leave shadow roots. */
export interface OpenRouterEvents {
  'openrouter-credits': CustomEvent<CreditsAnswer>;
  'openrouter-model': CustomEvent<{ model: string; info: ModelInfo; isMain: boolean }>;
  'openrouter-toggle': CustomEvent<{ autoRouter: boolean; zdr: boolean }>;
  'openrouter-fallbacks': CustomEvent<{ models: string[] }>;
  'openrouter-tested': CustomEvent<{ results: Record<string, FallbackTest> }>;
  'openrouter-provider': CustomEvent<{ provider: ProviderPreferences }>;
  'openrouter-end': CustomEvent<{ answer: Answer }>;
  'openrouter-retry': CustomEvent<{ answer: Answer }>;
  'openrouter-settings': CustomEvent<Pick<OpenRouterChat, 'model' | 'autoRouter' | 'zdr' | 'fallbacks' | 'provider' | 'params' | 'system'>>;
  'openrouter-send': CustomEvent<{ params: Record<string, unknown> }>;
  'openrouter-answer': CustomEvent<{ answer: Answer; params: Record<string, unknown> }>;
  'openrouter-error': CustomEvent<{ error: ApiError; answer?: Answer }>;
  'openrouter-clear': CustomEvent<object>;
}

declare global {
  interface HTMLElementTagNameMap {
    'openrouter-chat': OpenRouterChat;
    'openrouter-credits': OpenRouterCredits;
    'openrouter-fallbacks': OpenRouterFallbacks;
    'openrouter-message': OpenRouterMessage;
    'openrouter-models': OpenRouterModels;
    'openrouter-providers': OpenRouterProviders;
    'openrouter-toggles': OpenRouterToggles;
  }
  interface HTMLElementEventMap extends OpenRouterEvents {}
}
