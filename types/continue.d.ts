import type { Except } from './except.js';
import type { ChatCompletionParams } from './request.js';

/** The parameters of {@link OpenRouterClient.continueCompletion}: those of the request whose answer was cut off. */
export interface ContinueParams extends Except<ChatCompletionParams, 'stream'> {
  /** Says that the model goes on from the beginning of an answer, although this package does not know that it does. */
  prefill?: boolean | undefined;
}
