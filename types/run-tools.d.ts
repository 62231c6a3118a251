import type { Budget } from './budget.js';
import type { SignalLike } from './calls.js';
import type { ChatCompletion, PartialCompletion, Usage } from './completion.js';
import type { Except } from './except.js';
import type { ChatMessage, ContentPart } from './messages.js';
import type { Open } from './open.js';
import type { ChatCompletionParams } from './request.js';
import type { JSONSchema, SchemaValue, StandardSchema } from './schema.js';
import type { Tool } from './tools.js';

/** The second argument of a tool's `run`: the facts of the call, and the signal that ends it. */
export interface ToolContext {
  toolCallId: string | undefined;
  name: string;
  /** Aborted when the run is aborted or its time is over, and when the `timeout` of the tool is. */
  signal: AbortSignal;
  /** The number of the step, from 1. */
  step: number;
  /** The conversation so far. */
  messages: readonly ChatMessage[];
}

/**
 * What a tool returns: a string is sent as it is, and so are parts of content, such as images. Anything else is sent as JSON.
 */
export type ToolResult = string | readonly ContentPart[] | unknown;

/** A tool that a run calls. {@link defineTool} checks its types. */
export interface RunnableTool<Schema = StandardSchema | JSONSchema> {
  type?: 'function' | undefined;
  /** 1 to 64 letters, digits, `_` and `-`. */
  name: string;
  description?: string | undefined;
  /** The schema of the arguments. They are checked before `run` gets them. Default: no arguments. */
  schema?: Schema | undefined;
  /** The JSON Schema of the arguments: instead of `schema`, or beside one whose library cannot write it. */
  parameters?: JSONSchema | undefined;
  /** Whether the provider must keep to the schema exactly. */
  strict?: boolean | undefined;
  /**
   * Does the work. An exception becomes the result that the model gets, so that it can try something else. Without `run` the
   * run ends when the model calls the tool, and `pendingToolCalls` has the call.
   */
  run?: ((args: any, context: ToolContext) => ToolResult | Promise<ToolResult>) | undefined;
  /** Whether `onApproval` is asked before a call. Default: yes, if there is an `onApproval`. */
  needsApproval?: boolean | ((args: any) => boolean | Promise<boolean>) | undefined;
  /** The longest time of a call, in milliseconds. Default: no limit but that of the run. */
  timeout?: number | undefined;
  [field: string]: unknown;
}

/** Returns the tool itself. In TypeScript, `run` gets the type of the schema. */
export function defineTool<const Schema extends StandardSchema | JSONSchema>(
  tool: Except<RunnableTool<Schema>, 'name' | 'schema' | 'run' | 'needsApproval'> & {
    name: string;
    schema: Schema;
    run?: (args: SchemaValue<Schema>, context: ToolContext) => ToolResult | Promise<ToolResult>;
    needsApproval?: boolean | ((args: SchemaValue<Schema>) => boolean | Promise<boolean>);
  },
): RunnableTool<Schema>;

/** A tool call in a run. */
export interface RunToolCall {
  id: string | undefined;
  name: string;
  /** The arguments that the schema has checked; before that, and if they do not match, the text that the model wrote. */
  arguments: unknown;
  /** What the tool returned. */
  result?: unknown;
  /** Why there is no result. The model got this text. */
  error?: string;
  durationMs?: number;
}

/** What a decision about a call is: only `true` approves it. A string is the reason that the model gets. */
export type Approval = boolean | string | { approved: boolean; reason?: string | undefined } | null | undefined | void;

/** The parameters of {@link OpenRouterClient.runTools}: those of a chat, and those of the run. */
export interface RunToolsParams extends Except<ChatCompletionParams, 'tools'> {
  /** The tools: with `run`, without it (the run ends at their calls), and OpenRouter's own, which are sent as they are. */
  tools: ReadonlyArray<RunnableTool | Tool>;
  /** The most requests. Default 10. */
  maxSteps?: number | null | undefined;
  /**
   * The most that the run may cost, in USD. It is a {@link Budget}: the most that a request can cost is reserved before it is
   * sent.
   */
  maxCost?: number | null | undefined;
  /** The longest time of the run, in milliseconds. `timeouts` hold for each request. */
  maxTime?: number | null | undefined;
  /** The most tools that run at the same time. Default 8. */
  concurrency?: number | null | undefined;
  /** Further budgets that pay for the run. */
  budget?: Budget | readonly Budget[] | null | undefined;
  /**
   * Decides whether a call may run. It is asked for one call at a time. An exception in it ends the run, and the tool is not
   * run.
   */
  onApproval?: ((call: RunToolCall, context: Omit<ToolContext, 'toolCallId' | 'name'>) => Approval | Promise<Approval>) | null | undefined;
  signal?: AbortSignal | SignalLike | null | undefined;
}

/** One request of a run, and the tool calls of its answer. */
export interface RunStep {
  completion: ChatCompletion;
  toolCalls: RunToolCall[];
}

/**
 * Why a run ended: the finish reason of the last answer (`stop`, `length`, `content_filter`), `tool_calls` if the caller has
 * to run calls, or the limit that ended it.
 */
export type StopReason = Open<'stop' | 'length' | 'content_filter' | 'tool_calls' | 'max_steps' | 'max_cost' | 'max_time' | 'error'>;

/** What a run has brought. In an error (`error.run`), what it had brought before the failure. */
export interface RunToolsResult {
  /** The text of the last answer. */
  text: string;
  stopReason: StopReason;
  /** The whole conversation. It can be sent back: each tool call has its result, except those that the caller has to run. */
  messages: ChatMessage[];
  /** The messages that the run has added. */
  newMessages: ChatMessage[];
  steps: RunStep[];
  /** The last complete answer. */
  completion: ChatCompletion | null;
  /** The answer that was cut off when the run ended; it is not among the messages. */
  partial: PartialCompletion | null;
  /** The calls that the caller has to run, of tools without `run`. */
  pendingToolCalls: RunToolCall[];
  /** The sums over all steps. */
  usage: Usage | null;
  /** What all steps have cost in credits, in USD, as far as it is known. */
  cost: number;
  /** `cost`, and what was paid to providers with your own keys. */
  totalCost: number;
  /** Whether the cost of every step is known. That of an answer that was cut off may not be. */
  isCostComplete: boolean;
}

/** What happens in a run. */
export type RunEvent =
  | { type: 'text'; step: number; text: string }
  | { type: 'reasoning'; step: number; text: string }
  | { type: 'tool_start'; step: number; call: RunToolCall }
  | { type: 'tool_end'; step: number; call: RunToolCall }
  | { type: 'usage'; step: number; usage: Usage | null; total: { usage: Usage | null; cost: number } }
  | { type: 'step'; step: number; completion: ChatCompletion; toolCalls: RunToolCall[] };

/**
 * A run. `for await` reads its events, and leaving the loop ends the run. Without a loop, `finalResult()` runs it to its end.
 */
export interface ToolRun extends AsyncIterable<RunEvent> {
  /** The conversation so far. */
  readonly messages: ChatMessage[];
  /** The steps so far. */
  readonly steps: RunStep[];
  readonly usage: Usage | null;
  readonly cost: number;
  readonly totalCost: number;
  readonly isCostComplete: boolean;
  /** Resolves to the result at the end. Rejects if the run fails; `error.run` has what it had brought. */
  finalResult(): Promise<RunToolsResult>;
  /** Ends the run: its request, and its tools by their signals. */
  abort(reason?: unknown): void;
}
