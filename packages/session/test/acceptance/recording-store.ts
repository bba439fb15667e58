import type { News, SessionId, SessionStore } from "../../src/store/store.ts";

interface Deed { readonly what: "attach" | "commit" | "touch"; readonly id: SessionId; readonly epoch: number; readonly ok: string; readonly by: string }

/** What a store was asked and what it answered, in the order of its answers. In memory that is the order in which it happened. */
export class History {
  readonly deeds: Deed[] = [];

  attaches(id: SessionId): number {
    return this.deeds.filter((deed) => deed.id === id && deed.what === "attach" && deed.ok === "attached").length;
  }

  /** Commits that were refused since somebody else owned the session. */
  fenced(): number {
    return this.deeds.filter(({ what, ok }) => what === "commit" && ok === "fenced").length;
  }

  /** Commits and renewals of an epoch that was not the latest any more. */
  overlaps(): number {
    const latest = new Map<SessionId, number>();
    let count = 0;
    for (const { what, id, epoch, ok } of this.deeds) {
      const known = latest.get(id) ?? 1;
      if (what === "attach") latest.set(id, Math.max(known, epoch));
      else if (ok === "committed" && epoch < known) count += 1;
    }
    return count;
  }
}

/** One user's way to a store, which writes down what passes. `deaf`: its user hears no news, and so learns late that somebody else is the owner. */
export function recorded(store: SessionStore, history: History, by: string, deaf: () => boolean = () => false): SessionStore {
  const note = <Answer extends { readonly ok: string }>(what: Deed["what"], id: SessionId, epoch: number, answer: Answer): Answer => {
    history.deeds.push({ what, id, epoch: "epoch" in answer && what === "attach" ? Number(answer.epoch) : epoch, ok: answer.ok, by });
    return answer;
  };
  return {
    create: (...given) => store.create(...given), find: (id) => store.find(id), append: (...given) => store.append(...given), read: (...given) => store.read(...given),
    close: (...given) => store.close(...given), hold: (...given) => store.hold(...given), release: (...given) => store.release(...given),
    keys: (prefix) => store.keys(prefix), expire: (limit) => store.expire(limit),
    attach: async (id, claim) => note("attach", id, 0, await store.attach(id, claim)),
    commit: async (id, epoch, change) => note("commit", id, epoch, await store.commit(id, epoch, change)),
    touch: async (id, epoch) => note("touch", id, epoch, await store.touch(id, epoch)),
    subscribe: (listener) => store.subscribe((news: News) => { if (!deaf()) listener(news); }),
  };
}
