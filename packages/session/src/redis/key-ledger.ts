// A key must go in the same step as its session, and it has one holder among all sessions; in a cluster these two live in different slots, where no
// script reaches both. So the session's own note is the truth, and the index only points at who may hold a key:
//
//   1. the session notes that it tries, under a nonce                       (the session's slot; fenced)
//   2. the index is made to point at the session and nonce                  (the key's slot; only if it points where we looked)
//   3. the session turns its note into "holds"                              (the session's slot; fenced; only if the note is still there)
//
// Where the index points at somebody else, that session's note decides: it holds the key, so we have lost; it tries, so we wait a little and then end its
// attempt; or it has no such note (any more), so the index may point at us instead. What nobody's note confirms is held by nobody: a reader
// asks the notes, too. So a keeper may die between any two steps, and leaves at most a pointer to nowhere, which the next one who looks clears.
import { setTimeout as sleep } from "node:timers/promises";
import type { Committed, Ended, Fenced, Full, Held, Key, SessionId } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";
import type { Layout } from "./layout.ts";
import { common, number, text } from "./replies.ts";
import type { Reply, Runner } from "./runner.ts";
import { clear, confirm, desist, intend, list, point, probe, release } from "./scripts/keys.ts";

/** An attempt of somebody else is given so many looks before it is ended, each a little later than the last. */
const patience = 8;
/** So many rounds of losing to others without anybody holding the key are a fault somewhere. */
const mostRounds = 200;

interface Attempt { readonly id: SessionId; readonly epoch: number; readonly key: string; readonly value: string; readonly nonce: string }

export class KeyLedger {
  readonly #runner: Runner;
  readonly #layout: Layout;
  readonly #perSession: number;

  constructor(runner: Runner, layout: Layout, perSession: number) {
    this.#runner = runner;
    this.#layout = layout;
    this.#perSession = perSession;
  }

  async hold(id: SessionId, epoch: number, key: string, value: string): Promise<Held | Full | Fenced | Ended> {
    const { session, keys, shard } = this.#layout.session(id);
    for (let round = 0; round < mostRounds; round += 1) {
      const attempt = { id, epoch, key, value, nonce: Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url") };
      const reply = await this.#runner.run(intend, [session, keys, shard.news], [id, String(epoch), key, value, attempt.nonce, String(this.#perSession)]);
      if (text(reply[0]) === "held") return { ok: "held", key: { key, value, session: id, epoch: number(reply[1]) } };
      const refusal = common(reply) as Full | Fenced | Ended | undefined; // What the script answers.
      if (refusal !== undefined) return refusal;
      const outcome = await this.#acquire(attempt);
      if (outcome !== "again") return outcome;
      await sleep(Math.random() * 10);
    }
    throw new StoreError("HF_STORE_FAILED", `"hold" lost ${mostRounds} times in a row to others that did not hold the key either: try again later`);
  }

  async release(id: SessionId, epoch: number, key: string): Promise<Committed | Fenced | Ended> {
    const { session, keys, shard } = this.#layout.session(id);
    const reply = await this.#runner.run(release, [session, keys, shard.news], [id, String(epoch), key]);
    if (reply[2] !== undefined && text(reply[0]) === "committed") await this.#clear(key, owner(id, text(reply[2])));
    return common(reply) as Committed | Fenced | Ended; // What the script answers.
  }

  async list(prefix: string): Promise<readonly Key[]> {
    const replies = await Promise.all(this.#layout.shards.map(async ({ index, order }) => this.#runner.run(list, [index, order], [prefix])));
    const keys = await Promise.all(replies.flatMap((reply) => pairs(reply).map(async ([key, named]) => this.#confirmed(key, named))));
    return keys.filter((key) => key !== undefined).sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** Clears the index of what a session held that is over: key, nonce, key … */
  async clearAll(id: SessionId, held: readonly Reply[]): Promise<void> {
    // The session has ended, and so have its keys; a pointer that stays is cleared by whoever looks at it next.
    await Promise.allSettled(pairs(held).map(async ([key, nonce]) => this.#clear(key, owner(id, nonce))));
  }

  /** Steps 2 and 3. */
  async #acquire(attempt: Attempt): Promise<Held | Fenced | Ended | "again"> {
    const { id, epoch, key, value, nonce } = attempt;
    const { index, order, book } = this.#layout.key(key);
    const { session, keys, shard } = this.#layout.session(id);
    let named = "";
    for (let look = 0; ; look += 1) {
      const reply = await this.#runner.run(point, [index, order, book], [key, named, owner(id, nonce)]);
      if (text(reply[0]) === "pointed") {
        const confirmed = await this.#runner.run(confirm, [session, keys, shard.news], [id, String(epoch), key, value, nonce, text(reply[1])]);
        if (text(confirmed[0]) === "held") return { ok: "held", key: { key, value, session: id, epoch: number(confirmed[1]) } };
        return common(confirmed) as Fenced | Ended | undefined ?? "again"; // What the script answers.
      }
      named = text(reply[1]);
      const state = await this.#settled(key, named, look);
      if (state === "free") continue;
      const desisted = common(await this.#runner.run(desist, [session, keys], [id, String(epoch), key, nonce])) as Committed | Fenced | Ended; // What the script answers.
      // Only the owner may hear that the key is taken.
      return desisted.ok !== "committed" ? desisted : state.session === id ? "again" : { ok: "taken", key: state };
    }
  }

  /** Who holds a key by the note of whom the index names; an attempt that goes on is waited for, then ended. */
  async #settled(key: string, named: string, look: number): Promise<Key | "free"> {
    for (let wait = 0; ; wait += 1) {
      const state = await this.#probe(key, named, wait + look >= patience);
      if (state !== "tries") return state;
      await sleep(2 + wait * 5 * Math.random());
    }
  }

  async #probe(key: string, named: string, end = false): Promise<Key | "free" | "tries"> {
    const space = named.lastIndexOf(" ");
    const [id, nonce] = [named.slice(0, space), named.slice(space + 1)];
    const { session, keys } = this.#layout.session(id);
    const reply = await this.#runner.run(probe, [session, keys], [key, nonce, end ? "1" : "0"]);
    if (text(reply[0]) === "held") return { key, value: text(reply[2]), session: id, epoch: number(reply[1]) };
    return text(reply[0]) === "tries" ? "tries" : "free";
  }

  async #confirmed(key: string, named: string): Promise<Key | undefined> {
    const state = await this.#probe(key, named);
    if (state === "tries") return undefined;
    if (state !== "free") return state;
    await this.#clear(key, named);
    return undefined;
  }

  async #clear(key: string, named: string): Promise<void> {
    const { index, order } = this.#layout.key(key);
    await this.#runner.run(clear, [index, order], [key, named]);
  }
}

/** Whom the index names. */
function owner(id: SessionId, nonce: string): string {
  return `${id} ${nonce}`;
}

function pairs(replies: readonly Reply[]): readonly (readonly [string, string])[] {
  return Array.from({ length: replies.length >> 1 }, (_, at) => [text(replies[at * 2]), text(replies[at * 2 + 1])]);
}
