import { openDB } from 'idb';

const DATABASE = 'openrouter-playground';
const STORE = 'conversations';

/** The conversations of this browser. They are in its IndexedDB and nowhere else. */
export class History {
  #database = null;

  /** The database is opened once. A browser that refuses one, as in a private window, keeps nothing. */
  #open() {
    this.#database ??= openDB(DATABASE, 1, {
      upgrade: (database) => { database.createObjectStore(STORE, { keyPath: 'id' }).createIndex('changed', 'changed'); },
    });
    return this.#database;
  }

  /** Resolves to the conversations, the last changed first. */
  async list() {
    return (await (await this.#open()).getAllFromIndex(STORE, 'changed')).reverse();
  }

  /** Keeps a conversation, in place of an earlier state of it. */
  async keep(conversation) {
    await (await this.#open()).put(STORE, { ...conversation, changed: Date.now() });
  }

  async remove(id) {
    await (await this.#open()).delete(STORE, id);
  }
}

/** The title of a conversation: how its first message begins. */
export function titleOf(messages) {
  const first = messages.find(({ role }) => role === 'user')?.content ?? '';
  const line = first.trim().split('\n')[0];
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
