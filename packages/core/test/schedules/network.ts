import type { Random } from "../../src/ports/clock.ts";
import { frames, type Connection } from "./connection.ts";
import { kinds, ranks, type Queue } from "./queue.ts";
import { everywhere, type Fault, type FaultKind, type Script } from "./script.ts";

/** What is wrong with one server and the way to it, and until when. */
export interface Weather {
  refuses: number;
  refusal: FaultKind;
  mute: number;
  late: number;
  lateBy: number;
  holeOut: number;
  holeIn: number;
  /** A hole may delay what falls into it, as TCP repeats it, or have lost it for good. */
  holeKills: boolean;
  slow: number;
  slowBy: number;
  flaps: number;
  flapAfter: number;
  stalled: number;
}

function clear(): Weather {
  return { refuses: 0, refusal: "refuse", mute: 0, late: 0, lateBy: 0, holeOut: 0, holeIn: 0, holeKills: false, slow: 0, slowBy: 0, flaps: 0, flapAfter: 0, stalled: 0 };
}

/** The ways between the client and its servers, and what is wrong with them. */
export class Network {
  readonly #queue: Queue;
  readonly #random: Random;
  readonly #delay: number;
  readonly #weather: readonly Weather[];

  constructor(queue: Queue, random: Random, { servers, delay }: Script) {
    this.#queue = queue;
    this.#random = random;
    this.#delay = delay;
    this.#weather = Array.from({ length: servers }, clear);
  }

  weather(server: number): Weather {
    return this.#weather[server] as Weather; // Servers are numbered by the script that numbered the weather.
  }

  /** How long the next frame travels in fine weather. */
  delay(): number {
    return this.#delay * (1 + this.#random());
  }

  send(made: Connection, outward: boolean, frame: number, value: number, now: number): void {
    if (outward ? made.deadOut : made.deadIn) return;
    const weather = this.weather(made.server);
    let arrival = Math.max(now + this.delay() + (now < weather.slow ? weather.slowBy : 0), outward ? made.lastOut : made.lastIn);
    const hole = outward ? weather.holeOut : weather.holeIn;
    if (now < hole && weather.holeKills) {
      if (outward) made.deadOut = true;
      else made.deadIn = true;
      made.clientTrouble = made.serverTrouble = Infinity;
      return;
    }
    if (now < hole) arrival = Math.max(arrival, hole + this.delay());
    if (arrival > now + 1_000) {
      made.clientTrouble = Math.max(made.clientTrouble, arrival);
      made.serverTrouble = Math.max(made.serverTrouble, arrival);
    }
    if (outward) made.lastOut = arrival;
    else made.lastIn = arrival;
    this.#queue.add(arrival, ranks.arrival, outward ? kinds.toServer : kinds.toClient, made, frame, value);
  }

  /** The client dials: somebody accepts, refuses, or nobody answers. */
  dial(made: Connection, now: number): void {
    const weather = this.weather(made.server);
    if (now < weather.holeOut || now < weather.holeIn) return;
    const way = this.delay();
    const refused = now < weather.refuses;
    made.lastIn = now + 2 * way; // Nothing is read before the dial is done.
    this.#queue.add(now + 2 * way, ranks.arrival, refused ? kinds.refused : kinds.accepted, made, 0, 0);
    if (refused || now < weather.mute) return;
    this.#queue.add(now + way + (now < weather.late ? weather.lateBy : 0), ranks.arrival, kinds.toServer, made, frames.arrive, 0);
  }

  /** A fault of the kind that lasts. */
  fault(fault: Fault): void {
    for (const [server, weather] of this.#weather.entries()) if (fault.server === everywhere || fault.server === server) begin(fault, weather);
  }
}

function begin({ at, kind, lasts, dice }: Fault, weather: Weather): void {
  const until = at + lasts;
  switch (kind) {
    case "refuse": case "refuse: elsewhere": case "refuse: later": case "refuse: stop":
      weather.refuses = Math.max(weather.refuses, until);
      weather.refusal = kind;
      return;
    case "mute": weather.mute = Math.max(weather.mute, until); return;
    case "late greeting": weather.late = Math.max(weather.late, until); weather.lateBy = dice * 9_000; return;
    case "hole out": weather.holeOut = Math.max(weather.holeOut, until); weather.holeKills = dice < 0.5; return;
    case "hole in": weather.holeIn = Math.max(weather.holeIn, until); weather.holeKills = dice < 0.5; return;
    case "hole both": weather.holeOut = weather.holeIn = Math.max(weather.holeIn, weather.holeOut, until); weather.holeKills = dice < 0.5; return;
    case "slow": weather.slow = Math.max(weather.slow, until); weather.slowBy = dice * 4_000; return;
    case "flap": weather.flaps = Math.max(weather.flaps, until); weather.flapAfter = dice * 3_000; return;
    case "server stall": weather.stalled = Math.max(weather.stalled, until); return;
    default:
  }
}
