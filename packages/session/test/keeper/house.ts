import { HoldfastError, parseEndpoint, type Conversation, type Endpoint, type Frame, type Line, type Terms } from "@holdfast/core";
import { SimClock, seededRandom } from "@holdfast/testkit";
import type { Message, SessionFrame } from "../../src/frames/frame.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import type { KeeperEvents } from "../../src/keeper/keeper-events.ts";
import type { KeeperOptions } from "../../src/keeper/keeper-options.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { SessionStore } from "../../src/store/store.ts";
import { attachFrame, credentialOf, openFrame, read, type AttachGiven, type Credential } from "./scripted-client.ts";

const names = ["session", "attached", "detached", "moved", "expired", "closed", "refused", "failed", "dropped"] as const satisfies readonly (keyof KeeperEvents)[];

/** A keeper on a simulated clock, and the channels that come to it. What it tells is written down. */
export class House {
  readonly clock: SimClock;
  readonly store: SessionStore;
  readonly keeper: Keeper;
  readonly told: [keyof KeeperEvents, unknown][] = [];
  readonly handled: [Message, number, string][] = [];
  #channels = 0;

  constructor(options: Partial<KeeperOptions> & { readonly clock?: SimClock } = {}) {
    this.clock = options.clock ?? new SimClock();
    this.store = options.store ?? memoryStore({ clock: this.clock });
    this.keeper = new Keeper({
      clock: this.clock, store: this.store, random: seededRandom(1), allowPlaintext: true,
      handle: (message, { session, sequence }) => { this.handled.push([message, sequence, session.key]); },
      authorize: (credentials) => new TextDecoder().decode(credentials),
      ...options,
    });
    for (const name of names) this.keeper.on(name, (event: unknown) => { this.told.push([name, event]); });
  }

  get names(): readonly string[] { return this.told.map(([name]) => name); }

  /** The last event of that name. */
  last<Name extends keyof KeeperEvents>(name: Name): KeeperEvents[Name][0] | undefined {
    return this.told.findLast(([told]) => told === name)?.[1] as KeeperEvents[Name][0] | undefined; // Written down by its name.
  }

  channel(from = "tcp://192.0.2.1:1000"): Visitor {
    this.#channels += 1;
    return new Visitor(this, parseEndpoint(from), this.#channels);
  }

  async open(given: Parameters<typeof openFrame>[0] = {}, from?: string): Promise<Visitor> {
    return this.channel(from).say(openFrame(given));
  }

  async attach(credential: Credential, given: AttachGiven = {}, from?: string): Promise<Visitor> {
    return this.channel(from).say(attachFrame(credential, given));
  }

  /** Lets promises run. */
  async settle(): Promise<void> {
    await this.clock.advanceAsync(0);
  }
}

/** The other end of one channel. */
export class Visitor implements Line<never> {
  readonly raw: Uint8Array[] = [];
  readonly pongs: (number | undefined)[] = [];
  readonly terms: Terms[] = [];
  end: "done" | HoldfastError | undefined;
  congested = false;
  readonly conversation: Conversation<Message>;
  readonly #house: House;

  constructor(house: House, remote: Endpoint, epoch: number) {
    this.#house = house;
    this.conversation = house.keeper.protocol.start(this, { side: "listener", duty: "active", epoch, remote, clock: house.clock, random: () => 0.5 });
  }

  get frames(): readonly SessionFrame[] { return this.raw.map(read); }
  get last(): SessionFrame | undefined { return this.frames.at(-1); }
  get credential(): Credential { return credentialOf(this.frames[0]); }
  get texts(): readonly string[] { return this.frames.flatMap((frame) => (frame.type === "data" ? [new TextDecoder().decode(frame.payload)] : [])); }

  async say(...frames: readonly Uint8Array[]): Promise<this> {
    for (const frame of frames) this.conversation.frame(frame);
    await this.#house.settle();
    return this;
  }

  async hangUp(error?: Error): Promise<this> {
    this.conversation.closed(error);
    await this.#house.settle();
    return this;
  }

  send(frame: Frame): boolean {
    if (this.end === undefined) this.raw.push(frame as Uint8Array); // Keepers send nothing else.
    return !this.congested;
  }

  greeted(terms: Terms = {}): void { this.terms.push(terms); }
  message(): void { throw new Error("messages go to the handler"); }
  pong(nonce?: number): void { this.pongs.push(nonce); }
  confirmed(): void { /* Sessions have acknowledgements of their own. */ }
  drained(): void { /* Nobody waits. */ }
  leave(): void { /* Clients do not ask a server to move. */ }
  done(): void { this.#over("done"); }
  fail(error: HoldfastError): void { this.#over(error); }

  #over(end: "done" | HoldfastError): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.conversation.closed(end === "done" ? undefined : end);
  }
}

/** A store of which some calls answer otherwise. */
export function altered(store: SessionStore, calls: Partial<SessionStore>): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore): unknown {
      return calls[name] ?? (target[name] as (...given: never[]) => unknown).bind(target); // All it has are methods.
    },
  });
}
