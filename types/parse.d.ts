import type { ChatCompletion, Usage } from './completion.js';
import type { Except } from './except.js';
import type { ChatCompletionParams } from './request.js';
import type { JSONSchema, StandardSchema } from './schema.js';

/** The parameters of {@link OpenRouterClient.parse}: those of a chat, and the schema instead of `response_format`. */
export interface ParseParams<Schema = StandardSchema | JSONSchema> extends Except<ChatCompletionParams, 'response_format' | 'onProgress'> {
  /** The schema of the value: of zod, valibot, arktype or another library with Standard Schema, or a JSON Schema. */
  schema: Schema;
  /** The JSON Schema, if the library of `schema` cannot write it. */
  parameters?: JSONSchema | undefined;
  /** A name for the model: 1 to 64 letters, digits, `_` and `-`. Default `answer`. */
  schemaName?: string | undefined;
  /** A description for the model. */
  schemaDescription?: string | undefined;
  /**
   * Whether the provider must keep to the schema exactly. Objects are then sent with all properties required and no others
   * allowed; optional ones may be `null`, and are left out of the value. Default: yes, unless the schema has objects with
   * unknown keys.
   */
  strict?: boolean | undefined;
  /** Whether the model is asked once more, with the complaint, if its answer does not match. Default false. */
  repair?: boolean | undefined;
}

/** The value that the model has answered. */
export interface ParseResult<Value> {
  value: Value;
  /** The text that the value was read from. */
  text: string;
  completion: ChatCompletion;
  /** Whether it is the answer to the complaint about another one. */
  isRepaired: boolean;
  /** The usage of all requests. */
  usage: Usage | null;
  cost: number;
  totalCost: number;
}

/** The part of a value that has come so far. */
export type PartialValue<Value> = Value extends ReadonlyArray<infer Item>
  ? Array<PartialValue<Item>>
  : Value extends object
    ? { [Key in keyof Value]?: PartialValue<Value[Key]> }
    : Value;

/** A value that is being streamed: `for await` reads what has come so far. Without a loop, `finalResult()` reads to the end. */
export interface ParseStream<Value> extends AsyncIterable<PartialValue<Value>> {
  /** Resolves to the whole value, checked by the schema. */
  finalResult(): Promise<ParseResult<Value>>;
  abort(reason?: unknown): void;
}
