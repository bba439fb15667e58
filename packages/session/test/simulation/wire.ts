import type { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { World } from "./world.ts";

/** What one side does with what arrives. */
export interface Ear { frame(bytes: Uint8Array): void; ended(): void }

/** What is wrong with the way to one server, and until when. */
export interface Weather { holeOut: number; holeIn: number; /** What falls in is lost, not late. */ kills: boolean; slow: number; slowBy: number }

interface Way { last: number; /** Nothing arrives any more. */ dead: boolean; /** Nothing more is taken. */ severed: boolean; ear: Ear | undefined; readonly process: Process; readonly name: string }

/** A connection: two ordered pipes of whole frames, which may be cut, swallow everything, or be held by one side alone. */
export class Wire {
  readonly number: number;
  readonly server: number;
  readonly #world: World;
  readonly #weather: Weather;
  /** Towards the client, and towards the keeper. */
  readonly #toClient: Way;
  readonly #toKeeper: Way;
  /** The first frame, for somebody who recorded it. */
  greeting: Uint8Array | undefined;

  constructor(world: World, server: number, weather: Weather, client: Process, keeper: Process) {
    this.#world = world;
    this.number = world.wire();
    this.server = server;
    this.#weather = weather;
    this.#toClient = { last: 0, dead: false, severed: false, ear: undefined, process: client, name: client.name };
    this.#toKeeper = { last: 0, dead: false, severed: false, ear: undefined, process: keeper, name: keeper.name };
  }

  /** Who listens on either side. */
  join(client: Ear | undefined, keeper: Ear): void {
    this.#toClient.ear = client;
    this.#toKeeper.ear = keeper;
  }

  get open(): boolean {
    return this.#toClient.ear !== undefined || this.#toKeeper.ear !== undefined;
  }

  get heldByClient(): boolean {
    return this.#toClient.ear !== undefined;
  }

  toKeeper(frame: Uint8Array): boolean {
    this.greeting ??= frame;
    return this.#send(this.#toClient, this.#toKeeper, frame, this.#world.now < this.#weather.holeOut);
  }

  toClient(frame: Uint8Array): boolean {
    return this.#send(this.#toKeeper, this.#toClient, frame, this.#world.now < this.#weather.holeIn);
  }

  /** The client lets go: what it sent still arrives, and then the end, if `orderly`. */
  leaveClient(orderly: boolean): void {
    this.#leave(this.#toClient, this.#toKeeper, orderly);
  }

  leaveKeeper(orderly: boolean): void {
    this.#leave(this.#toKeeper, this.#toClient, orderly);
  }

  /** Somebody between cuts it. Each side notices at its own time. */
  cut(clientNotices: number, keeperNotices: number): void {
    this.#lose(this.#toClient, clientNotices);
    this.#lose(this.#toKeeper, keeperNotices);
  }

  /** The keeper's machine is no more. */
  orphan(clientNotices: number): void {
    this.#toKeeper.ear = undefined;
    this.#toKeeper.dead = true;
    this.#lose(this.#toClient, clientNotices);
  }

  #send(from: Way, to: Way, frame: Uint8Array, hole: boolean): boolean {
    const world = this.#world;
    if (from.ear === undefined) return false;
    if (world.chronicle.lines !== undefined) world.chronicle.frame(world.now, `${from.name} #${this.number}`, to.name + (to.dead ? " (lost)" : ""), frame);
    else world.chronicle.mix(frame[0] ?? 0, frame.length + world.now);
    if (to.dead || to.severed) return true;
    if (hole && this.#weather.kills) {
      to.dead = true;
      return true;
    }
    const until = hole ? Math.max(this.#weather.holeIn, this.#weather.holeOut) - world.now : 0;
    const slow = world.now < this.#weather.slow ? this.#weather.slowBy : 0;
    to.last = Math.max(to.last, world.now + until + slow + world.plan.delay * (1 + world.random()));
    world.after(to.last - world.now, ranks.arrival, to.process, () => { if (!to.dead) to.ear?.frame(frame); });
    return true;
  }

  #leave(from: Way, to: Way, orderly: boolean): void {
    if (from.ear === undefined) return;
    from.ear = undefined;
    from.dead = true;
    const world = this.#world;
    // In a hole not even a goodbye gets through.
    if (to.dead || (world.now < Math.max(this.#weather.holeIn, this.#weather.holeOut) && this.#weather.kills)) {
      to.dead = true;
      return;
    }
    if (!orderly && world.chance(0.5)) to.dead = true; // A reset may overtake what was sent before.
    const at = Math.max(world.now + world.plan.delay, to.dead ? 0 : to.last);
    world.after(at - world.now, ranks.arrival, to.process, () => { this.#end(to); });
  }

  #lose(way: Way, notices: number): void {
    if (way.ear === undefined) return;
    // What is on its way may still arrive, or be lost; nothing that comes later does.
    way.severed = true;
    if (this.#world.chance(0.5)) way.dead = true;
    this.#world.after(Math.max(notices, way.dead ? 0 : way.last - this.#world.now), ranks.arrival, way.process, () => { this.#end(way); });
  }

  #end(way: Way): void {
    const { ear } = way;
    way.ear = undefined;
    way.dead = true;
    ear?.ended();
  }
}
