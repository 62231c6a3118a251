import { ChatOpenAI } from '@langchain/openai';
import type { ChatOpenAICallOptions, ChatOpenAIFields } from '@langchain/openai';
import type { FieldsOn, OpenRouterCallOptions, OpenRouterMembers } from './types.js';

export type { OpenRouterAdditionalKwargs, OpenRouterParameters, OpenRouterResponseMetadata } from './types.js';

/**
 * The constructor's fields of {@link ChatOpenRouter}: the fields of `ChatOpenAI`, OpenRouter's request parameters, and the
 * options of `OpenRouterClient`. Of the field `configuration`, only `apiKey`, `baseURL` and `defaultHeaders` are used;
 * `fetch` and the OpenAI SDK's transport options have no effect.
 */
export type ChatOpenRouterFields = FieldsOn<ChatOpenAIFields>;

/** The options of a single call: those of `ChatOpenAI`, and OpenRouter's. */
export type ChatOpenRouterCallOptions = ChatOpenAICallOptions & OpenRouterCallOptions;

export interface ChatOpenRouter extends OpenRouterMembers {}

/**
 * A LangChain chat model for OpenRouter that sends its requests with this package. It extends `ChatOpenAI`, so tools,
 * structured output, batches, streams and agents work in the same way.
 *
 * Every failure is an `OpenRouterError`. A failure in the middle of a stream has the incomplete answer in `error.partial`.
 * Leaving a stream before its end, or aborting it, closes the request.
 */
export class ChatOpenRouter extends ChatOpenAI<ChatOpenRouterCallOptions> {
  /**
   * Creates a model from its id and further fields, or from fields alone.
   *
   * @throws {OpenRouterError} `missing_api_key`, `invalid_api_key` or `invalid_option`
   */
  constructor(model: string, fields?: Omit<ChatOpenRouterFields, 'model'>);
  constructor(fields?: ChatOpenRouterFields);

  /** Returns the name that LangChain uses for this class when it serialises a model. */
  static lc_name(): string;
}
