import type { CallPromise } from '../call-promise.js';
import type { Open } from '../open.js';
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

/** Fields that are sent, of which those in `Known` must be there. */
export type Fields<Known = unknown> = Known & { [field: string]: unknown };

/** The settings of a call that reads something, which may have a query. */
export interface ReadSettings extends CallSettings {
  query?: QueryInput | null | undefined;
}

/** Makes, reads, changes and removes things that a management key manages. `Required` are the fields that a new one must have. */
export interface Manager<Thing, Created = Described<Thing>, Required = { name: string }> extends Reader<Thing> {
  create(fields: Fields<Required>, settings?: CallSettings): CallPromise<Created>;
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

/** Guardrails, and the keys and members to which they are assigned. */
export interface Guardrails extends Manager<ManagedThing> {
  listKeys(id: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  assignKeys(id: string, fields: Fields<{ key_hashes: readonly string[] }>, settings?: CallSettings): CallPromise<{ assigned_count: number }>;
  unassignKeys(id: string, fields: Fields<{ key_hashes: readonly string[] }>, settings?: CallSettings): CallPromise<{ unassigned_count: number }>;
  listMembers(id: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  assignMembers(id: string, fields: Fields<{ member_user_ids: readonly string[] }>, settings?: CallSettings): CallPromise<{ assigned_count: number }>;
  unassignMembers(id: string, fields: Fields<{ member_user_ids: readonly string[] }>, settings?: CallSettings): CallPromise<{ unassigned_count: number }>;
  listAllKeys(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  listAllMembers(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
}

/** Presets and their versions. A preset is made of the parameters of a request, which is stored and not answered. */
export interface Presets extends Reader<ManagedThing> {
  listVersions(slug: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  getVersion(slug: string, version: string, settings?: ReadSettings): CallPromise<Described<ManagedThing>>;
  createFromChat(slug: string, params: Fields, settings?: CallSettings): CallPromise<Described<ManagedThing>>;
  createFromMessages(slug: string, params: Fields, settings?: CallSettings): CallPromise<Described<ManagedThing>>;
  createFromResponses(slug: string, params: Fields, settings?: CallSettings): CallPromise<Described<ManagedThing>>;
}

/** The period of a budget of a workspace. */
export type BudgetInterval = Open<'daily' | 'weekly' | 'monthly' | 'lifetime'>;

/** Workspaces, their budgets and members. */
export interface Workspaces extends Manager<ManagedThing, Described<ManagedThing>, { name: string; slug: string }> {
  listBudgets(id: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  getBudget(id: string, interval: BudgetInterval, settings?: ReadSettings): CallPromise<Described<ManagedThing>>;
  setBudget(id: string, interval: BudgetInterval, fields: Fields<{ limit_usd: number }>, settings?: CallSettings): CallPromise<Described<ManagedThing>>;
  deleteBudget(id: string, interval: BudgetInterval, settings?: ReadSettings): CallPromise<{ deleted?: boolean; [field: string]: unknown }>;
  listMembers(id: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  addMembers(id: string, fields: Fields<{ user_ids: readonly string[] }>, settings?: CallSettings): CallPromise<{ added_count: number; [field: string]: unknown }>;
  removeMembers(id: string, fields: Fields<{ user_ids: readonly string[] }>, settings?: CallSettings): CallPromise<{ removed_count: number; [field: string]: unknown }>;
}

/** The members of the organization. */
export interface Organization {
  listMembers(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
}

/** Figures of the usage of the account. */
export interface Analytics {
  getMeta(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Described<{ [field: string]: unknown }>>;
  query(fields: Fields<{ metrics: readonly string[] }>, settings?: CallSettings): CallPromise<Described<{ [field: string]: unknown }>>;
}

/** Files that are kept at OpenRouter or a provider. `query` of the settings names the workspace or provider. */
export interface Files {
  list(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  /** Uploads a `File`, a `Blob`, bytes, or a form with the field `file`. */
  upload(file: Blob | Uint8Array | ArrayBuffer | FormData, settings?: ReadSettings): CallPromise<ManagedThing>;
  get(id: string, settings?: ReadSettings): CallPromise<ManagedThing>;
  delete(id: string, settings?: ReadSettings): CallPromise<{ deleted?: boolean; [field: string]: unknown }>;
  /** The body of the response is the file, as it arrives. */
  getContent(id: string, settings?: ReadSettings): CallPromise<Response>;
}

/** Roles that groups of an identity provider have in workspaces. */
export interface Scim extends Manager<ManagedThing, Described<ManagedThing>, { scim_group_id: string; workspace_id: string; role: string }> {
  /** The API wants `query: { keep_members }`. */
  delete(id: string, settings?: ReadSettings): CallPromise<{ deleted?: boolean; [field: string]: unknown }>;
  listGroups(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  startSync(settings?: CallSettings): CallPromise<Described<ManagedThing>>;
  getSync(id: string, settings?: ReadSettings): CallPromise<Described<ManagedThing>>;
}

/** Secrets for agents that run at OpenRouter. */
export interface Vault {
  list(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  store(name: string, fields: Fields, settings?: CallSettings): CallPromise<Described<ManagedThing>>;
  delete(name: string, settings?: ReadSettings): CallPromise<{ deleted?: boolean; [field: string]: unknown }>;
}

/** Files that the code of a model has made. */
export interface Containers {
  listFiles(id: string, filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  getFile(id: string, file: string, settings?: ReadSettings): CallPromise<ManagedThing>;
  getFileContent(id: string, file: string, settings?: ReadSettings): CallPromise<Response>;
  promoteFile(id: string, file: string, settings?: ReadSettings): CallPromise<ManagedThing>;
}

/** Public figures about models and apps. */
export interface Datasets {
  appRankings(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  dailyRankings(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
  sessionCost(filters?: QueryInput | null, settings?: CallSettings): CallPromise<Listed<ManagedThing>>;
}

/** A guardrail, a workspace, a preset, or another thing that the account has. */
export interface ManagedThing {
  id?: string;
  name?: string;
  [field: string]: unknown;
}
