/** A type without some of its fields. `Omit` would also lose the names of the others, where a type has an index signature. */
export type Except<T, Name extends string> = { [Field in keyof T as Field extends Name ? never : Field]: T[Field] };
