/**
 * A schema as zod, valibot, arktype and other libraries make it (https://standardschema.dev), without a dependency on any of
 * them.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** A JSON Schema. */
export interface JSONSchema {
  readonly '~standard'?: never;
  readonly [keyword: string]: unknown;
}

/** The type of the values that a schema describes; `unknown` for a JSON Schema. */
export type SchemaValue<Schema> = Schema extends StandardSchema<infer _Input, infer Output> ? Output : unknown;
