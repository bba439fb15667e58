import { startPulse, stepPulse } from "../../src/machine/pulse.ts";
import type { PulseEvent } from "../../src/machine/round-trip.ts";
import type { Random } from "../../src/ports/clock.ts";
import { frames, type Connection } from "./connection.ts";
import type { Laws } from "./laws.ts";
import type { Network } from "./network.ts";
import { kinds, ranks, type Queue } from "./queue.ts";
import type { Script } from "./script.ts";

/** The servers' ends of all connections: greet, answer, watch, and sometimes ask the peer to go. */
export class Servers {
  readonly #script: Script;
  readonly #network: Network;
  readonly #queue: Queue;
  readonly #random: Random;
  readonly #laws: Laws;

  constructor(script: Script, network: Network, queue: Queue, random: Random, laws: Laws) {
    this.#script = script;
    this.#network = network;
    this.#queue = queue;
    this.#random = random;
    this.#laws = laws;
  }

  frame(made: Connection, frame: number, value: number, now: number): void {
    if (frame === frames.arrive) {
      if (made.peer === "none") this.#greet(made, now);
      return;
    }
    if (made.peer === "gone") return;
    made.serverHeard = now;
    switch (frame) {
      case frames.ping: this.#network.send(made, false, frames.pong, value, now); return;
      case frames.pong: this.pulse(made, { type: "pong", nonce: value }, now); return;
      case frames.talk:
        this.#network.send(made, false, frames.data, 0, now);
        this.#queue.add(now + 900, ranks.arrival, kinds.toServer, made, frames.talk, 0);
        return;
      case frames.flap: case frames.bye:
        this.#network.send(made, false, frames.bye, 0, now);
        this.#end(made);
        return;
      default: this.#end(made); // A reset.
    }
  }

  pulse(made: Connection, event: PulseEvent, now: number): void {
    if (made.serverPulse === undefined) return;
    const { state, effects } = stepPulse(this.#script.heartbeat, made.serverPulse, event, { now, heardAt: made.serverHeard, sentAt: made.serverSent });
    made.serverPulse = state;
    for (const effect of effects) {
      if (effect.type === "ping") {
        made.serverSent = now;
        this.#network.send(made, false, frames.ping, effect.nonce, now);
      } else if (effect.type === "yield") this.#queue.add(now, ranks.turn, kinds.serverTurn, made, 0, 0);
      else if (effect.type === "gone") {
        this.#laws.verdict("server", made.serverTrouble, now);
        this.reset(made, now);
        return;
      }
    }
    this.#arm(made, state.wakeAt);
  }

  /** The connection breaks from this side. */
  reset(made: Connection, now: number): void {
    if (made.peer !== "open") return;
    this.#network.send(made, false, frames.reset, 0, now);
    this.#end(made);
  }

  leave(made: Connection, within: number, now: number): void {
    if (made.peer !== "open") return;
    this.#network.send(made, false, frames.leave, within, now);
    this.#queue.add(now + within, ranks.arrival, kinds.toServer, made, frames.flap, 0);
  }

  #greet(made: Connection, now: number): void {
    const weather = this.#network.weather(made.server);
    made.peer = "open";
    made.serverHeard = now;
    this.#network.send(made, false, frames.hello, 0, now);
    made.serverPulse = startPulse(this.#script.heartbeat, now, this.#random());
    this.#arm(made, made.serverPulse.wakeAt);
    if (this.#script.talks) this.#queue.add(now + 400, ranks.arrival, kinds.toServer, made, frames.talk, 0);
    if (now < weather.flaps) this.#queue.add(now + weather.flapAfter, ranks.arrival, kinds.toServer, made, frames.flap, 0);
  }

  #end(made: Connection): void {
    made.peer = "gone";
    made.serverPulse = undefined;
  }

  #arm(made: Connection, at: number): void {
    if (at < made.serverAlarm) this.#queue.add((made.serverAlarm = at), ranks.alarm, kinds.serverAlarm, made, 0, 0);
  }
}
