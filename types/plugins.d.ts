/** The place from which a web search is made. */
interface UserLocation {
  type?: 'approximate' | undefined;
  city?: string | null | undefined;
  country?: string | null | undefined;
  region?: string | null | undefined;
  timezone?: string | null | undefined;
}

/** The settings of a search of posts on X. */
interface XSearch {
  allowed_x_handles?: readonly string[] | undefined;
  excluded_x_handles?: readonly string[] | undefined;
  from_date?: string | undefined;
  to_date?: string | undefined;
  enable_image_understanding?: boolean | undefined;
  enable_video_understanding?: boolean | undefined;
}

type SearchMode = 'instant' | 'fast' | 'auto' | 'deep-lite' | 'deep' | 'deep-reasoning' | 'turbo' | 'basic' | 'advanced';

/** The parameters of the tool `openrouter:web_search`. */
export interface WebSearchParameters {
  engine?: 'auto' | 'native' | 'exa' | 'firecrawl' | 'parallel' | 'perplexity' | undefined;
  mode?: SearchMode | undefined;
  max_results?: number | undefined;
  max_total_results?: number | undefined;
  max_characters?: number | undefined;
  max_uses?: number | undefined;
  search_context_size?: 'low' | 'medium' | 'high' | undefined;
  allowed_domains?: readonly string[] | undefined;
  excluded_domains?: readonly string[] | undefined;
  user_location?: UserLocation | undefined;
  x_search?: XSearch | undefined;
}

/** What every plugin has. */
interface Switchable {
  /** `false` switches a plugin off that the settings of the account switch on. */
  enabled?: boolean | undefined;
}

/** The models among which a router may choose. */
interface RouterModels extends Switchable {
  /** Ids or patterns such as `anthropic/*`. */
  allowed_models?: readonly string[] | undefined;
  /** Ids or patterns. An excluded model is not chosen even if it is allowed. */
  excluded_models?: readonly string[] | undefined;
}

interface AutoRouterModels extends RouterModels {
  cost_tier?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | undefined;
  /** From 0 to 10. Deprecated in favour of `cost_tier`. */
  cost_quality_tradeoff?: number | undefined;
}

/** Settings of `openrouter/auto`. */
export interface AutoRouterPlugin extends AutoRouterModels {
  id: 'auto-router';
  pin_model?: boolean | undefined;
}

/** Settings of `openrouter/auto-beta`. */
export interface AutoBetaRouterPlugin extends AutoRouterModels {
  id: 'auto-beta-router';
}

/** Settings of `typesafe/jev-router`. */
export interface JevRouterPlugin extends RouterModels {
  id: 'jev-router';
  cost_tier?: 'low' | 'medium' | 'high' | undefined;
  models?: readonly string[] | undefined;
}

/** Settings of `openrouter/pareto-code`. */
export interface ParetoRouterPlugin extends Switchable {
  id: 'pareto-router';
  min_coding_score?: number | undefined;
  max_price?: number | undefined;
  price_source?: 'prompt' | 'weighted_avg' | undefined;
}

/** Settings of `nvidia/switchyard`. */
export interface SwitchyardRouterPlugin extends Switchable {
  id: 'switchyard-router';
  algorithm?: 'capability' | 'stage' | 'auto' | 'random' | 'composite' | 'passthrough' | undefined;
}

/** Settings of `openrouter/fusion`. */
export interface FusionPlugin extends Switchable {
  id: 'fusion';
  preset?: 'general-high' | 'general-budget' | 'general-fast' | undefined;
  /** From 1 to 8 models that answer. */
  analysis_models?: readonly string[] | undefined;
  /** The model that judges. */
  model?: string | undefined;
  max_tool_calls?: number | undefined;
  tools?: ReadonlyArray<{ type: string; parameters?: object | undefined }> | undefined;
}

/** Searches the web before the model answers. The tool `openrouter:web_search` is its successor. */
export interface WebPlugin extends Switchable {
  id: 'web';
  engine?: 'native' | 'exa' | 'firecrawl' | 'parallel' | 'perplexity' | undefined;
  mode?: SearchMode | undefined;
  /** Default 5. */
  max_results?: number | undefined;
  max_uses?: number | undefined;
  /** The text that introduces the results in the prompt. */
  search_prompt?: string | undefined;
  include_domains?: readonly string[] | undefined;
  exclude_domains?: readonly string[] | undefined;
  user_location?: UserLocation | null | undefined;
  x_search?: XSearch | undefined;
}

/** Lets the model read web pages. */
export interface WebFetchPlugin extends Switchable {
  id: 'web-fetch';
  allowed_domains?: readonly string[] | undefined;
  blocked_domains?: readonly string[] | undefined;
  max_content_tokens?: number | undefined;
  max_uses?: number | undefined;
}

/** How PDF files are read. */
export interface FileParserPlugin extends Switchable {
  id: 'file-parser';
  pdf?: { engine?: 'mistral-ocr' | 'cloudflare-ai' | 'native' | 'pdf-text' | undefined } | undefined;
}

/** Repairs malformed JSON in answers that are not streamed. */
export interface ResponseHealingPlugin extends Switchable {
  id: 'response-healing';
}

/** Shortens a conversation that does not fit into the model's context by leaving out its middle. */
export interface ContextCompressionPlugin extends Switchable {
  id: 'context-compression';
  engine?: 'middle-out' | undefined;
}

/** Moderates requests. */
export interface ModerationPlugin extends Switchable {
  id: 'moderation';
}

/** Plugins whose settings OpenRouter has not published. */
export interface UnpublishedPlugin extends Switchable {
  id: 'alignment' | 'armor';
  [setting: string]: unknown;
}

/** One of OpenRouter's plugins. `id` decides what settings it has. */
export type Plugin =
  | AutoRouterPlugin
  | AutoBetaRouterPlugin
  | JevRouterPlugin
  | ParetoRouterPlugin
  | SwitchyardRouterPlugin
  | FusionPlugin
  | WebPlugin
  | WebFetchPlugin
  | FileParserPlugin
  | ResponseHealingPlugin
  | ContextCompressionPlugin
  | ModerationPlugin
  | UnpublishedPlugin;
