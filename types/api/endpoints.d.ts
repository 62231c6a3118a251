import type { CallPromise } from '../call-promise.js';
import type { Model } from '../models.js';
import type { Activity, FeedbackParams, GenerationContent, ImageEndpoints, KeyInfo, ModelEndpoint, ModelEndpoints, Provider } from './catalog.js';
import type { EventStream } from './event-stream.js';
import type { DecisionAnswer, DecisionParams, EmbeddingAnswer, EmbeddingParams, EmbeddingSettings, EncodedEmbeddingParams, ImageAnswer, ImageStream, ImageParams, RerankAnswer, RerankParams } from './inputs.js';
import type { Analytics, Containers, CreatedKey, Datasets, Described, Files, Guardrails, ManagedKey, ManagedThing, Manager, Organization, Presets, Scim, Vault, Workspaces } from './management.js';
import type { SpeechParams, Transcription, TranscriptionParams, VideoJob, VideoParams, VideoSettings } from './media.js';
import type { MessageAnswer, MessageParams, MessageStream } from './messages.js';
import type { QueryInput, RequestOptions } from './request.js';
import type { ResponseAnswer, ResponseParams, ResponseStream } from './responses.js';
import type { CallSettings } from './settings.js';
import type { TextCompletion, TextCompletionParams, TextCompletionStream } from './text-completions.js';

type NotStreamed = { stream?: false | null | undefined };
type Streamed = { stream: true };

/**
 * The endpoints beside chats. All keep the promises that chats keep: privacy settings, retries that pay nothing twice, the cost in
 * the balance, limits, abort, and no key in a message.
 */
export interface ApiEndpoints {
  /**
   * Sends a request to any endpoint of the API.
   *
   * @param path The path below `baseURL`, such as `/embeddings`. One that leads elsewhere is refused, because the key is sent there.
   */
  request(method: string, path: string, options: RequestOptions & Streamed): CallPromise<EventStream>;
  request(method: string, path: string, options: RequestOptions & { as: 'response' }): CallPromise<Response>;
  request(method: string, path: string, options: RequestOptions & { as: 'bytes' }): CallPromise<Uint8Array>;
  request(method: string, path: string, options: RequestOptions & { as: 'text' }): CallPromise<string>;
  request<Answer = unknown>(method: string, path: string, options?: RequestOptions): CallPromise<Answer>;

  /** `POST /responses`, the Responses API. */
  responses(params: ResponseParams & Streamed, settings?: CallSettings): CallPromise<ResponseStream>;
  responses(params: ResponseParams & NotStreamed, settings?: CallSettings): CallPromise<ResponseAnswer>;
  /** `POST /messages`, in Anthropic's shape. */
  messages(params: MessageParams & Streamed, settings?: CallSettings): CallPromise<MessageStream>;
  messages(params: MessageParams & NotStreamed, settings?: CallSettings): CallPromise<MessageAnswer>;
  /** `POST /completions`, which continues a text. Privacy settings are refused here. */
  completions(params: TextCompletionParams & Streamed, settings?: CallSettings): CallPromise<TextCompletionStream>;
  completions(params: TextCompletionParams & NotStreamed, settings?: CallSettings): CallPromise<TextCompletion>;
  /**
   * `POST /embeddings`. The embeddings are `Float32Array`s, which are decoded off the main thread; with `encoding_format` they are
   * what the API sends.
   */
  embeddings(params: EmbeddingParams, settings?: EmbeddingSettings): CallPromise<EmbeddingAnswer>;
  embeddings(params: EncodedEmbeddingParams<'float'>, settings?: EmbeddingSettings): CallPromise<EmbeddingAnswer<number[]>>;
  embeddings(params: EncodedEmbeddingParams<'base64'>, settings?: EmbeddingSettings): CallPromise<EmbeddingAnswer<string>>;
  /** `POST /rerank`: orders documents by their relevance to a query. */
  rerank(params: RerankParams, settings?: CallSettings): CallPromise<RerankAnswer>;
  /** `POST /images`. */
  images(params: ImageParams & Streamed, settings?: CallSettings): CallPromise<ImageStream>;
  images(params: ImageParams & NotStreamed, settings?: CallSettings): CallPromise<ImageAnswer>;
  /** `POST /api/alpha/decisions`: answers questions about a text. It lies beside `/v1`, and needs a `baseURL` that ends in `/api/v1`. */
  decisions(params: DecisionParams, settings?: CallSettings): CallPromise<DecisionAnswer>;
  /** `POST /audio/speech`. The body of the response is the sound, as it arrives. */
  speech(params: SpeechParams, settings?: CallSettings): CallPromise<Response>;
  /** `POST /audio/transcriptions`. */
  transcription(params: TranscriptionParams, settings?: CallSettings): CallPromise<Transcription>;
  /** `POST /videos`, then the state of the job until it is over. A job that failed rejects. */
  videos(params: VideoParams, settings?: VideoSettings): CallPromise<VideoJob>;
  /** `GET /videos/{id}`: a job as it is now. */
  getVideo(id: string, settings?: CallSettings): CallPromise<VideoJob>;
  /** `GET /videos/{id}/content`. The body of the response is the video, as it arrives. */
  getVideoContent(id: string, settings?: CallSettings & { index?: number | undefined }): CallPromise<Response>;

  /** `GET /model/{author}/{slug}`: one model; aliases and variants are resolved. */
  getModel(id: string, settings?: CallSettings): CallPromise<Model>;
  /**
   * `GET /models/{author}/{slug}/endpoints`: who serves a model, with price, latency, throughput, uptime and zero retention, as choices for
   * `provider`. The answer is kept for 5 minutes; `force` asks again.
   */
  getEndpoints(id: string, settings?: CallSettings & { force?: boolean | undefined }): CallPromise<ModelEndpoints>;
  /** `GET /endpoints/zdr`: the endpoints that keep no data. */
  getZdrEndpoints(settings?: CallSettings): CallPromise<ModelEndpoint[]>;
  /** `GET /providers`. */
  getProviders(settings?: CallSettings): CallPromise<Provider[]>;
  /** `GET /models/user`: the models that the settings of the account allow. */
  getUserModels(settings?: CallSettings): CallPromise<Model[]>;
  /** `GET /key`: the limit and usage of the key of this client. See {@link OpenRouterClient.getCredits} for a balance. */
  getKey(settings?: CallSettings): CallPromise<KeyInfo>;
  /** `GET /activity`: the usage by day and model. Needs a management key. */
  getActivity(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Activity[]>;
  /** `GET /embeddings/models`: the models that make embeddings. */
  getEmbeddingModels(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Model[]>;
  /** `GET /images/models`: the models that make images. */
  getImageModels(settings?: CallSettings): CallPromise<ManagedThing[]>;
  /** `GET /images/models/{author}/{slug}/endpoints`: who serves an image model, and at which price. */
  getImageEndpoints(id: string, settings?: CallSettings): CallPromise<ImageEndpoints>;
  /** `GET /videos/models`: the models that make videos. */
  getVideoModels(settings?: CallSettings): CallPromise<ManagedThing[]>;
  /** `GET /models/count`. */
  countModels(filters?: QueryInput | null, settings?: CallSettings): CallPromise<number>;
  /** `GET /benchmarks`: how models do in public benchmarks. */
  getBenchmarks(filters?: QueryInput | null, settings?: CallSettings): CallPromise<ManagedThing[]>;
  /** `GET /classifications/task`: what models are used for. */
  getTaskClassifications(filters?: QueryInput | null, settings?: CallSettings): CallPromise<unknown>;
  /** `POST /generation/feedback`: says what was wrong with an answer. */
  sendFeedback(params: FeedbackParams, settings?: CallSettings): CallPromise<{ [field: string]: unknown }>;
  /** `GET /generation/content`: the prompt and the answer of a generation. */
  getGenerationContent(id: string, settings?: CallSettings): CallPromise<GenerationContent>;

  /** The keys of the account (`/keys`). Needs a management key. */
  readonly keys: Manager<ManagedKey, CreatedKey>;
  /** The guardrails of the account (`/guardrails`). Needs a management key. */
  readonly guardrails: Guardrails;
  /** The workspaces of the account (`/workspaces`). Needs a management key. */
  readonly workspaces: Workspaces;
  /** The presets of the account (`/presets`). */
  readonly presets: Presets;
  /** Keys of the account's own at providers (`/byok`). Needs a management key. */
  readonly byok: Manager<ManagedThing, Described<ManagedThing>, { provider: string; key: string }>;
  /** Where traces of requests are sent (`/observability/destinations`). Needs a management key. */
  readonly observability: Manager<ManagedThing, Described<ManagedThing>, { type: string; name: string; config: object }>;
  /** The organization of the account (`/organization`). Needs a management key. */
  readonly organization: Organization;
  /** Figures of the usage (`/analytics`). Needs a management key. */
  readonly analytics: Analytics;
  /** Uploaded files (`/files`). */
  readonly files: Files;
  /** Groups of an identity provider (`/scim`). Needs a management key. */
  readonly scim: Scim;
  /** Secrets (`/vault`). Needs a management key. */
  readonly vault: Vault;
  /** Files in the containers of models (`/containers`). */
  readonly containers: Containers;
  /** Public figures about models and apps (`/datasets`). */
  readonly datasets: Datasets;
}
