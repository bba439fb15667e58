import { faultProxy, type FaultProxy } from "@holdfast/testkit/proxy";
import { seededRandom } from "@holdfast/testkit";
import type { Ensemble } from "@holdfast/test-servers";
import { isHoldfastError } from "@holdfast/core";
import { Membership } from "../../src/recipes/index.ts";
import { Client, text } from "../session/stage.ts";

/** Ids with payloads, sorted. */
type View = readonly string[];
interface Member { readonly membership: Membership; payload: string }

/**
 * Members of one group that come, change, leave and are deleted at random, through connections that are cut at random, while four others look
 * on. In the end everybody has to see what was done.
 */
export class Crowd implements AsyncDisposable {
  readonly #path: string;
  readonly #random: () => number;
  readonly #stack = new AsyncDisposableStack();
  readonly #members = new Map<string, Member>();
  /** What members were asked to do and have not done yet. */
  readonly #pending = new Set<Promise<unknown>>();
  #proxies: readonly FaultProxy[] = [];
  #clients: readonly Client[] = [];
  #observers: readonly Membership[] = [];
  #step = 0;
  /** Errors that nothing that was done explains. */
  readonly surprises: unknown[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#path = `/crowd-${seed}`;
  }

  async gather(ensemble: Ensemble): Promise<void> {
    this.#proxies = await Promise.all(ensemble.servers.map(async ({ port }) => this.#stack.use(await faultProxy({ target: { host: "127.0.0.1", port } }))));
    const servers = this.#proxies.map(({ port }) => `127.0.0.1:${port}`).join(",");
    // Cut so often they could take each other for somebody who holds the same session.
    this.#clients = await Promise.all([ensemble.connectString, servers, servers, servers].map(async (list) => this.#stack.use(await Client.open({ servers: list, retry: "safe", takeover: true }))));
    this.#observers = this.#clients.map(({ zk }) => this.#stack.use(new Membership(zk, this.#path)));
    await Promise.all(this.#observers.map((observer) => observer.open()));
  }

  /** Resolves when all of it is done, or refused. */
  async run(steps: number): Promise<void> {
    for (const end = this.#step + steps; this.#step < end; this.#step += 1) {
      await this.#act(`m${this.#below(6)}`, `${this.#step}`);
      if (this.#below(12) === 0) this.#proxies[this.#below(3)]?.reset();
      if (this.#below(3) === 0) await new Promise((resolve) => { setTimeout(resolve, this.#below(15)); });
    }
    await Promise.all(this.#pending);
  }

  get truth(): View {
    return [...this.#members].map(([id, { payload }]) => `${id}=${payload}`).toSorted();
  }

  get views(): readonly View[] {
    return this.#observers.map(({ members }) => [...members].map(([id, payload]) => `${id}=${text(payload)}`).toSorted());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ membership }) => membership.close()));
    await this.#stack.disposeAsync();
  }

  async #act(id: string, payload: string): Promise<void> {
    const member = this.#members.get(id);
    if (member === undefined) return this.#join(id, payload);
    const what = this.#below(10);
    if (what < 5) {
      member.payload = payload;
      this.#expect(member.membership.update(payload));
    } else if (what < 8) {
      this.#members.delete(id);
      await member.membership.close();
    } else if (what === 8) this.#expect(this.#clients[0]?.zk.delete(`${this.#path}/${id}`));
  }

  #join(id: string, payload: string): void {
    const client = this.#clients[this.#below(4)];
    if (client === undefined) throw new Error("gather() comes first");
    const membership = new Membership(client.zk, this.#path, { id, payload });
    this.#members.set(id, { membership, payload });
    this.#expect(membership.open());
  }

  /** What is refused because it has left meanwhile, or was not there yet, is as it should be. */
  #expect(doing: Promise<unknown> | undefined): void {
    const done = Promise.resolve(doing)
      .catch((error: unknown) => { if (!isHoldfastError(error) || !["ZK_CLOSED", "ZK_NO_NODE"].includes(error.code)) this.surprises.push(error); })
      .finally(() => { this.#pending.delete(done); });
    this.#pending.add(done);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
