import type { Millis } from "@holdfast/core";
import type { Attachment, AttachRefusal, Claim, NewSession, News, Outgoing, SessionId, SessionStore } from "@holdfast/session";
import { claim } from "../conformance/claim.ts";
import { answers, show } from "./expect.ts";
import type { StoreFixture } from "./fixture.ts";

/** How long the suite waits. */
export interface StorePatience {
  /** The timeout of most sessions. */
  readonly timeout: Millis;
  /** How long after a deadline `expire` may still pass the session over. */
  readonly lateness: Millis;
  /** How long to wait for news. */
  readonly patience: Millis;
}

/** A session that the suite made. */
export interface Subject {
  readonly id: SessionId;
  readonly epoch: number;
  readonly generation: Uint8Array;
}

/** What a session amounts to. */
export interface Standing {
  readonly epoch: number;
  readonly received: number;
  readonly sent: number;
  readonly acked: number;
}

export const secret: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => 255 - at * 8);

/** What one test plays on. */
export class StoreStage {
  readonly store: SessionStore;
  readonly other: SessionStore;
  readonly timeout: Millis;
  readonly #fixture: StoreFixture;
  readonly #patience: StorePatience;
  readonly #leave: (() => void)[] = [];

  constructor(fixture: StoreFixture, patience: StorePatience) {
    this.#fixture = fixture;
    this.store = fixture.store;
    this.other = fixture.other ?? fixture.store;
    this.timeout = patience.timeout;
    this.#patience = patience;
  }

  /** An id that nobody had before. */
  id(): SessionId {
    return Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  }

  async create(changes: Partial<NewSession> = {}, id: SessionId = this.id()): Promise<Subject> {
    const created = await this.store.create(id, { secret, timeout: this.timeout, principal: "somebody", maxBytes: 1_000_000, ...changes });
    claim(created.ok === "created", `create should answer "created", got ${show(created)}`);
    return { id, epoch: created.epoch, generation: created.generation };
  }

  /** A session with so many messages for the client, of which so many are acknowledged, and so many of the client's handled. */
  async busy({ received = 0, sent = 0, acked = 0 }: { readonly received?: number; readonly sent?: number; readonly acked?: number }): Promise<Subject> {
    const subject = await this.create();
    const append = Array.from({ length: sent }, (_, at) => `message ${at + 1}`);
    answers(await this.store.commit(subject.id, subject.epoch, { received, append }), { ok: "committed", sent }, "a commit");
    answers(await this.store.commit(subject.id, subject.epoch, { acked }), { ok: "committed", sent }, "a commit");
    return subject;
  }

  /** What the client of a fresh session would claim, except for `changes`. */
  claim(subject: Subject, changes: Partial<Claim> = {}): Claim {
    return { attach: 1, received: 0, sent: 0, acked: 0, generation: subject.generation, restarted: false, ...changes };
  }

  async tryAttach(subject: Subject, changes: Partial<Claim> = {}): Promise<Attachment | AttachRefusal> {
    return this.store.attach(subject.id, this.claim(subject, changes));
  }

  /** The session under its new epoch. */
  async attach(subject: Subject, changes: Partial<Claim> = {}): Promise<Subject & Attachment> {
    const attached = await this.tryAttach(subject, changes);
    claim(attached.ok === "attached", `attach should answer "attached", got ${show(attached)}`);
    return { ...subject, ...attached };
  }

  /** What became of a session, learned by an attach that lets nothing go; `epoch` is the one before it. Takes one of the last attach numbers there are. */
  async standing(subject: Subject, attach: number = Number.MAX_SAFE_INTEGER - 1): Promise<Standing> {
    const { epoch, received, sent, acked } = await this.attach(subject, { attach, restarted: true });
    return { epoch: epoch - 1, received, sent, acked };
  }

  async messages(subject: Subject): Promise<readonly Outgoing[]> {
    return this.store.read(subject.id, 1, 10_000);
  }

  async pass(ms: Millis): Promise<void> {
    if (this.#fixture.pass !== undefined) await this.#fixture.pass(ms);
    else await new Promise((resolve) => { setTimeout(resolve, ms); });
  }

  /** Until what was made or renewed just now must be taken by `expire`. */
  async overdue(timeouts = 1): Promise<void> {
    await this.pass(timeouts * this.timeout + this.#patience.lateness);
  }

  /** More than half of a timeout: not yet overdue, but twice that is. */
  async while(): Promise<void> {
    await this.pass(0.6 * this.timeout);
  }

  /** What `while` left of a timeout. */
  async rest(): Promise<void> {
    await this.overdue(0.4);
  }

  /** Those that an unlimited `expire` takes. */
  async expired(limit = 1_000): Promise<readonly SessionId[]> {
    return this.store.expire(limit);
  }

  /** Ends a session by letting it run out. */
  async runOut(subject: Subject): Promise<void> {
    await this.overdue();
    const over = await this.expired();
    claim(over.includes(subject.id), `expire should take the session whose deadline has passed, but took ${over.length} others`);
  }

  /** The news from now on. */
  async listen(store: SessionStore = this.store): Promise<Listening> {
    const listening = new Listening(this.#patience.patience);
    listening.leave = await store.subscribe((news) => { listening.take(news); });
    this.#leave.push(() => { listening.leave(); });
    return listening;
  }

  async strike(): Promise<void> {
    for (const leave of this.#leave) leave();
    await this.#fixture.dispose?.();
  }
}

/** The news that a listener was told. */
export class Listening {
  readonly news: News[] = [];
  leave: () => void = () => undefined;
  readonly #patience: Millis;

  constructor(patience: Millis) {
    this.#patience = patience;
  }

  take(news: News): void {
    this.news.push(news);
  }

  /** Waits for news with these properties. */
  async hear(expected: object, what: string): Promise<void> {
    const heard = (news: News): boolean => Object.entries(expected).every(([name, value]) => show((news as unknown as Record<string, unknown>)[name]) === show(value)); // Looked at, not trusted.
    for (const deadline = performance.now() + this.#patience; !this.news.some(heard);) {
      claim(performance.now() < deadline, `${what} should be told within ${this.#patience} ms as ${show(expected)}; what was told: ${show(this.news)}`);
      await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
  }
}
