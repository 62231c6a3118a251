import type { SchemaOfJSON } from './tools.js';

/** The form of the answer: text. */
export interface ResponseFormatText {
  type: 'text';
}

/** The form of the answer: any JSON object. The prompt must ask for JSON, too. */
export interface ResponseFormatJSONObject {
  type: 'json_object';
}

/** The form of the answer: JSON that matches a schema. */
export interface ResponseFormatJSONSchema {
  type: 'json_schema';
  json_schema: {
    /** At most 64 letters, digits, `_` and `-`. */
    name: string;
    description?: string | undefined;
    schema?: SchemaOfJSON | undefined;
    /** Whether the answer must match the schema exactly. */
    strict?: boolean | null | undefined;
  };
}

/** The form of the answer: text that matches a grammar. */
export interface ResponseFormatGrammar {
  type: 'grammar';
  grammar: string;
}

/** The form of the answer: a program in Python. */
export interface ResponseFormatPython {
  type: 'python';
}

/** The form that the answer must have. */
export type ResponseFormat =
  | ResponseFormatText
  | ResponseFormatJSONObject
  | ResponseFormatJSONSchema
  | ResponseFormatGrammar
  | ResponseFormatPython;
