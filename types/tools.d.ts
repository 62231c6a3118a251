import type { CacheControl } from './messages.js';
import type { WebSearchParameters } from './plugins.js';
import type { JSONSchema } from './schema.js';

/** A JSON Schema, also one whose type is an interface, such as `JSONSchema7` or what `z.toJSONSchema` returns. */
export type SchemaOfJSON =
  | JSONSchema
  | {
      readonly type?: string | readonly string[] | undefined;
      readonly description?: string | undefined;
      readonly properties?: object | undefined;
      readonly required?: readonly string[] | undefined;
      readonly additionalProperties?: boolean | object | undefined;
      readonly items?: object | boolean | undefined;
      readonly enum?: readonly unknown[] | undefined;
      readonly anyOf?: readonly unknown[] | undefined;
      readonly $ref?: string | undefined;
      readonly $defs?: object | undefined;
    };

/** A function of yours that the model may call. */
export interface FunctionTool {
  type: 'function';
  function: {
    /** The name by which the model calls it: letters, digits, `_` and `-`. */
    name: string;
    /** What it does and when to call it. The model decides by this text. */
    description?: string | undefined;
    /** The arguments: a JSON schema of an object. Absent means that the function takes none. */
    parameters?: SchemaOfJSON | undefined;
    /** Whether the arguments must match the schema exactly. */
    strict?: boolean | null | undefined;
  };
  cache_control?: CacheControl | undefined;
}

/** A tool of yours that takes text instead of JSON, for the models of OpenAI that have such tools. */
export interface CustomTool {
  type: 'custom';
  custom: {
    name: string;
    description?: string | undefined;
    format?: { type: 'text' } | { type: 'grammar'; grammar: { syntax: 'lark' | 'regex'; definition: string } } | undefined;
  };
}

/** The settings of the models that some of OpenRouter's tools use. */
interface ToolModel {
  model?: string | undefined;
  max_completion_tokens?: number | undefined;
  temperature?: number | undefined;
  reasoning?: { effort?: string | undefined; max_tokens?: number | undefined } | undefined;
}

/** A tool that OpenRouter runs, with the parameters that it takes by its type. */
interface ServerToolParameters {
  'openrouter:web_search': WebSearchParameters;
  'openrouter:web_fetch': {
    engine?: 'auto' | 'native' | 'openrouter' | 'exa' | 'parallel' | 'firecrawl' | undefined;
    allowed_domains?: readonly string[] | undefined;
    blocked_domains?: readonly string[] | undefined;
    max_content_tokens?: number | undefined;
    max_uses?: number | undefined;
  };
  'openrouter:datetime': { timezone?: string | undefined };
  'openrouter:image_generation': { model?: string | undefined; [setting: string]: unknown };
  'openrouter:bash': { engine?: 'auto' | 'native' | 'openrouter' | undefined; environment?: object | undefined };
  'openrouter:files': Record<string, never>;
  'openrouter:experimental__search_models': { max_results?: number | undefined };
  'openrouter:fusion': ToolModel & {
    analysis_models?: readonly string[] | undefined;
    max_tool_calls?: number | undefined;
    tools?: ReadonlyArray<{ type: string; parameters?: object | undefined }> | undefined;
    cache_control?: CacheControl | undefined;
  };
  'openrouter:advisor': ToolModel & {
    name?: string | undefined;
    instructions?: string | undefined;
    forward_transcript?: boolean | undefined;
    stream?: boolean | undefined;
  };
  'openrouter:subagent': ToolModel & {
    name?: string | undefined;
    instructions?: string | undefined;
    max_tool_calls?: number | undefined;
    inherit_functions?: boolean | undefined;
    inherited_function_names?: readonly string[] | undefined;
    tools?: readonly object[] | undefined;
  };
}

/** OpenAI's names for OpenRouter's web search. */
type WebSearchName = 'web_search' | 'web_search_preview' | 'web_search_preview_2025_03_11' | 'web_search_2025_08_26';

/** A tool that OpenRouter runs itself, for example `{ type: 'openrouter:web_search' }`. */
export type ServerTool =
  | { [Type in keyof ServerToolParameters]: { type: Type; parameters?: ServerToolParameters[Type] | undefined } }[keyof ServerToolParameters]
  | ({ type: WebSearchName; parameters?: WebSearchParameters | undefined } & WebSearchParameters);

/** A tool that the model may call: a function of yours, or one of OpenRouter's own tools. */
export type Tool = FunctionTool | CustomTool | ServerTool;

/**
 * Which tool the model calls: none, one of its choice if it wants to (`auto`), at least one (`required`), or the named one.
 */
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; function: { name: string } }
  | { type: 'custom'; custom: { name: string } }
  | { type: 'allowed_tools'; allowed_tools: { mode: 'auto' | 'required'; tools: ReadonlyArray<{ readonly [field: string]: unknown }> } }
  | { type: ServerTool['type'] };

/** A tool call that the model requests. */
export interface ToolCall {
  /** The id to name as `tool_call_id` in the message with the tool's result. */
  id: string;
  type: 'function';
  function: {
    name: string;
    /** The arguments as JSON text, exactly as the model wrote it. */
    arguments: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** A tool call in the history of a conversation: of a function, or of a {@link CustomTool}. A {@link ToolCall} fits. */
export type ToolCallParam =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };
