import { constant, type Millis } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../src/index.ts";
import { attachFrame } from "../keeper/scripted-client.ts";
import { visit } from "./raw-visit.ts";
import type { Receipt } from "./receipts.ts";
import { Speaker } from "./speaker.ts";
import { tally, type Tally } from "./tally.ts";

export interface MoverFound {
  /** How long each move took that counts. */
  readonly moves: readonly Millis[];
  /** Of all, also of those that came before. */
  readonly failed: number;
  readonly gaps: number;
  readonly outward: Tally;
  readonly inward: Tally;
  /** From what was said until it was handled, of messages that met a move on their way, that met a sham, and of the others. */
  readonly moving: readonly Millis[];
  readonly sham: readonly Millis[];
  readonly steady: readonly Millis[];
}

/** An ATTACH that is looked at as any other, and refused. */
const nonsense = attachFrame({ id: new Uint8Array(16), secret: new Uint8Array(32), generation: new Uint8Array(8) });

/** One session that moves between its endpoints and talks both ways meanwhile. Every message says when it was said. */
export class Mover implements AsyncDisposable {
  readonly #session: Session;
  readonly #endpoints: readonly string[];
  readonly #there: Receipt[] = [];
  readonly #here: Receipt[] = [];
  readonly #speakers: Speaker[] = [];
  readonly #delays: { readonly moving: Millis[]; readonly sham: Millis[]; readonly steady: Millis[] } = { moving: [], sham: [], steady: [] };
  readonly #moves: Millis[] = [];
  #failed = 0;
  #gaps = 0;
  /** What goes on, or was the last to go on, and when it was over: Infinity while it is not. */
  #episode: "moving" | "sham" = "moving";
  #overAt: Millis = -Infinity;
  /** For whoever sends it something. */
  readonly id: string;

  private constructor(session: Session, endpoints: readonly string[]) {
    this.#session = session;
    this.#endpoints = endpoints;
    this.id = session.ticket()?.id ?? "";
    session.receive((message, { sequence }) => { this.#note(this.#here, String(message), sequence); });
    session.on("detached", () => { this.#gaps += 1; });
    session.on("attached", ({ continuity }) => { if (continuity !== "full") this.#gaps += 1; });
    session.on("moved", () => { this.#gaps += 1; });
  }

  static async open(endpoints: readonly string[]): Promise<Mover> {
    const session = new Session({ endpoints, transports: [tcp({})], backoff: constant(50), logger: false });
    await session.open();
    return new Mover(session, endpoints);
  }

  /** Everything that was said was handled. */
  get complete(): boolean {
    return this.#there.length >= this.#accepted(0).length && this.#here.length >= this.#accepted(1).length;
  }

  /** Says something every so many ms, and has somebody say something to it. */
  talk(every: Millis, answer: (message: string) => Promise<void>): void {
    const stamped = (word: string): string => `${word} ${performance.now()}`;
    this.#speakers.push(new Speaker("c", every, (word) => this.#session.send(stamped(word))), new Speaker("s", every, (word) => answer(stamped(word))));
  }

  stop(): void {
    for (const speaker of this.#speakers) speaker.stop();
  }

  /** The server's side handled it. */
  handled(message: string, sequence: number): void {
    this.#note(this.#there, message, sequence);
  }

  /**
   * So many moves, one each half second or so, and as many shams between them. A sham asks the other server something on a connection of its own, and moves
   * nobody: a window of the same kind in which nothing happens, for a busy machine makes every window longer that it falls into. Before them come `warm`
   * of both, whose times do not count: code that has not run often is not compiled yet.
   */
  async moves(count: number, warm = 0): Promise<void> {
    await sleep(Math.random() * 500);
    await this.#move(warm);
    for (const times of [this.#moves, ...Object.values(this.#delays)]) times.length = 0;
    await this.#move(count);
  }

  async #move(count: number): Promise<void> {
    while (this.#moves.length < count && this.#failed < count) {
      const { endpoint } = this.#session.snapshot().link;
      const other = this.#endpoints.find((uri) => uri !== endpoint) ?? "";
      const begunAt = performance.now();
      await this.#during("moving", () => this.#session.migrate(other).then(() => { this.#moves.push(performance.now() - begunAt); }, () => { this.#failed += 1; }));
      await sleep(250 + Math.random() * 50);
      await this.#during("sham", () => visit(other, nonsense));
      await sleep(250 + Math.random() * 50);
    }
  }

  found(): MoverFound {
    const [outward, inward] = [tally(this.#accepted(0), this.#there), tally(this.#accepted(1), this.#here)];
    return { moves: this.#moves, failed: this.#failed, gaps: this.#gaps, outward, inward, ...this.#delays };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#session.close();
  }

  #accepted(which: number): readonly string[] {
    return this.#speakers[which]?.accepted ?? [];
  }

  async #during(episode: "moving" | "sham", task: () => Promise<unknown>): Promise<void> {
    this.#episode = episode;
    this.#overAt = Infinity;
    await task();
    this.#overAt = performance.now();
  }

  #note(receipts: Receipt[], message: string, sequence: number): void {
    const [word = "", said = ""] = message.split(" ");
    const now = performance.now();
    receipts.push({ key: this.id, sequence, message: word });
    this.#delays[Number(said) <= this.#overAt ? this.#episode : "steady"].push(now - Number(said));
  }
}
