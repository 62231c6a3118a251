// What the package exports, by subject; the declarations are in `types/`.
//
// Money is in USD, times are in milliseconds, prices are in USD per token. The types of what the API sends are open: fields
// and enum values that this version does not know are passed on, and may appear at any time.

export { OpenRouterClient } from './types/client.js';
export type { Logger, HeadersInput, Timeouts, CacheOptions, OpenRouterClientOptions } from './types/client-options.js';
export type { SignalLike, CallOptions, ChatOptions, GenerationOptions, LookupOptions } from './types/calls.js';
export { authorizationUrl, exchangeCode, login } from './types/api/oauth.js';
export type { AuthorizationOptions, ExchangeOptions, LoginOptions, LoginKey } from './types/api/oauth.js';
export type { CallSettings, ResponseCacheOption } from './types/api/settings.js';
export type { RequestOptions, QueryInput } from './types/api/request.js';
export type { EventStream, NamedEvent } from './types/api/event-stream.js';
export type { CostFacts } from './types/api/usage.js';
export type { ApiEndpoints } from './types/api/endpoints.js';
export type { ResponseParams, ResponseInputItem, ResponseTool, ResponseOutputItem, ResponseAnswer, ResponseEvent, ResponseStream } from './types/api/responses.js';
export type { MessageParams, MessageBlock, MessageAnswer, MessageStreamEvent, MessageStream } from './types/api/messages.js';
export type { TextCompletionParams, TextCompletion, TextCompletionStream } from './types/api/text-completions.js';
export type {
  EmbeddingParams, EncodedEmbeddingParams, EmbeddingSettings, EmbeddingAnswer, DecisionAnswer, DecisionParams, ImageEvent, ImageStream, RerankParams, RerankAnswer, ImageParams, ImageAnswer,
} from './types/api/inputs.js';
export type { SpeechParams, TranscriptionParams, Transcription, VideoParams, VideoSettings, VideoJob } from './types/api/media.js';
export type { ModelFilters, ModelEndpoint, ModelEndpoints, Percentiles, Provider, KeyInfo, Activity, GenerationContent, ImageEndpoints, FeedbackParams } from './types/api/catalog.js';
export type {
  Analytics, BudgetInterval, Containers, CreatedKey, Datasets, Described, Fields, Files, Guardrails, Listed, ManagedKey, ManagedThing, Manager,
  Organization, Presets, Reader, ReadSettings, Scim, Vault, Workspaces,
} from './types/api/management.js';
export type { CallPromise, WithResponse, ResponseFacts, RateLimit, ResponseCacheFacts } from './types/call-promise.js';
export type { LibreChatOptions } from './types/librechat-options.js';
export type {
  ChatMessage,
  SystemMessageParam,
  DeveloperMessageParam,
  UserMessageParam,
  AssistantMessageParam,
  ToolMessageParam,
  FunctionMessageParam,
  ContentPart,
  TextPart,
  ImagePart,
  AudioPart,
  VideoPart,
  FilePart,
  RefusalPart,
  CacheControl,
} from './types/messages.js';
export type {
  Tool,
  FunctionTool,
  CustomTool,
  ServerTool,
  ToolChoice,
  ToolCall,
  ToolCallParam,
} from './types/tools.js';
export type {
  Plugin,
  AutoRouterPlugin,
  AutoBetaRouterPlugin,
  JevRouterPlugin,
  ParetoRouterPlugin,
  SwitchyardRouterPlugin,
  FusionPlugin,
  WebPlugin,
  WebFetchPlugin,
  FileParserPlugin,
  ResponseHealingPlugin,
  ContextCompressionPlugin,
  ModerationPlugin,
  UnpublishedPlugin,
  WebSearchParameters,
} from './types/plugins.js';
export type {
  ResponseFormat,
  ResponseFormatText,
  ResponseFormatJSONObject,
  ResponseFormatJSONSchema,
  ResponseFormatGrammar,
  ResponseFormatPython,
} from './types/response-format.js';
export type { ProviderPreferences } from './types/routing.js';
export type { ChatCompletionParams, RequestParameters, ReasoningOptions, StopServerToolsWhen } from './types/request.js';
export type {
  ReasoningDetail,
  Annotation,
  AssistantMessage,
  FinishReason,
  Choice,
  Logprobs,
  TokenLogprob,
  Usage,
  Attempt,
  CompletionMetadata,
  ChatCompletion,
  FinalCompletion,
  PartialCompletion,
} from './types/completion.js';
export type { ChatCompletionChunk, ChunkChoice, Delta } from './types/chunk.js';
export { ChatCompletionStream } from './types/stream.js';
export type { StreamMetrics, Fallback, ModelSwitch, StreamEvents, StreamIterator } from './types/stream.js';
export { Budget } from './types/budget.js';
export type { StandardSchema, JSONSchema, SchemaValue } from './types/schema.js';
export { defineTool } from './types/run-tools.js';
export type {
  RunnableTool,
  ToolContext,
  ToolResult,
  Approval,
  RunToolsParams,
  RunToolsResult,
  RunToolCall,
  RunStep,
  RunEvent,
  StopReason,
  ToolRun,
} from './types/run-tools.js';
export type { ParseParams, ParseResult, ParseStream, PartialValue } from './types/parse.js';
export type { ContinueParams } from './types/continue.js';
export type { CostEstimate, EstimateOptions, TokenEstimate } from './types/estimate.js';
export { createFetch } from './types/fetch.js';
export type { FetchOptions, SettledAnswer } from './types/fetch.js';
export { creditLevel } from './types/credits.js';
export type { Credits, CreditLevel } from './types/credits.js';
export { modelInfo } from './types/models.js';
export type { Model, Capability, ModelInfo } from './types/models.js';
export type { Generation } from './types/generation.js';
export { explainPrivacy } from './types/privacy.js';
export type { PrivacyRequest, PrivacyExplanation } from './types/privacy.js';
export { clearCache, getStats } from './types/process.js';
export type { CacheStats, Stats } from './types/process.js';
export { OpenRouterError } from './types/errors.js';
export type { ErrorCode, ErrorFacts, OpenRouterErrorJSON } from './types/errors.js';
