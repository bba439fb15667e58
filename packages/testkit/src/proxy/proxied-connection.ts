import type { Clock, Random } from "@holdfast/core";
import type { Socket } from "node:net";
import type { Conditions } from "./conditions.ts";
import type { Direction } from "./direction.ts";
import { Lane } from "./lane.ts";
import type { Ledger } from "./ledger.ts";
import { reset } from "./reset.ts";

/** One connection through the proxy. */
export interface ProxiedConnection {
  /** Counts from 1 in the order the clients came. */
  readonly id: number;
  /** Cuts both sides with a reset (RST). */
  reset(): void;
  /** Ends one direction (FIN) behind the bytes that wait, and loses what comes afterwards. The other direction goes on. */
  halfClose(direction: Direction): void;
}

export interface ConnectionParts {
  readonly id: number;
  readonly conditions: Readonly<Record<Direction, Readonly<Conditions>>>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly maxBuffer: number;
  /** Both sockets are gone. */
  readonly over: () => void;
}

/** A client's socket, the one to the target where there is one, and a lane for each direction between them. */
export class Crossing implements ProxiedConnection {
  readonly id: number;
  readonly #client: Socket;
  readonly #target: Socket | undefined;
  readonly #parts: ConnectionParts;
  readonly #lanes: Partial<Record<Direction, Lane>>;
  #sockets: number;

  /** Without a target the client talks into silence. */
  constructor(client: Socket, target: Socket | undefined, parts: ConnectionParts) {
    this.id = parts.id;
    this.#client = client;
    this.#target = target;
    this.#parts = parts;
    this.#sockets = target === undefined ? 1 : 2;
    this.#watch(client, "outward");
    if (target === undefined) {
      this.#lanes = {};
      this.#listenInSilence();
      return;
    }
    this.#lanes = { outward: this.#lane("outward", client, target), inward: this.#lane("inward", target, client) };
    this.#watch(target, "inward");
    const unreachable = (): void => { parts.ledger.unreachable += 1; };
    target.once("error", unreachable);
    target.once("connect", () => {
      target.off("error", unreachable);
      parts.ledger.reached += 1;
    });
  }

  lane(direction: Direction): Lane | undefined {
    return this.#lanes[direction];
  }

  reset(): void {
    this.#stop();
    this.#resetClient();
    this.#resetTarget();
  }

  halfClose(direction: Direction): void {
    this.#lanes[direction]?.end();
  }

  /** Lets go of everything. */
  destroy(): void {
    this.#stop();
    this.#client.destroy();
    this.#target?.destroy();
  }

  #lane(direction: Direction, source: Socket, sink: Socket): Lane {
    const { conditions, ledger, clock, random, maxBuffer } = this.#parts;
    const cut = (): void => {
      ledger.note("cut", { connection: this.id, direction });
      if (conditions[direction].cutBy === "reset") this.reset();
      else for (const lane of Object.values(this.#lanes)) lane.cut();
    };
    return new Lane({ source, sink, conditions: conditions[direction], traffic: ledger.traffic(direction), clock, random, maxBuffer, cut });
  }

  /** News of a socket's death travels in the direction that its bytes do, and is lost with them. */
  #watch(socket: Socket, direction: Direction): void {
    socket.setNoDelay(true);
    socket.on("error", () => undefined); // `close` follows and says whether there was one.
    socket.on("close", (broken) => {
      this.#sockets -= 1;
      if (this.#sockets === 0) {
        this.#stop();
        return this.#parts.over();
      }
      if (!broken) return; // An orderly end has travelled through the lane.
      const lane = this.#lanes[direction];
      if (lane?.swallows === true) lane.die();
      else if (socket === this.#client) this.#resetTarget();
      else this.#resetClient();
    });
  }

  #resetClient(): void {
    if (this.#client.destroyed) return;
    this.#parts.ledger.resets += 1;
    reset(this.#client);
  }

  #resetTarget(): void {
    if (this.#target !== undefined) reset(this.#target);
  }

  #listenInSilence(): void {
    const traffic = this.#parts.ledger.traffic("outward");
    this.#client.on("data", (chunk) => {
      traffic.received += chunk.length;
      traffic.swallowed += chunk.length;
    });
  }

  #stop(): void {
    for (const lane of Object.values(this.#lanes)) lane.stop();
  }
}
