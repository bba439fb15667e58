import type { Full, Held, Key, SessionId } from "./store.ts";

const none: readonly string[] = [];

/** The keys of all sessions. Each has one holder, and goes with it. */
export class KeyTable {
  readonly #perSession: number;
  readonly #keys: Map<string, Key> = new Map();
  /** Only for sessions that hold some. */
  readonly #bySession: Map<SessionId, Set<string>> = new Map();

  constructor(perSession: number) {
    this.#perSession = perSession;
  }

  hold(session: SessionId, epoch: number, key: string, value: string): Held | Full {
    const old = this.#keys.get(key);
    if (old !== undefined && old.session !== session) return { ok: "taken", key: old };
    const mine = this.#bySession.get(session);
    if (old === undefined && (mine?.size ?? 0) >= this.#perSession) return { ok: "full" };
    const now: Key = { key, value, session, epoch: old?.epoch ?? epoch };
    this.#keys.set(key, now);
    if (mine === undefined) this.#bySession.set(session, new Set([key]));
    else mine.add(key);
    return { ok: "held", key: now };
  }

  /** False: it holds no such key. */
  release(session: SessionId, key: string): boolean {
    const mine = this.#bySession.get(session);
    if (mine?.delete(key) !== true) return false;
    if (mine.size === 0) this.#bySession.delete(session);
    this.#keys.delete(key);
    return true;
  }

  /** Lets go of all that a session holds; says what that was. */
  drop(session: SessionId): Iterable<string> {
    const mine = this.#bySession.get(session);
    if (mine === undefined) return none;
    this.#bySession.delete(session);
    for (const key of mine) this.#keys.delete(key);
    return mine;
  }

  /** Those that begin with `prefix`, sorted. */
  list(prefix: string): readonly Key[] {
    const found = [...this.#keys.values()].filter(({ key }) => key.startsWith(prefix));
    return found.sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}
