import { LinkError, type Millis } from "@holdfast/core";
import type { MemoryChannel } from "../memory/channel.ts";
import type { Connection } from "../memory/connection.ts";
import type { Packet } from "../memory/packet.ts";
import { hostOf } from "../memory/switchboard.ts";
import type { Fate, Route } from "../memory/weather.ts";
import type { Climate } from "./climate.ts";
import { exponential } from "./odds.ts";

/** Which way bytes travel; outward is from the one who dialled. */
export type Direction = "outward" | "inward";

/** The way between one dialler and one server, and what is wrong with it. */
export class SimRoute implements Route {
  readonly from: string;
  readonly to: string;
  /** The host of `to`, without its port. */
  readonly server: string;
  readonly connections: Set<Connection> = new Set();
  readonly #climate: Climate;
  #clogged = false;
  readonly #holes = new Set<Direction>();

  constructor(climate: Climate, from: string, to: string) {
    this.#climate = climate;
    this.from = from;
    this.to = to;
    this.server = hostOf(to);
  }

  fate(): Fate {
    const fate = this.#fate();
    this.#climate.note(`dial ${this.from} → ${this.to}: ${fate}`);
    return fate;
  }

  delay(): Millis {
    const { odds, random } = this.#climate;
    if (odds.clog > 0 && random() < odds.clog) this.clog(exponential(odds.clogMean, random));
    return odds.delayMin + exponential(odds.delayMean - odds.delayMin, random);
  }

  opened(connection: Connection): void {
    this.connections.add(connection);
    this.#climate.note(`open #${connection.id} ${this.from} → ${this.to}`);
    if (this.#clogged) hold(connection);
    const { odds, random } = this.#climate;
    if (odds.cut === 0 && odds.blackHole === 0) return;
    const after = exponential(odds.faultAfter, random);
    const dice = random();
    if (random() < odds.cut) this.#climate.later(after, () => { this.cut(connection); });
    else if (dice < odds.blackHole) this.#climate.later(after, () => { swallow(connection, twoOrOne(dice / odds.blackHole)); });
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.#climate.note(`over #${connection.id}`);
  }

  saw(connection: Connection, direction: Direction, packet: Packet): void {
    this.#climate.saw(connection, direction, packet);
  }

  /** The connection is gone, and each end hears of it by itself. */
  cut(connection: Connection, notice?: Millis): void {
    if (!this.connections.has(connection)) return;
    const { odds, random } = this.#climate;
    this.#climate.note(`cut #${connection.id}`);
    swallow(connection, ["outward", "inward"]);
    for (const end of [connection.near, connection.far]) end.endAfter(notice ?? random() * odds.noticeMax, lost(end));
  }

  /** What travels stands still until it is unclogged, by hand or when the time is over. */
  clog(time: Millis): void {
    if (this.#clogged) return;
    this.#clogged = true;
    this.#climate.note(`clog ${this.from} → ${this.to}`);
    for (const connection of this.connections) hold(connection);
    if (time !== Infinity) this.#climate.later(time, () => { this.unclog(); });
  }

  unclog(): void {
    if (!this.#clogged) return;
    this.#clogged = false;
    this.#climate.note(`unclog ${this.from} → ${this.to}`);
    for (const { outward, inward } of this.connections) {
      outward.release();
      inward.release();
    }
  }

  /** What travels is lost; new dials get no answer until the route is mended. */
  blackHole(directions: readonly Direction[]): void {
    for (const direction of directions) this.#holes.add(direction);
    this.#climate.note(`black hole ${this.from} → ${this.to} ${directions.join(" ")}`);
    for (const connection of this.connections) swallow(connection, directions);
  }

  /** Connections that are in a black hole stay there. */
  mend(): void {
    this.#holes.clear();
    this.unclog();
  }

  /** The far machine lost this connection. Once it has a system that runs, whoever still sends is told so. */
  forget(connection: Connection, survivor: MemoryChannel): void {
    const pipe = survivor === connection.near ? connection.outward : connection.inward;
    pipe.swallow(() => {
      const there = survivor === connection.near ? this.server : this.from;
      if (this.#holes.size === 0 && this.#climate.answers(there)) survivor.endAfter(this.delay() + this.delay(), new LinkError("HF_RESET", `${survivor.remote.label} does not know the connection any more`));
    });
  }

  #fate(): Fate {
    if (this.#holes.size > 0 || this.#clogged || !this.#climate.answers(this.server)) return "lost";
    const order = this.#climate.orders.get(this.server);
    if (order !== undefined) return order;
    const { odds, random } = this.#climate;
    if (odds.refuse + odds.hang + odds.mute === 0) return "through";
    const dice = random();
    if (dice < odds.refuse) return "refused";
    if (dice < odds.refuse + odds.hang) return "hang";
    return dice < odds.refuse + odds.hang + odds.mute ? "mute" : "through";
  }
}

function hold({ outward, inward }: Connection): void {
  outward.hold();
  inward.hold();
}

function swallow(connection: Connection, directions: readonly Direction[]): void {
  for (const direction of directions) connection[direction].swallow();
}

/** Outward, inward or both, a third each. */
function twoOrOne(dice: number): readonly Direction[] {
  if (dice < 1 / 3) return ["outward"];
  return dice < 2 / 3 ? ["inward"] : ["outward", "inward"];
}

function lost(end: MemoryChannel): LinkError {
  return new LinkError("HF_RESET", `the connection to ${end.remote.label} was lost`);
}
