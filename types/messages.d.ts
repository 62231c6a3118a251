import type { ReasoningDetail } from './completion.js';
import type { Open } from './open.js';
import type { ToolCallParam } from './tools.js';

/** Marks the end of a prefix of the prompt that the provider should cache (a breakpoint of its prompt cache). */
export interface CacheControl {
  type: 'ephemeral';
  /** How long the provider keeps the prefix: 5 minutes or 1 hour. */
  ttl?: '5m' | '1h' | undefined;
}

/** What each part of a message's content may have beside its content. */
interface PartSettings {
  /** Marks the end of a prefix for the prompt caches of Anthropic, Google and Alibaba. */
  cache_control?: CacheControl | undefined;
  /** Marks the end of a prefix for the prompt cache of OpenAI. */
  prompt_cache_breakpoint?: { mode: 'explicit'; ttl?: string | null | undefined } | null | undefined;
}

/** A part of a message: text. */
export interface TextPart extends PartSettings {
  type: 'text';
  text: string;
}

/** A part of a message: an image. */
export interface ImagePart extends PartSettings {
  type: 'image_url';
  image_url: {
    /** The address of the image, or the image itself as a data URL. */
    url: string;
    detail?: 'auto' | 'low' | 'high' | 'original' | undefined;
  };
}

/** A part of a message: a sound. */
export interface AudioPart extends PartSettings {
  type: 'input_audio';
  input_audio: {
    /** The sound in base64, not an address. */
    data: string;
    format: Open<'wav' | 'mp3' | 'aiff' | 'aac' | 'ogg' | 'flac' | 'm4a' | 'pcm16' | 'pcm24'>;
  };
}

/** A part of a message: a video. */
export interface VideoPart extends PartSettings {
  type: 'video_url';
  video_url: {
    /** The address of the video, or the video itself as a data URL. */
    url: string;
    processing?: 'agentic' | 'static' | undefined;
  };
}

/** A part of a message: a file, for example a PDF. */
export interface FilePart extends PartSettings {
  type: 'file';
  file: {
    filename?: string | undefined;
    /** The address of the file, or the file itself as a data URL. */
    file_data?: string | undefined;
    file_id?: string | undefined;
  };
}

/** A part of an assistant message: the text with which the model refused to answer. */
export interface RefusalPart {
  type: 'refusal';
  refusal: string;
}

/** A part of a message's content: text, or a file of the kind that `type` names, in the field of that name. */
export type ContentPart = TextPart | ImagePart | AudioPart | VideoPart | FilePart;

/** What a system or developer message changes for the rest of the conversation. */
interface ConfigurationUpdate {
  reasoning: { effort: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none' };
}

/** Instructions for the model. */
export interface SystemMessageParam {
  role: 'system';
  content: string | readonly TextPart[];
  name?: string | undefined;
  /** Changes settings from this message on. The message may be empty then. */
  configuration_update?: ConfigurationUpdate | null | undefined;
}

/** Instructions for the model, under OpenAI's newer name for them. */
export interface DeveloperMessageParam {
  role: 'developer';
  content: string | readonly TextPart[];
  name?: string | undefined;
  /** Changes settings from this message on. The message may be empty then. */
  configuration_update?: ConfigurationUpdate | null | undefined;
}

/** What the user says. */
export interface UserMessageParam {
  role: 'user';
  content: string | readonly ContentPart[];
  name?: string | undefined;
}

/** What the model said. The messages of completions fit. */
export interface AssistantMessageParam {
  role: 'assistant';
  /** The text; `null` or absent if the model only called tools. */
  content?: string | ReadonlyArray<ContentPart | RefusalPart> | null | undefined;
  name?: string | undefined;
  /** The id of the model that said it. */
  model?: string | undefined;
  refusal?: string | null | undefined;
  /** The tool calls that the model requested. A message with the role `tool` must answer each. */
  tool_calls?: readonly ToolCallParam[] | null | undefined;
  /** The predecessor of `tool_calls`. */
  function_call?: { name: string; arguments: string } | null | undefined;
  /** The reasoning of the model as text. */
  reasoning?: string | null | undefined;
  /** Another name of `reasoning`, which some models use. */
  reasoning_content?: string | null | undefined;
  /** The reasoning in steps. Send the steps back unchanged and in the same order. */
  reasoning_details?: readonly ReasoningDetail[] | null | undefined;
  images?: ReadonlyArray<{ type?: 'image_url' | undefined; image_url: { url: string } }> | null | undefined;
  audio?: { id?: string | undefined; data?: string | undefined; transcript?: string | undefined; expires_at?: number | undefined } | null | undefined;
  /** The annotations of the answer. Sent back, they save parsing the same PDF again. */
  annotations?: readonly object[] | null | undefined;
}

/** The result of a tool call. */
export interface ToolMessageParam {
  role: 'tool';
  /** The id of the tool call that the message answers. */
  tool_call_id: string;
  content: string | readonly ContentPart[];
  name?: string | undefined;
}

/** The result of a `function_call`, the predecessor of tool calls. */
export interface FunctionMessageParam {
  role: 'function';
  name: string;
  content: string | null;
}

// The message of a user is the last one, because the compiler explains by the last one why a message fits none.
/** A message of the conversation. `role` decides what else it has. */
export type ChatMessage =
  | FunctionMessageParam
  | ToolMessageParam
  | AssistantMessageParam
  | DeveloperMessageParam
  | SystemMessageParam
  | UserMessageParam;
