import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@holdfast/core";
import { attachFrame, credentialOf, openFrame, type Credential } from "../keeper/scripted-client.ts";
import type { CrowdOrder, CrowdTold } from "./dribbler-crowd.ts";
import type { DribblerOrder, DribblerTold } from "./dribbler-server.ts";
import { visit } from "./raw-visit.ts";
import { forked, heard, killed } from "./remote-station.ts";

export interface DribblersGiven extends DribblerOrder, Pick<CrowdOrder, "sockets"> {
  readonly lasts: Millis;
  /** Where they come from, an address of this machine. The honest clients come from 127.0.0.1. */
  readonly from?: string;
}
export interface DribblersFound extends CrowdTold {
  /** How long each honest client took to attach while nobody else was there, in ms. */
  readonly quiet: readonly Millis[];
  /** The same, or to open a session, among the others; and how many were not let in. */
  readonly honest: readonly Millis[];
  readonly failed: number;
  /** Of the server's process: before, at the height, and when all had gone. */
  readonly before: DribblerTold;
  readonly during: DribblerTold;
  readonly after: DribblerTold;
}

/** Sockets that keep a server waiting for a greeting, and come back when they are thrown out; honest clients come and go meanwhile. */
export async function dribblers({ sockets, lasts, from = "127.0.0.1", ...order }: DribblersGiven): Promise<DribblersFound> {
  await using stack = new AsyncDisposableStack();
  const server = forked("./dribbler-server.ts", order);
  stack.defer(() => killed(server));
  const before = await heard<DribblerTold>(server);
  const weigh = (): Promise<DribblerTold> => {
    const told = heard<DribblerTold>(server);
    server.send("weigh");
    return told;
  };
  const guests = new Guests(before.uri);
  for (let at = 0; at < 40; at += 1) await (at < 20 ? guests.open() : guests.attach());
  const quiet = guests.took.splice(0).slice(20);
  const crowd = forked("./dribbler-crowd.ts", { port: Number(new URL(before.uri).port), from, sockets } satisfies CrowdOrder);
  stack.defer(() => killed(crowd));
  await heard<CrowdTold>(crowd);
  const until = performance.now() + lasts;
  let during = before;
  while (performance.now() < until) {
    for (let at = 0; at < 10; at += 1) await (at % 2 === 0 ? guests.open() : guests.attach());
    const now = await weigh();
    if (now.weight > during.weight) during = now;
    await sleep(500);
  }
  const tally = heard<CrowdTold>(crowd);
  crowd.send("tally");
  const told = await tally;
  await killed(crowd);
  let after = during;
  for (let still = 0; still < 4; still += 1) { // Once it does not fall any more.
    await sleep(500);
    const now = await weigh();
    if (now.weight < 0.99 * after.weight) still = 0;
    if (now.weight < after.weight) after = now;
  }
  return { ...told, quiet, honest: guests.took, failed: guests.failed, before, during, after };
}

/** Honest clients, one after the other. */
class Guests {
  readonly took: Millis[] = [];
  failed = 0;
  readonly #uri: string;
  readonly #credentials: Credential[] = [];
  #attaches = 0;

  constructor(uri: string) {
    this.#uri = uri;
  }

  async open(): Promise<void> {
    const answer = await this.#visit(openFrame({ timeout: 120_000 }));
    if (answer?.type === "opened") this.#credentials.push(credentialOf(answer));
  }

  /** To sessions in turn, since one may attach once a second. */
  async attach(): Promise<void> {
    const credential = this.#credentials.shift();
    if (credential === undefined) return;
    this.#credentials.push(credential);
    this.#attaches += 1;
    await this.#visit(attachFrame(credential, { attach: this.#attaches }));
  }

  async #visit(frame: Uint8Array): Promise<Awaited<ReturnType<typeof visit>>[number] | undefined> {
    const began = performance.now();
    const answers = await visit(this.#uri, frame).catch(() => []);
    this.took.push(performance.now() - began);
    const welcome = answers.find(({ type }) => type === "opened" || type === "attached");
    if (welcome === undefined) this.failed += 1;
    return welcome;
  }
}
