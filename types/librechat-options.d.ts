import type { OpenRouterClientOptions, Switches } from './client-options.js';
import type { OpenRouterClient } from './client.js';

/** The options of LibreChat that stay available in `client.options`, its HTTP request among them. They are never read or sent. */
type Kept =
  | 'addParams'
  | 'agent'
  | 'agent_id'
  | 'artifacts'
  | 'attachments'
  | 'chatGptLabel'
  | 'contextStrategy'
  | 'conversationId'
  | 'customParams'
  | 'directEndpoint'
  | 'dropParams'
  | 'endpoint'
  | 'endpointTokenConfig'
  | 'endpointType'
  | 'examples'
  | 'fileTokenLimit'
  | 'forcePrompt'
  | 'greeting'
  | 'iconURL'
  | 'imageDetail'
  | 'maxContextTokens'
  | 'maxPromptTokens'
  | 'maxResponseTokens'
  | 'model_parameters'
  | 'modelDisplayLabel'
  | 'modelLabel'
  | 'modelsConfig'
  | 'openRouterActualModel'
  | 'overrideParentMessageId'
  | 'parentMessageId'
  | 'promptPrefix'
  | 'replaceOptions'
  | 'req'
  | 'res'
  | 'resendFiles'
  | 'resendImages'
  | 'reverseProxyUrl'
  | 'sender'
  | 'spec'
  | 'streamRate'
  | 'summarize'
  | 'summaryModel'
  | 'titleConvo'
  | 'titleMessageRole'
  | 'titleMethod'
  | 'titleModel'
  | 'titlePrompt'
  | 'titlePromptTemplate'
  | 'userMCPAuthMap';

/**
 * The options that LibreChat passes to a client beside {@link OpenRouterClientOptions}. {@link OpenRouterClient} takes them, so
 * that it can stand in for LibreChat's own client.
 */
export interface LibreChatOptions extends OpenRouterClientOptions, Partial<Record<Kept, unknown>> {
  /** The API key under LibreChat's name for it. Takes precedence over the constructor's argument and over `apiKey`. */
  openRouterApiKey?: string | null | undefined;
  /**
   * LibreChat's endpoint options. Only the switches `autoRouter`, `zdr` and `dataCollection` are read from them, from their
   * `modelOptions` and `model_parameters`, and the latter two from `provider` and `providerPreferences` there.
   */
  endpointOption?: (Switches & { modelOptions?: Switches | null | undefined; [option: string]: unknown }) | null | undefined;
}
