import type { Alarm, Millis } from "@holdfast/core";
import type { Loop } from "./loop.ts";
import { weigh, type Packet } from "./packet.ts";

/**
 * One direction of a connection: packets leave in order, travel for a while, arrive in order. However the delays vary, none
 * overtakes another, as in a TCP stream.
 *
 * Faults act here. A held pipe keeps what is in flight and delivers it after `release`. A pipe that swallows loses everything, in
 * flight and to come, and tells nobody.
 */
export class Pipe {
  readonly #loop: Loop;
  readonly #delay: () => Millis;
  readonly #arrive: (packet: Packet) => void;
  #packets: Packet[] = [];
  #times: Millis[] = [];
  #head = 0;
  #last: Millis = -Infinity;
  #alarm: Alarm | undefined;
  #held = false;
  #swallows = false;
  #lost: (() => void) | undefined;
  /** Weight of what was sent and not yet read on the other side. What was swallowed is never read. */
  load = 0;
  /** The sender was told to wait. */
  full = false;

  constructor(loop: Loop, delay: () => Millis, arrive: (packet: Packet) => void) {
    this.#loop = loop;
    this.#delay = delay;
    this.#arrive = arrive;
  }

  push(packet: Packet): void {
    this.load += weigh(packet);
    if (this.#swallows) {
      this.#lost?.();
      return;
    }
    this.#last = Math.max(this.#last, this.#loop.now() + this.#delay());
    this.#packets.push(packet);
    this.#times.push(this.#last);
    if (this.#alarm === undefined && !this.#held) this.#arm();
  }

  hold(): void {
    this.#held = true;
    this.#disarm();
  }

  release(): void {
    this.#held = false;
    if (this.#alarm === undefined) this.#arm();
  }

  /** `lost` is called for each packet that is sent from now on. */
  swallow(lost?: () => void): void {
    this.#swallows = true;
    this.#lost = lost;
    this.#disarm();
    this.#packets = [];
    this.#times = [];
    this.#head = 0;
  }

  #arm(): void {
    const at = this.#times[this.#head];
    if (at !== undefined) this.#alarm = this.#loop.arrival(at, this.#deliver);
  }

  #disarm(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  readonly #deliver = (): void => {
    this.#alarm = undefined;
    const now = this.#loop.now();
    const end = this.#packets.length; // What is sent meanwhile comes next time.
    // A packet can make its receiver hold or break this pipe: look again before each.
    while (this.#head < end && !this.#held && !this.#swallows && (this.#times[this.#head] ?? Infinity) <= now) {
      this.#arrive(this.#packets[this.#head++] as Packet); // head < end.
    }
    if (this.#head === this.#packets.length) {
      this.#packets.length = 0;
      this.#times.length = 0;
      this.#head = 0;
    }
    if (this.#alarm === undefined && !this.#held) this.#arm();
  };
}
