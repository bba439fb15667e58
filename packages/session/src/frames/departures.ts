import type { Line } from "@holdfast/core";
import type { SessionFraming } from "./framing.ts";
import { prefix, slabEnd, slabNow } from "./slab.ts";

/**
 * The frames that go out on one channel. Where that is a stream of bytes, frames that were made one after the other lie one after the other, and leave as one
 * piece when the code that sends has returned, or when their slab is full: the link and the transport have as much to do for a piece as for a frame. Where
 * each frame is a message of its own, as over WebSocket, it leaves at once.
 */
export class Departures {
  readonly #line: Line<never>;
  readonly #framing: SessionFraming;
  readonly #turn: () => void;
  /** The longest frame of a stream; 0: none is joined. Undefined before the first frame, which shows what the channel is. */
  #longest: number | undefined;
  /** The piece that waits, in its slab. */
  #memory: ArrayBuffer | undefined;
  #from = 0;
  #to = 0;
  #turning = false;
  /** The channel has asked us to wait. */
  blocked = false;

  constructor(line: Line<never>, framing: SessionFraming) {
    this.#line = line;
    this.#framing = framing;
    this.#turn = () => {
      this.#turning = false;
      this.flush();
    };
  }

  /** As `Line.send`. */
  send(frame: Uint8Array): boolean {
    // While the channel asks to wait, frame by frame: the link counts what it answers to a peer that reads nothing.
    const from = !this.blocked && frame.length <= (this.#longest ?? 0) ? prefix(frame) : -1;
    if (from < 0) return this.#alone(frame);
    if (from !== this.#to || this.#memory !== slabNow()) this.#begin(from);
    this.#to = slabEnd();
    return !this.blocked;
  }

  /** Sends what waits now: the channel is about to hear something else. */
  flush(): void {
    const memory = this.#memory;
    if (memory === undefined) return;
    this.#memory = undefined;
    const run = new Uint8Array(memory, this.#from, this.#to - this.#from);
    this.#framing.run = run;
    if (!this.#line.send(run)) this.blocked = true;
    this.#framing.run = undefined;
  }

  #begin(from: number): void {
    this.flush();
    this.#memory = slabNow();
    this.#from = from;
    if (this.#turning) return;
    this.#turning = true;
    queueMicrotask(this.#turn);
  }

  #alone(frame: Uint8Array): boolean {
    this.flush();
    const more = this.#line.send(frame);
    this.#longest ??= this.#framing.wrapped === frame ? this.#framing.longest : 0;
    if (!more) this.blocked = true;
    return more;
  }
}
