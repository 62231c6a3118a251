import type { Open } from './open.js';

/** A model of OpenRouter's list, as the API sent it. The object is deeply frozen, because all callers share it. */
export interface Model {
  /** The id to name in requests. */
  readonly id: string;
  /** The display name. */
  readonly name: string;
  readonly canonical_slug?: string;
  readonly hugging_face_id?: string | null;
  /** When the model was added, in seconds since 1970. */
  readonly created: number;
  readonly description?: string;
  /** The context length, in tokens. */
  readonly context_length: number | null;
  readonly architecture: {
    readonly modality?: string | null;
    readonly input_modalities: ReadonlyArray<Open<'text' | 'image' | 'file' | 'audio' | 'video'>>;
    readonly output_modalities: ReadonlyArray<Open<'text' | 'image' | 'audio'>>;
    readonly tokenizer?: string;
    readonly instruct_type?: string | null;
    readonly [field: string]: unknown;
  };
  /** Prices as decimal strings, in USD per token or other unit; `"-1"` is a price that varies. See {@link modelInfo}. */
  readonly pricing: {
    readonly prompt: string;
    readonly completion: string;
    readonly request?: string;
    readonly image?: string;
    readonly image_output?: string;
    readonly audio?: string;
    readonly web_search?: string;
    readonly internal_reasoning?: string;
    readonly input_cache_read?: string;
    readonly input_cache_write?: string;
    readonly [unit: string]: unknown;
  };
  readonly top_provider: {
    readonly context_length?: number | null;
    readonly max_completion_tokens?: number | null;
    readonly is_moderated?: boolean;
    readonly [field: string]: unknown;
  };
  readonly per_request_limits?: Readonly<Record<string, unknown>> | null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters?: Readonly<Record<string, unknown>> | null;
  readonly expiration_date?: string | null;
  readonly [field: string]: unknown;
}

/** An ability that only some models have. */
export type Capability = 'vision' | 'audio' | 'files' | 'tools' | 'reasoning' | 'structured_outputs' | 'image_output';

/** The facts of a model that a user interface shows. `null` means unknown; no value is guessed. */
export interface ModelInfo {
  /** The context length, in tokens. */
  contextLength: number | null;
  /** The maximum length of an answer, in tokens. */
  maxOutput: number | null;
  /** The price of the prompt, in USD per token; `null` if it varies. */
  promptPrice: number | null;
  /** The price of the answer, in USD per token; `null` if it varies. */
  completionPrice: number | null;
  /** Whether neither tokens nor anything else (images, requests, searches) is charged. */
  free: boolean;
  /** The abilities of the model. */
  capabilities: Capability[];
}

/** Returns the facts of a model that a user interface shows. Fields of `model` may be missing. */
export function modelInfo(model: Partial<Model> | null | undefined): ModelInfo;
