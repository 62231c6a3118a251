import type { Open } from './open.js';

/** A tool that the model may call: a function of yours, or one of OpenRouter's own tools (type `openrouter:web_search`). */
export interface Tool {
  type: Open<'function'>;
  function?:
    | {
        name: string;
        description?: string | undefined;
        parameters?: object | undefined;
        strict?: boolean | null | undefined;
        [field: string]: unknown;
      }
    | undefined;
  [field: string]: unknown;
}

/** A tool call that the model requests. */
export interface ToolCall {
  /** The id to name as `tool_call_id` in the message with the tool's result. */
  id?: string | undefined;
  type?: Open<'function'> | undefined;
  function: {
    name: string;
    /** The arguments as JSON text, exactly as the model wrote it. */
    arguments: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}
