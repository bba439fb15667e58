import { exponential, framed, Link, type Disconnected, type EndpointEntry, type Frame, type Migrated } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";

/** One gap in the conversation: when it was noticed, and when messages flowed again. */
export interface Watch { readonly since: number; readonly noticedAt: number | undefined; readonly echoedAt: number | undefined }

const every = 20;

/**
 * The application: it says a number every 20 ms over one failover list and expects the echo. All it does about faults is nothing:
 * the link redials by itself, and says what it cannot vouch for.
 */
export class Application {
  readonly link: Link<Frame, Frame>;
  readonly disconnects: Disconnected[] = [];
  readonly moves: Migrated[] = [];
  readonly failures: string[] = [];
  sent = 0;
  unknown = 0;
  dials = 0;
  #echoed = -1;
  #watch: { since: number; from: number; noticedAt?: number; echoedAt?: number } | undefined;
  #talk: NodeJS.Timeout | undefined;

  constructor(endpoints: readonly EndpointEntry[]) {
    this.link = new Link<Frame, Frame>({
      endpoints,
      transports: [tcp(), websocket()],
      protocol: framed(),
      shuffle: false, // So that the story is the same each time.
      heartbeat: { interval: 250, timeout: 500, maxMisses: 4, suspectMargin: 100 },
      backoff: exponential({ initial: 100, max: 1_000 }),
      dialTimeout: 800,
      stableAfter: 600,
      logger: false,
    });
    this.link.on("connecting", () => { this.dials += 1; });
    this.link.on("failed", ({ error }) => { this.failures.push(error.code); this.#notice(); });
    for (const sign of ["suspected", "missed", "draining"] as const) this.link.on(sign, () => { this.#notice(); });
    this.link.on("migrated", (event) => {
      this.moves.push(event);
      this.unknown += event.unconfirmed;
    });
    this.link.on("disconnected", (event) => {
      this.disconnects.push(event);
      this.unknown += event.unconfirmed;
      this.#notice();
    });
    this.link.on("message", (message) => { this.#heard(message); });
  }

  /** Servers that were left because they were silent, or gone. */
  get departures(): number {
    return this.disconnects.length + this.moves.filter(({ cause }) => cause === "suspected").length;
  }

  start(): void {
    void this.link.open().catch(() => { /* `closed` tells why, and the exit code says so. */ });
    this.#talk = setInterval(() => { this.#say(); }, every);
  }

  /** Watches from now on: the first sign that something is wrong, and the first echo of something said after `from`. */
  watch(): void {
    this.#watch = { since: performance.now(), from: this.sent };
  }

  get watched(): Watch {
    return { since: 0, noticedAt: undefined, echoedAt: undefined, ...this.#watch };
  }

  /** Says that the fault was noticed now, where the link has no word of its own for it. */
  notice(): void {
    this.#notice();
  }

  /** Forgets echoes heard so far: only what is said from now on counts as recovered. */
  renew(): void {
    if (!this.#watch) return;
    this.#watch.from = this.sent;
    delete this.#watch.echoedAt;
  }

  /** Stops talking, waits until what was said is echoed or given up, and hangs up. */
  async finish(): Promise<void> {
    clearInterval(this.#talk);
    const until = performance.now() + 2_000;
    while (this.#echoed < this.sent - 1 && performance.now() < until) await new Promise((resolve) => { setTimeout(resolve, 10); });
    await this.link.close();
  }

  #say(): void {
    this.link.send(String(this.sent));
    this.sent += 1;
  }

  #heard(message: Frame): void {
    const number = Number(message);
    if (Number.isNaN(number)) return; // The servers talk by themselves, too.
    this.#echoed = Math.max(this.#echoed, number);
    if (this.#watch && this.#watch.echoedAt === undefined && number >= this.#watch.from) this.#watch.echoedAt = performance.now();
  }

  #notice(): void {
    if (this.#watch) this.#watch.noticedAt ??= performance.now();
  }
}
