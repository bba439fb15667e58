import type { Message } from "../../src/frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { Key, SessionId } from "../../src/store/store.ts";
import type { Process } from "./process.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** What became of a session, as its store decided it. */
export interface Record {
  readonly id: SessionId;
  readonly timeout: number;
  epoch: number;
  /** The client's messages that are committed. */
  received: number;
  acked: number;
  /** Messages for the client, the first has number 1. */
  readonly appended: Message[];
  /** By number: what a keeper handed to its application. */
  readonly handled: Message[];
  renewedAt: number;
  over: "no" | "closed" | "expired" | "lost";
  attaches: number;
  lastAttachAt: number;
  /** Keys that it holds. */
  readonly keys: Set<string>;
}

/** The history of the store: who owned what, and what was committed. */
export class Truth {
  readonly #world: World;
  readonly records: Map<SessionId, Record> = new Map();
  attaches = 0;

  constructor(world: World) {
    this.#world = world;
  }

  of(id: SessionId): Record {
    const record = this.records.get(id);
    if (record === undefined) throw new Violation("I3", "a session that was never created");
    return record;
  }

  /** The store has carried out an order. `begun`: how far the machine that asked has handed messages to its application. */
  carriedOut(order: KeeperOrder, answer: KeeperAnswer, handledUpTo: number): void {
    if (order.type === "create" && answer !== undefined && "ok" in answer && answer.ok === "created") return this.#created(order.id, order.session.timeout);
    if (answer === undefined || !("ok" in answer) || order.type === "authorize" || order.type === "find") return;
    if (order.type === "attach" && answer.ok === "attached") return this.#attached(this.of(order.id), answer.epoch, order.claim.received, order.claim.restarted);
    if (order.type === "commit" && answer.ok === "committed") return this.#committed(this.of(order.id), order.epoch, order.change, answer.sent, handledUpTo);
    if (order.type === "touch" && answer.ok === "committed") return this.#renewed(this.of(order.id), order.epoch, "a touch");
    if (order.type === "close" && answer.ok === "ended" && answer.why === "closed") this.#closed(this.of(order.id), order.epoch);
  }

  /** Somebody who does not own the session had something for the client. */
  appended(id: SessionId, message: Message, sent: number): void {
    this.#append(this.of(id), [message], sent);
  }

  /** A server has ended it, for want of a sign of life. */
  expired(id: SessionId, by: Process): void {
    const record = this.of(id);
    const { now } = this.#world;
    const quiet = now - record.renewedAt;
    if (quiet < record.timeout) throw new Violation("I9", `expired after ${quiet.toFixed(0)} of ${record.timeout} ms`);
    const asleep = by.pauses.find(([from, to]) => to - from > 2_500 && to <= now && now < to + (to - from) - 1_500);
    if (asleep !== undefined) throw new Violation("I9", `expired ${(now - asleep[1]).toFixed(0)} ms after ${by.name} had stood still for ${(asleep[1] - asleep[0]).toFixed(0)} ms`);
    record.over = "expired";
  }

  /** Keys are there while their session is, and no longer. */
  checkKeys(there: readonly Key[]): void {
    for (const { key, session } of there) if (this.of(session).over !== "no") throw new Violation("I10", `${key} outlives its session, which is ${this.of(session).over}`);
    const names = new Set(there.map(({ key }) => key));
    for (const { over, keys } of this.records.values()) {
      for (const key of keys) if (over === "no" && !names.has(key)) throw new Violation("I10", `${key} is gone, and its session lives`);
    }
  }

  /** The store was emptied. */
  forgotten(): void {
    for (const record of this.records.values()) if (record.over === "no") record.over = "lost";
  }

  #created(id: SessionId, timeout: number): void {
    const { now } = this.#world;
    this.records.set(id, { id, timeout, epoch: 1, received: 0, acked: 0, appended: [], handled: [], renewedAt: now, over: "no", attaches: 0, lastAttachAt: now, keys: new Set() });
  }

  #attached(record: Record, epoch: number, received: number, restarted: boolean): void {
    if (record.over !== "no") throw new Violation("I3", `attached after the session was ${record.over}`);
    if (epoch !== record.epoch + 1) throw new Violation("I3", `epoch ${epoch} follows ${record.epoch}`);
    record.epoch = epoch;
    if (!restarted) record.acked = Math.max(record.acked, received);
    record.renewedAt = this.#world.now;
    record.attaches += 1;
    record.lastAttachAt = this.#world.now;
    this.attaches += 1;
  }

  #committed(record: Record, epoch: number, change: Extract<KeeperOrder, { type: "commit" }>["change"], sent: number, handledUpTo: number): void {
    this.#renewed(record, epoch, "a commit");
    const { received = 0, acked = 0, append = [] } = change;
    if (received > handledUpTo) throw new Violation("I1", `${received} messages were committed where the application had handled ${handledUpTo}`);
    record.received = Math.max(record.received, received);
    if (acked > record.appended.length) throw new Violation("I12", `acknowledged ${acked} of ${record.appended.length}`);
    record.acked = Math.max(record.acked, acked);
    this.#append(record, append, sent);
  }

  #append(record: Record, messages: readonly Message[], sent: number): void {
    record.appended.push(...messages);
    if (record.appended.length !== sent) throw new Violation("I2", `the store counts ${sent} messages for the client where it was given ${record.appended.length}`);
  }

  #renewed(record: Record, epoch: number, what: string): void {
    if (record.over !== "no") throw new Violation("I3", `${what} after the session was ${record.over}`);
    if (epoch !== record.epoch) throw new Violation("I3", `${what} of epoch ${epoch}, while ${record.epoch} owns the session`);
    record.renewedAt = this.#world.now;
  }

  #closed(record: Record, epoch: number): void {
    if (epoch !== record.epoch) throw new Violation("I3", `a close of epoch ${epoch}, while ${record.epoch} owns the session`);
    record.over = "closed";
  }
}
