import { systemClock, type Clock, type Frame, type Random } from "@holdfast/core";
import { refuse } from "./attach-rules.ts";
import { KeyTable } from "./key-table.ts";
import { resolveMemoryStore, type MemoryStoreOptions } from "./memory-options.ts";
import { Newsroom } from "./newsroom.ts";
import { OutQueue } from "./out-queue.ts";
import type { Attachment, AttachRefusal, Change, Claim, Committed, Created, Ended, Fenced, Found, Full, Held, Key, NewSession, News, Outgoing, SessionId, SessionStore, Tombstone } from "./store.ts";
import { ackedTooMuch, usedBefore } from "./store-error.ts";
import { TimingWheel, type Scheduled } from "./timing-wheel.ts";
import { Tombstones } from "./tombstones.ts";
import { weigh } from "./weight.ts";

/**
 * Sessions in the memory of this process: for one server, for tests, and as the measure of other stores. Every answer is there at once.
 * A session lives until `expire` takes it, up to 100 ms after its deadline; an attach or a touch before that renews it.
 */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  return new MemoryStore(options);
}

/** A session. */
interface Row extends Scheduled {
  readonly id: SessionId;
  readonly is: NewSession;
  readonly queue: OutQueue;
  attach: number;
  epoch: number;
  received: number;
  /** The last answer: made anew only when `sent` has changed. */
  committed: Committed;
}

const full: Full = { ok: "full" };
const unknown: Ended = { ok: "ended", why: "unknown", received: 0 };

class MemoryStore implements SessionStore {
  readonly #clock: Clock;
  readonly #limits: ReturnType<typeof resolveMemoryStore>;
  readonly #generation: Uint8Array;
  readonly #rows: Map<SessionId, Row> = new Map();
  readonly #wheel: TimingWheel<Row>;
  readonly #tombstones: Tombstones;
  readonly #keys: KeyTable;
  readonly #news: Newsroom = new Newsroom();
  /** Bytes of all messages that wait. */
  #bytes = 0;

  constructor(options: MemoryStoreOptions) {
    const { clock = systemClock, random = Math.random } = options;
    this.#clock = clock;
    this.#limits = resolveMemoryStore(options);
    this.#generation = draw(random);
    this.#wheel = new TimingWheel(clock.now());
    this.#tombstones = new Tombstones(this.#limits.maxTombstones, clock.now());
    this.#keys = new KeyTable(this.#limits.keysPerSession);
  }

  create(id: SessionId, session: NewSession): Created | Full | Promise<never> {
    const now = this.#clock.now();
    if (this.#rows.has(id) || this.#tombstones.get(id, now) !== undefined) return Promise.reject(usedBefore());
    if (this.#rows.size >= this.#limits.maxSessions) return full;
    const row: Row = { id, is: session, queue: new OutQueue(), attach: 0, epoch: 1, received: 0, committed: { ok: "committed", sent: 0 }, deadline: now + session.timeout, slot: -1, place: 0 };
    this.#rows.set(id, row);
    this.#wheel.add(row);
    return { ok: "created", epoch: 1, generation: this.#generation };
  }

  find(id: SessionId): Found | Tombstone | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#tombstones.get(id, this.#clock.now());
    const { secret, timeout, principal } = row.is;
    return { ok: "found", ...(secret === undefined ? {} : { secret }), timeout, principal };
  }

  attach(id: SessionId, claim: Claim): Attachment | AttachRefusal {
    const row = this.#rows.get(id);
    if (row === undefined) {
      const { why, received } = this.#ended(id);
      return { ok: "refused", why, received, attach: 0 };
    }
    const { queue, received } = row;
    const refusal = refuse({ attach: row.attach, received, sent: queue.sent, acked: queue.acked }, claim, this.#generation);
    if (refusal !== undefined) return refusal;
    row.epoch += 1;
    row.attach = claim.attach;
    if (!claim.restarted) this.#bytes -= queue.letGo(claim.received);
    this.#renew(row);
    if (!this.#news.empty) this.#news.tell({ type: "attached", session: id, epoch: row.epoch });
    return { ok: "attached", epoch: row.epoch, received, sent: queue.sent, acked: queue.acked, timeout: row.is.timeout };
  }

  commit(id: SessionId, epoch: number, { received = 0, acked = 0, append }: Change): Committed | Full | Fenced | Ended | Promise<never> {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (row.epoch !== epoch) return fenced(row);
    if (acked > row.queue.sent) return Promise.reject(ackedTooMuch(acked, row.queue.sent));
    if (append !== undefined && append.length > 0) {
      const weights = append.map(weigh);
      if (!this.#fits(row, weights, acked)) return full;
      this.#append(row, append, weights);
    }
    if (acked > row.queue.acked) this.#bytes -= row.queue.letGo(acked);
    if (received > row.received) row.received = received;
    this.#renew(row);
    return row.committed;
  }

  append(id: SessionId, messages: readonly Frame[]): Committed | Full | Ended {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (messages.length === 0) return row.committed;
    const weights = messages.map(weigh);
    if (!this.#fits(row, weights, 0)) return full;
    this.#append(row, messages, weights);
    if (!this.#news.empty) this.#news.tell({ type: "appended", session: id, sent: row.committed.sent });
    return row.committed;
  }

  read(id: SessionId, from: number, limit: number): readonly Outgoing[] {
    return this.#rows.get(id)?.queue.read(from, limit) ?? [];
  }

  touch(id: SessionId, epoch: number): Committed | Fenced | Ended {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (row.epoch !== epoch) return fenced(row);
    this.#renew(row);
    return row.committed;
  }

  close(id: SessionId, epoch: number): Ended | Fenced {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (row.epoch !== epoch) return fenced(row);
    this.#wheel.remove(row);
    this.#end(row, "closed");
    return { ok: "ended", why: "closed", received: row.received };
  }

  hold(id: SessionId, epoch: number, key: string, value: string): Held | Full | Fenced | Ended {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (row.epoch !== epoch) return fenced(row);
    const held = this.#keys.hold(id, epoch, key, value);
    if (held.ok === "held") this.#tellKey(key, held.key);
    return held;
  }

  release(id: SessionId, epoch: number, key: string): Committed | Fenced | Ended {
    const row = this.#rows.get(id);
    if (row === undefined) return this.#ended(id);
    if (row.epoch !== epoch) return fenced(row);
    if (this.#keys.release(id, key)) this.#tellKey(key);
    return row.committed;
  }

  keys(prefix: string): readonly Key[] {
    return this.#keys.list(prefix);
  }

  expire(limit: number): readonly SessionId[] {
    const now = this.#clock.now();
    const over: SessionId[] = [];
    this.#tombstones.sweep(now);
    while (over.length < limit) {
      const row = this.#wheel.take(now);
      if (row === undefined) break;
      over.push(row.id);
      this.#end(row, "expired");
    }
    return over;
  }

  subscribe(listener: (news: News) => void): () => void {
    return this.#news.subscribe(listener);
  }

  #renew(row: Row): void {
    row.deadline = this.#clock.now() + row.is.timeout;
  }

  #fits({ queue, is }: Row, weights: readonly number[], acked: number): boolean {
    let more = 0;
    for (const weight of weights) more += weight;
    if (acked > queue.acked) more -= queue.bytesUpTo(acked);
    return queue.bytes + more <= is.maxBytes && this.#bytes + more <= this.#limits.maxBytes;
  }

  #append(row: Row, messages: readonly Frame[], weights: readonly number[]): void {
    const { queue } = row;
    const before = queue.bytes;
    for (let at = 0; at < messages.length; at += 1) queue.push(messages[at] as Frame, weights[at]); // Within the length.
    this.#bytes += queue.bytes - before;
    row.committed = { ok: "committed", sent: queue.sent };
  }

  /** The row is out of the wheel already. */
  #end(row: Row, why: "expired" | "closed"): void {
    const { id, received, queue, is: { secret, principal, timeout } } = row;
    this.#rows.delete(id);
    this.#bytes -= queue.bytes;
    this.#tombstones.add(id, { ok: "tombstone", why, received, ...(secret === undefined ? {} : { secret }), principal }, timeout, this.#clock.now());
    for (const key of this.#keys.drop(id)) this.#tellKey(key);
    if (!this.#news.empty) this.#news.tell({ type: "ended", session: id, why });
  }

  /** What a call is told about a session that is not there. */
  #ended(id: SessionId): Ended {
    const tombstone = this.#tombstones.get(id, this.#clock.now());
    return tombstone === undefined ? unknown : { ok: "ended", why: tombstone.why, received: tombstone.received };
  }

  #tellKey(key: string, now?: Key): void {
    if (!this.#news.empty) this.#news.tell(now === undefined ? { type: "key", key } : { type: "key", key, now });
  }
}

function fenced({ epoch }: Row): Fenced {
  return { ok: "fenced", epoch };
}

/** A generation: 8 bytes. It has to be another one than before, not a secret. */
function draw(random: Random): Uint8Array {
  return Uint8Array.from({ length: 8 }, () => Math.floor(random() * 256));
}
