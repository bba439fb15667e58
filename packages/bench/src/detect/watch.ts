import { detectionBound, Link, resolveHeartbeat, type HeartbeatOptions } from "@holdfast/core";
import { Server, type Peer } from "@holdfast/server";
import { Child } from "../child.ts";
import { LoopLateness } from "../lateness.ts";
import { monotonic } from "../monotonic.ts";
import { kinds, pace, protocolOf, transportOf, uriOf, type Case, type Kind } from "./case.ts";
import type { Holes, Orders, Ready } from "./far.ts";

/** What became of one black hole. */
export interface Finding extends Case {
  /** From the black hole to the verdict, in ms; Infinity where there was none. Negative: a live peer was given up. */
  readonly took: number;
  readonly bound: number;
  readonly cause: string;
}
export interface Findings {
  readonly findings: readonly Finding[];
  /** How late the loops of both sides were at worst. */
  readonly lateness: number;
  /** In sum. */
  readonly latenessInAll: number;
}

export interface WatchOptions {
  readonly heartbeat: HeartbeatOptions;
  /** The black holes open at random moments of this span. */
  readonly spread: number;
}

interface Verdict { readonly at: number; readonly cause: string }

/** Noticed by the heartbeat, after the fault and within the bound; 50 ms and the loop's own lateness are granted. */
export function isWithin({ took, bound, cause }: Finding, lateness: number): boolean {
  return cause === "heartbeat" && took >= 0 && took <= bound + 50 + lateness;
}

/** Watches connections in this process while another one makes them fall silent. */
export async function watch(cases: readonly Case[], { heartbeat, spread }: WatchOptions): Promise<Findings> {
  const near = new Near(cases, heartbeat);
  const orders: Orders = { cases, servers: await near.listen(), spread };
  const other = new Child(new URL("far.ts", import.meta.url), [JSON.stringify(orders)]);
  try {
    const { ports } = await other.hear<Ready>();
    await near.meet(ports);
    const loop = new LoopLateness();
    const reported = other.hear<Holes>();
    other.say({ go: true });
    const { holes, lateness: far, latenessInAll } = await reported;
    const verdicts = await near.verdicts(detectionBound(resolveHeartbeat(heartbeat), "talking") * 2);
    const lateness = Math.max(loop.stop(), far);
    return { lateness, latenessInAll: loop.total + latenessInAll, findings: cases.map((one, at) => finding(one, holes[at] ?? Number.NaN, verdicts[at], heartbeat)) };
  } finally {
    await near.leave();
    await other.end();
  }
}

function finding(one: Case, hole: number, verdict: Verdict | undefined, heartbeat: HeartbeatOptions): Finding {
  const bound = detectionBound(resolveHeartbeat(heartbeat), one.fault === "mute" ? "talking" : "silent");
  return { ...one, bound, took: verdict === undefined ? Infinity : verdict.at - hole, cause: verdict?.cause ?? "none" };
}

/** The watchers: links of our own, and servers whose peers are elsewhere. */
class Near {
  readonly #cases: readonly Case[];
  readonly #heartbeat: HeartbeatOptions;
  readonly #servers: Server<string, string>[] = [];
  readonly #links: Link<string, string>[] = [];
  readonly #verdicts: (Verdict | undefined)[] = [];
  readonly #voices: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #named = new Set<number>();
  #open: number;
  readonly #all = Promise.withResolvers<void>();
  readonly #met = Promise.withResolvers<void>();

  constructor(cases: readonly Case[], heartbeat: HeartbeatOptions) {
    this.#cases = cases;
    this.#heartbeat = heartbeat;
    this.#open = cases.length;
    this.#timer = setInterval(() => { for (const voice of this.#voices) voice(); }, pace);
  }

  async listen(): Promise<Record<Kind, number>> {
    const ports = await Promise.all(kinds.map(async (kind) => {
      const server = new Server<string, string>({ protocol: protocolOf(kind), heartbeat: this.#heartbeat });
      this.#servers.push(server);
      server.on("peer", ({ peer }) => { this.#welcome(peer); });
      return [kind, (await server.listen(transportOf(kind), uriOf(kind, 0))).endpoint.port] as const;
    }));
    return Object.fromEntries(ports) as Record<Kind, number>; // One for each kind.
  }

  /** Dials what links watch, and resolves when the servers know all their peers. */
  async meet(ports: readonly number[]): Promise<void> {
    const { promise: peers } = this.#met;
    const expected = this.#cases.filter(({ side }) => side === "peer").length;
    if (this.#named.size === expected) this.#met.resolve();
    await Promise.all(this.#cases.map(async ({ side, kind }, at) => { if (side === "link") await this.#dial(at, kind, ports[at] ?? 0); }));
    await peers;
  }

  /** Waits until all are noticed, or so long. */
  async verdicts(most: number): Promise<readonly (Verdict | undefined)[]> {
    const timer = setTimeout(() => { this.#all.resolve(); }, most);
    await this.#all.promise;
    clearTimeout(timer);
    return this.#verdicts;
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    for (const link of this.#links) link.abort();
    await Promise.all(this.#servers.map((server) => server.close({ within: 0 })));
  }

  async #dial(at: number, kind: Kind, port: number): Promise<void> {
    const link = new Link<string, string>({ endpoints: uriOf(kind, port), transports: [transportOf(kind)], protocol: protocolOf(kind), heartbeat: this.#heartbeat, backoff: { delay: () => 600_000 }, logger: false });
    this.#links.push(link);
    link.on("message", () => { /* Heard. */ });
    link.on("disconnected", ({ cause }) => {
      this.#notice(at, cause);
      link.abort();
    });
    await link.open();
    link.send(String(at));
    this.#speak(at, link);
  }

  #welcome(peer: Peer<string, string>): void {
    peer.on("message", () => { /* Heard. */ });
    peer.once("message", (name) => {
      const at = Number(name);
      this.#named.add(at);
      peer.once("gone", ({ cause }) => { this.#notice(at, cause); });
      this.#speak(at, peer);
      if (this.#named.size === this.#cases.filter(({ side }) => side === "peer").length) this.#met.resolve();
    });
  }

  #speak(at: number, who: Pick<Peer<string, string>, "send">): void {
    if (this.#cases[at]?.fault !== "deaf") return;
    this.#voices.push(() => { if (this.#verdicts[at] === undefined) who.send("data"); });
  }

  #notice(at: number, cause: string): void {
    if (this.#verdicts[at] !== undefined) return;
    this.#verdicts[at] = { at: monotonic(), cause };
    this.#open -= 1;
    if (this.#open === 0) this.#all.resolve();
  }
}
