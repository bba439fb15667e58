import type { Attachment, Claim, Committed, Fenced, SessionStore } from "@holdfast/session";
import { memoryStore } from "@holdfast/session/keeper";
import { SimClock } from "../../src/index.ts";
import type { StoreFixture } from "../../src/stores/index.ts";

/** What is wrong with a store, a sentence that it breaks, and what the suite says. */
export interface StoreFault {
  readonly fault: string;
  readonly breaks: string;
  readonly saying: RegExp;
  readonly tamper: (store: SessionStore, clock: SimClock) => Partial<SessionStore>;
}

/** The memory store with some of its calls replaced. */
export function brokenStore(tamper: StoreFault["tamper"]): StoreFixture {
  const clock = new SimClock();
  const sound = memoryStore({ clock });
  const store: SessionStore = {
    create: (id, session) => sound.create(id, session),
    find: (id) => sound.find(id),
    attach: (id, claim) => sound.attach(id, claim),
    commit: (id, epoch, change) => sound.commit(id, epoch, change),
    append: (id, messages) => sound.append(id, messages),
    read: (id, from, limit) => sound.read(id, from, limit),
    touch: (id, epoch) => sound.touch(id, epoch),
    close: (id, epoch) => sound.close(id, epoch),
    hold: (id, epoch, key, value) => sound.hold(id, epoch, key, value),
    release: (id, epoch, key) => sound.release(id, epoch, key),
    keys: (prefix) => sound.keys(prefix),
    expire: (limit) => sound.expire(limit),
    subscribe: (listener) => sound.subscribe(listener),
    ...tamper(sound, clock),
  };
  return { store, pass: (ms) => { clock.advance(ms); } };
}

/** The epoch that the store names when it is asked with one that never was. */
const current = async (store: SessionStore, id: string): Promise<number> => ((await store.touch(id, -1)) as Fenced).epoch;

/** Attaches in spite of a refusal of this kind. */
const overlook = (why: string) => (store: SessionStore): Partial<SessionStore> => ({
  attach: async (id, claim) => {
    const answer = await store.attach(id, claim);
    return answer.ok === "refused" && answer.why === why ? store.attach(id, { ...claim, attach: Math.max(claim.attach, answer.attach + 1), restarted: true }) : answer;
  },
});

export const storeFaults: readonly StoreFault[] = [
  { fault: "does not know when a client has diverged", breaks: "less sent than the store has committed is diverged, and the refusal changes nothing", saying: /ok is "attached"/, tamper: overlook("diverged") },
  { fault: "takes an attach number twice", breaks: "the attach number that the store has is stale, and the refusal changes nothing", saying: /ok is "attached"/, tamper: overlook("stale") },
  {
    fault: "looks at the attach number before the generation",
    breaks: "the generation is looked at before the attach number, and the refusal changes nothing",
    saying: /why is "stale"/,
    tamper: (store) => {
      const generations = new Map<string, Uint8Array>();
      return {
        create: async (id, session) => {
          const created = await store.create(id, session);
          if (created.ok === "created") generations.set(id, created.generation);
          return created;
        },
        attach: async (id, claim: Claim) => {
          const answer = await store.attach(id, claim);
          if (answer.ok !== "refused" || answer.why !== "stateLost") return answer;
          const second = await store.attach(id, { ...claim, attach: 0, generation: generations.get(id) ?? claim.generation });
          return second.ok === "refused" && claim.attach <= second.attach ? second : answer;
        },
      };
    },
  },
  {
    fault: "renews the deadline also for an older epoch",
    breaks: "a call that is fenced renews nothing",
    saying: /what expires should be/,
    tamper: (store) => ({
      touch: async (id, epoch) => {
        const answer = await store.touch(id, epoch);
        if (answer.ok === "fenced") await store.touch(id, answer.epoch);
        return answer;
      },
    }),
  },
  {
    fault: "does not fence a release",
    breaks: "release with an older epoch is fenced, is told the epoch, and changes nothing",
    saying: /should be \{"ok":"fenced","epoch":2\}; ok is "committed"/,
    tamper: (store) => ({ release: async (id, _epoch, key) => store.release(id, await current(store, id), key) }),
  },
  {
    fault: "takes those messages of a batch that fit",
    breaks: "an append that would hold more than `maxBytes` is full: none of its messages is taken",
    saying: /the second append should be/,
    tamper: (store) => ({
      append: async (id, messages) => {
        let last: Awaited<ReturnType<SessionStore["append"]>> = await store.append(id, []);
        for (const message of messages) {
          const answer = await store.append(id, [message]);
          if (answer.ok === "full") return last;
          last = answer;
        }
        return last;
      },
    }),
  },
  {
    fault: "keeps texts as bytes",
    breaks: "a text stays a text, and bytes stay bytes",
    saying: /message 1 should be \{"sequence":1,"message":"text"\}, got \{"sequence":1,"message":"bytes 116 101 120 116"\}/,
    tamper: (store) => ({
      read: async (id, from, limit) => (await store.read(id, from, limit)).map(({ sequence, message }) => ({ sequence, message: typeof message === "string" ? new TextEncoder().encode(message) : message })),
    }),
  },
  {
    fault: "forgets what was received when a session ends",
    breaks: "a session that was closed is told so, with what was received",
    saying: /received is 0/,
    tamper: (store) => ({
      attach: async (id, claim) => {
        const answer = await store.attach(id, claim);
        return answer.ok === "refused" && answer.why === "closed" ? { ...answer, received: 0 } : answer;
      },
    }),
  },
  {
    fault: "keeps the keys of a session that is over",
    breaks: "keys go when their session is closed, and others can hold them at once",
    saying: /the keys should be \["d"\]/,
    tamper: (store) => {
      const held = new Map<string, Awaited<ReturnType<SessionStore["keys"]>>[number]>();
      return {
        hold: async (id, epoch, key, value) => {
          const answer = await store.hold(id, epoch, key, value);
          if (answer.ok === "held") held.set(key, answer.key);
          return answer;
        },
        keys: (prefix) => [...held.values()].filter(({ key }) => key.startsWith(prefix)),
      };
    },
  },
  {
    fault: "lets a second session take a key over",
    breaks: "one session holds a key at a time: another is told who does, and changes nothing",
    saying: /hold by the other one should be/,
    tamper: (store) => ({
      hold: async (id, epoch, key, value) => {
        const answer = await store.hold(id, epoch, key, value);
        if (answer.ok !== "taken") return answer;
        await store.release(answer.key.session, await current(store, answer.key.session), key);
        return store.hold(id, epoch, key, value);
      },
    }),
  },
  { fault: "heeds no limit when it expires", breaks: "at most so many expire at a time, and the others at the next time", saying: /limit of 0/, tamper: (store) => ({ expire: () => store.expire(Infinity) }) },
  { fault: "throws where it should reject", breaks: "an `acked` above what was sent is rejected, and nothing is changed", saying: /threw at once/, tamper: () => ({ commit: (_id, _epoch, { acked = 0 }) => { if (acked > 2) throw new Error("no"); return { ok: "committed", sent: 2 }; } }) },
  { fault: "tells no news of keys that go with their session", breaks: "keys that go with their session are told as gone", saying: /key a should be told/, tamper: (store) => ({ subscribe: (listener) => store.subscribe((news) => { if (news.type !== "key" || news.now !== undefined) listener(news); }) }) },
  {
    fault: "decides in one step and acts in another",
    breaks: "calls at the same time, through two handles, look as if they came one after the other",
    saying: /no order of these calls explains their answers \(seed \d+, session \d+\):\n +1…/,
    tamper: (store) => ({
      commit: async (id, epoch, change) => {
        const before = await store.commit(id, epoch, {});
        if (before.ok !== "committed") return before;
        await Promise.resolve();
        return store.commit(id, await current(store, id).catch(() => epoch), change);
      },
    }),
  },
  {
    fault: "answers from what it knew before",
    breaks: "calls at the same time, through two handles, look as if they came one after the other",
    saying: /no order of these calls explains their answers/,
    tamper: (store) => {
      const last = new Map<string, Attachment | Committed>();
      return {
        touch: async (id, epoch) => {
          const known = last.get(id);
          const answer = await store.touch(id, epoch);
          if (answer.ok !== "committed") return answer;
          last.set(id, answer);
          return known === undefined ? answer : { ok: "committed", sent: known.sent };
        },
      };
    },
  },
];
