'use strict';

const { createHash, randomBytes } = require('node:crypto');

const { ApiError } = require('../errors');

const KINDS = new Set(['keys', 'guardrails', 'presets', 'workspaces']);

/** What management keys manage: lists of things that are made, read, changed and removed alike. */
class Managed {
  #things = new Map([...KINDS].map((kind) => [kind, new Map()]));

  /** Adds a thing, such as a preset, which has no endpoint that makes it. */
  add(kind, id, fields) {
    this.#things.get(kind).set(id, fields);
  }

  /** Answers a request for things of a kind. Returns the body. */
  answer({ transaction, emulator, key }, kind, id) {
    emulator.account.checkManagement(key);
    const { method, body } = transaction.record;
    const all = this.#things.get(kind);
    if (id === undefined) return method === 'POST' ? this.#create(kind, body) : { data: [...all.values()], total_count: all.size };
    const thing = all.get(id);
    if (!thing) throw new ApiError(404, `${kind}/${id} not found`);
    if (method === 'DELETE') all.delete(id);
    if (method === 'DELETE') return kind === 'keys' ? { deleted: true } : { deleted: true, id };
    if (method === 'PATCH') Object.assign(thing, body, { updated_at: new Date().toISOString() });
    return { data: thing };
  }

  #create(kind, body) {
    if (typeof body.name !== 'string' || body.name === '') throw new ApiError(400, '"name" is required');
    const created = { ...body, created_at: new Date().toISOString(), updated_at: null };
    if (kind !== 'keys') {
      const data = { id: `${kind}-${this.#things.get(kind).size + 1}`, ...created };
      this.#things.get(kind).set(data.id, data);
      return { data };
    }
    const key = `sk-or-v1-${randomBytes(32).toString('hex')}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const data = { hash, label: `${key.slice(0, 12)}...${key.slice(-3)}`, disabled: false, limit: null, limit_remaining: null, usage: 0, ...created };
    this.#things.get(kind).set(hash, data);
    return { data, key };
  }
}

module.exports.KINDS = KINDS;
module.exports.Managed = Managed;
