import type { SettledAnswer } from '../../index.js';
import type { LibreChatLogger } from './index.js';

/** The functions of LibreChat that {@link createUsageRecorder} uses: `api/models` exports them, among others. */
export interface BillingMethods {
  /** Writes a transaction, and subtracts its value from the balance of the user. */
  createTransaction(transaction: any): Promise<unknown>;
  getMultiplier?(asked: any): any;
  getCacheMultiplier?(asked: any): any;
  spendTokens?(transaction: any, tokens: any): Promise<unknown>;
  spendStructuredTokens?(transaction: any, tokens: any): Promise<any>;
}

/** The options of {@link createUsageRecorder}. */
export interface UsageRecorderOptions {
  /**
   * Whether the cost is subtracted from the balance of the user, or only recorded: LibreChat's `balance.enabled`. A function
   * decides for each answer. Default: true.
   */
  balance?: boolean | { enabled?: boolean } | ((answer: SettledAnswer) => boolean | Promise<boolean>) | null | undefined;
  /** Receives an error for each answer whose cost could not be recorded, with the id of its generation. */
  logger?: LibreChatLogger | null | undefined;
  /** Returns the id of the user who pays for an answer. Default: the parameter `user` of the request, which LibreChat sets. */
  userOf?: ((answer: SettledAnswer) => string | null | undefined | Promise<string | null | undefined>) | null | undefined;
  /**
   * Whether answers of a model are billed by this recorder only, so that LibreChat's own billing charges nothing for them.
   * Default: the models of the requests that this process sent through this package. Set it if another endpoint of LibreChat has
   * models of the same name.
   */
  models?: ((model: string) => boolean) | null | undefined;
  /** Called when a transaction was written. */
  onRecord?: ((answer: SettledAnswer) => unknown) | null | undefined;
}

/** Records what OpenRouter charged, see {@link createUsageRecorder}. */
export interface UsageRecorder<Methods = BillingMethods> {
  /**
   * LibreChat's functions that price and bill tokens, to be exported in place of the original ones. For the models that the
   * recorder bills, they charge nothing. The check of the balance before a chat keeps the prices of LibreChat's table.
   */
  readonly methods: Pick<Methods, Extract<keyof Methods, 'getMultiplier' | 'getCacheMultiplier' | 'spendTokens' | 'spendStructuredTokens'>>;
  /**
   * Records one answer, and resolves to whether a transaction was written. Only needed for answers of another process: those of
   * this process are recorded by themselves. An answer whose generation was recorded already is not recorded again.
   */
  record(answer: SettledAnswer): Promise<boolean>;
  /** Stops recording. Resolves when the transactions that were begun are written. */
  close(): Promise<void>;
}

/**
 * Records what OpenRouter charged for each answer as a transaction of LibreChat, under the user who caused it: chats, the turns
 * of tools, titles, memory, summaries, and answers that were aborted or cut. It hears of every answer that passes through
 * `configureAgents`, `createFetch` or `openrouter-native/register` in this process.
 *
 * @param methods LibreChat's functions, as `api/models` exports them
 * @throws {OpenRouterError} `invalid_option`
 */
export function createUsageRecorder<Methods extends BillingMethods>(methods: Methods, options?: UsageRecorderOptions | null): UsageRecorder<Methods>;
