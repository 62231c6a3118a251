import type { Open } from '../open.js';
import type { ProviderPreferences } from '../routing.js';
import type { EventStream } from './event-stream.js';
import type { CallSettings } from './settings.js';
import type { CostFacts } from './usage.js';

/** The parameters of embeddings. */
export interface EmbeddingParams {
  model: string;
  /** Texts, tokens, or inputs with parts. A list that is longer than a batch is sent in several requests. */
  input: string | readonly string[] | readonly number[] | ReadonlyArray<readonly number[]> | ReadonlyArray<{ content: readonly object[] }>;
  dimensions?: number | null | undefined;
  input_type?: string | null | undefined;
  provider?: ProviderPreferences | null | undefined;
  user?: string | null | undefined;
  encoding_format?: null | undefined;
}

/** Embeddings in the form in which the API sends them. */
export type EncodedEmbeddingParams<Format extends 'float' | 'base64'> = Omit<EmbeddingParams, 'encoding_format'> & { encoding_format: Format };

/** The settings of a call for embeddings. */
export interface EmbeddingSettings extends CallSettings {
  /** How many inputs are sent in one request. Default: 2,048, the most that providers take. Four batches are under way at a time. */
  batchSize?: number | undefined;
}

/** Embeddings, in the order of the inputs. */
export interface EmbeddingAnswer<Vector = Float32Array> {
  object: 'list';
  id?: string;
  model: string;
  data: Array<{ object: 'embedding'; index: number; embedding: Vector }>;
  usage?: CostFacts & { prompt_tokens: number; total_tokens: number };
  [field: string]: unknown;
}

/** The parameters of a ranking of documents. */
export interface RerankParams {
  model: string;
  query: string;
  documents: ReadonlyArray<string | { text?: string; image?: string }>;
  /** How many of the best documents are returned. */
  top_n?: number | null | undefined;
  provider?: ProviderPreferences | null | undefined;
}

/** Documents by relevance, the best first. */
export interface RerankAnswer {
  id?: string;
  model: string;
  provider?: string;
  results: Array<{ index: number; relevance_score: number; document?: { text?: string; image?: string } }>;
  usage?: CostFacts & { search_units?: number; total_tokens?: number };
  [field: string]: unknown;
}

/** The parameters of a picture. Privacy settings are not possible here: they are refused before anything is sent. */
export interface ImageParams {
  model: string;
  prompt: string;
  n?: number | null | undefined;
  size?: string | null | undefined;
  aspect_ratio?: Open<'1:1' | '16:9' | '9:16' | '4:3' | '3:4'> | null | undefined;
  resolution?: string | null | undefined;
  quality?: Open<'auto' | 'low' | 'medium' | 'high'> | null | undefined;
  background?: Open<'auto' | 'transparent' | 'opaque'> | null | undefined;
  output_format?: Open<'png' | 'jpeg' | 'webp'> | null | undefined;
  output_compression?: number | null | undefined;
  /** Pictures to start from. */
  input_references?: readonly object[] | null | undefined;
  seed?: number | null | undefined;
  provider?: object | null | undefined;
  stream?: boolean | null | undefined;
}

/** Pictures as base64. */
export interface ImageAnswer {
  created: number;
  data: Array<{ b64_json: string; media_type?: string; [field: string]: unknown }>;
  usage?: CostFacts;
  [field: string]: unknown;
}

/** An event of images that are being made. */
export type ImageEvent =
  | { type: 'image_generation.partial_image'; partial_image_index: number; b64_json: string; [field: string]: unknown }
  | { type: 'image_generation.completed'; b64_json: string; media_type?: string; created?: number; usage?: CostFacts; [field: string]: unknown }
  | { type: Open<'image_generation.text_chunk'>; [field: string]: unknown };

/** A stream of images that are being made. */
export interface ImageStream extends EventStream<ImageEvent, ImageAnswer> {
  /** Resolves to the finished images, at the end of the stream. */
  finalImages(): Promise<ImageAnswer>;
}

/** Questions about a text. */
export interface DecisionParams {
  model: string;
  /** Questions by names of your own. */
  questions: { readonly [name: string]: object };
  /** What the questions are about. */
  state: string | object;
  provider?: ProviderPreferences | null | undefined;
  session_id?: string | null | undefined;
  trace?: object | null | undefined;
  user?: string | null | undefined;
}

/** Answers to questions about a text. */
export interface DecisionAnswer {
  id?: string;
  usage?: CostFacts;
  [field: string]: unknown;
}
