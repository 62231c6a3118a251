import type { CallPromise } from '../call-promise.js';
import type { QueryInput } from './request.js';
import type { CallSettings } from './settings.js';

/** An answer about one thing. */
export interface Described<Thing> {
  data: Thing;
  [field: string]: unknown;
}

/** An answer about several things. */
export interface Listed<Thing> {
  data: Thing[];
  total_count?: number;
  [field: string]: unknown;
}

/** Reads things that a management key manages. */
export interface Reader<Thing> {
  list(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<Thing>>;
  get(id: string, settings?: CallSettings): CallPromise<Described<Thing>>;
}

/** Makes, reads, changes and removes things that a management key manages. */
export interface Manager<Thing, Created = Described<Thing>> extends Reader<Thing> {
  create(fields: { name: string; [field: string]: unknown }, settings?: CallSettings): CallPromise<Created>;
  update(id: string, fields: { [field: string]: unknown }, settings?: CallSettings): CallPromise<Described<Thing>>;
  delete(id: string, settings?: CallSettings): CallPromise<{ deleted?: boolean; [field: string]: unknown }>;
}

/** A key of the account. Its id is `hash`; the key itself is shown once, by {@link CreatedKey}. */
export interface ManagedKey {
  hash: string;
  name: string;
  label: string;
  disabled?: boolean;
  limit?: number | null;
  limit_remaining?: number | null;
  usage?: number;
  created_at?: string;
  expires_at?: string | null;
  [field: string]: unknown;
}

/** A key that was made. */
export interface CreatedKey extends Described<ManagedKey> {
  /** The key, which the API shows only now. */
  key: string;
}

/** A guardrail, a workspace or a preset. */
export interface ManagedThing {
  id?: string;
  name?: string;
  [field: string]: unknown;
}
