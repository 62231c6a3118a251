'use strict';

const { createHash, randomBytes } = require('node:crypto');

const { ApiError } = require('../errors');

/** The lists whose things are made, read, changed and removed alike, by their folder. */
const FOLDERS = ['keys', 'guardrails', 'presets', 'workspaces', 'byok', 'observability/destinations', 'scim/group-mappings'];
/** What a thing must have, where that is not a name. */
const REQUIRED = { workspaces: ['name', 'slug'], byok: ['provider', 'key'], 'observability/destinations': ['type', 'name', 'config'], 'scim/group-mappings': ['scim_group_id', 'workspace_id', 'role'] };

/** What management keys manage. */
class Managed {
  #things = new Map(FOLDERS.map((folder) => [folder, new Map()]));
  /** The ids that are assigned to things, the budgets of workspaces, and secrets, by their path. */
  #parts = new Map();

  /** Adds a thing, such as a preset, which has no endpoint that makes it. */
  add(folder, id, fields) {
    this.#things.get(folder).set(id, fields);
  }

  /** Answers a request for things of a folder. Returns the body. */
  answer({ transaction, emulator, key }, folder, id) {
    emulator.account.checkManagement(key);
    const { method, body } = transaction.record;
    const all = this.#things.get(folder);
    if (id === undefined) return method === 'POST' ? this.#create(folder, body) : listOf([...all.values()]);
    const thing = this.find(folder, id);
    if (method === 'DELETE') all.delete(id);
    if (method === 'DELETE') return folder === 'keys' ? { deleted: true } : { deleted: true, id };
    if (method === 'PATCH') Object.assign(thing, body, { updated_at: new Date().toISOString() });
    return { data: thing };
  }

  /** Returns a thing, or throws a 404. */
  find(folder, id) {
    const thing = this.#things.get(folder).get(id);
    if (!thing) throw new ApiError(404, `${folder}/${id} not found`);
    return thing;
  }

  /** Returns what belongs to a thing, or to no thing, under a name: a map by id. */
  parts(path) {
    if (!this.#parts.has(path)) this.#parts.set(path, new Map());
    return this.#parts.get(path);
  }

  #create(folder, body) {
    for (const name of REQUIRED[folder] ?? ['name']) if (!body[name]) throw new ApiError(400, `"${name}" is required`);
    const created = { ...body, created_at: new Date().toISOString(), updated_at: null };
    if (folder !== 'keys') {
      const data = { id: `${folder.split('/')[0]}-${this.#things.get(folder).size + 1}`, ...created };
      // A key of the caller's own is shown in part only.
      if (folder === 'byok') data.key = `...${String(body.key).slice(-3)}`;
      this.#things.get(folder).set(data.id, data);
      return { data };
    }
    const key = `sk-or-v1-${randomBytes(32).toString('hex')}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const data = { hash, label: `${key.slice(0, 12)}...${key.slice(-3)}`, disabled: false, limit: null, limit_remaining: null, usage: 0, ...created };
    this.#things.get(folder).set(hash, data);
    return { data, key };
  }
}

function listOf(data) {
  return { data, total_count: data.length };
}

module.exports.FOLDERS = FOLDERS;
module.exports.Managed = Managed;
module.exports.listOf = listOf;
