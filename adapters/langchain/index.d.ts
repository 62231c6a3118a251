import { ChatOpenAI } from '@langchain/openai';
import type { ChatOpenAICallOptions, ChatOpenAIFields } from '@langchain/openai';
import type { FieldsOn, OpenRouterCallOptions, OpenRouterMembers } from './types.js';

export type { OpenRouterAdditionalKwargs, OpenRouterParameters, OpenRouterResponseMetadata } from './types.js';

/**
 * What a {@link ChatOpenRouter} is made with: the fields of `ChatOpenAI`, OpenRouter's parameters, and the client's
 * options. Of `configuration`, `apiKey`, `baseURL` and `defaultHeaders` are read; `fetch` and the OpenAI SDK's own
 * transport options have no effect.
 */
export type ChatOpenRouterFields = FieldsOn<ChatOpenAIFields>;

/** What a single call may say. */
export type ChatOpenRouterCallOptions = ChatOpenAICallOptions & OpenRouterCallOptions;

export interface ChatOpenRouter extends OpenRouterMembers {}

/**
 * LangChain's chat model for OpenRouter, on this package's engine. It is a `ChatOpenAI`, so tools, structured output,
 * batches, streams and agents work as they do there. Errors are `OpenRouterError`, also in the middle of a stream,
 * with `error.partial`. Leaving a stream, or aborting, closes the request.
 */
export class ChatOpenRouter extends ChatOpenAI<ChatOpenRouterCallOptions> {
  /** @throws {OpenRouterError} `missing_api_key`, `invalid_api_key` or `invalid_option` */
  constructor(model: string, fields?: Omit<ChatOpenRouterFields, 'model'>);
  constructor(fields?: ChatOpenRouterFields);

  /** The name under which LangChain writes this class down. */
  static lc_name(): string;
}
