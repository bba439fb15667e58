import type { Line } from "@holdfast/core";
import { asHoldfast } from "@holdfast/core/engine";
import type { SessionFraming } from "./framing.ts";
import { prefix, slabEnd, slabNow } from "./slab.ts";

/** Frames of one turn wait until they are more bytes than this, so that whoever sends much in a turn learns that the channel is full. */
const most = 16_384;

/**
 * The frames that go out on one channel. They leave together, when the code that sends has returned: a session that speaks and a transport that writes then
 * take turns by the piece and not by the frame, and each finds its own code at hand (see `Arrivals`). Where the channel is a stream of bytes, frames that were
 * made one after the other lie one after the other, and are one piece for the link and the transport, too.
 */
export class Departures {
  readonly #line: Line<never>;
  readonly #framing: SessionFraming;
  #turning = false;
  /** The longest frame that a stream takes; 0: it is none. Undefined before the first frame, which shows what the channel is. */
  #longest: number | undefined;
  /** Frames of a channel that is no stream, and their bytes. */
  #frames: Uint8Array[] = [];
  #bytes = 0;
  /** The piece of a stream, in its slab. */
  #memory: ArrayBuffer | undefined;
  #from = 0;
  #to = 0;
  /** The channel has asked us to wait. */
  blocked = false;

  constructor(line: Line<never>, framing: SessionFraming) {
    this.#line = line;
    this.#framing = framing;
  }

  /** As `Line.send`. */
  send(frame: Uint8Array): boolean {
    // While the channel asks to wait, frame by frame: the link counts what it answers to a peer that reads nothing.
    if (this.#longest === undefined || this.blocked) return this.#alone(frame);
    if (this.#longest === 0) this.#keep(frame);
    else {
      const from = frame.length <= this.#longest ? prefix(frame) : -1;
      if (from < 0) return this.#alone(frame);
      this.#join(from);
    }
    return !this.blocked;
  }

  /** Sends what waits now: the channel is about to hear something else. Throws nothing. */
  flush(): void {
    try {
      if (this.#memory !== undefined) this.#flushPiece(this.#memory);
      else if (this.#bytes > 0) this.#flushFrames();
    } catch (error) {
      this.#line.fail(asHoldfast(error, "a frame of the session could not be sent"));
    }
  }

  #keep(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes > most) this.flush();
    else this.#soon();
  }

  /** The frame that was made last begins there in the slab, with its length. */
  #join(from: number): void {
    if (from !== this.#to || this.#memory !== slabNow()) {
      this.flush();
      this.#memory = slabNow();
      this.#from = from;
      this.#soon();
    }
    this.#to = slabEnd();
  }

  #soon(): void {
    if (this.#turning) return;
    this.#turning = true;
    queueMicrotask(() => {
      this.#turning = false;
      this.flush();
    });
  }

  #flushPiece(memory: ArrayBuffer): void {
    const piece = new Uint8Array(memory, this.#from, this.#to - this.#from);
    this.#memory = undefined;
    this.#framing.run = piece;
    this.#note(this.#line.send(piece));
    this.#framing.run = undefined;
  }

  #flushFrames(): void {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    for (const frame of frames) this.#note(this.#line.send(frame));
  }

  #alone(frame: Uint8Array): boolean {
    this.flush();
    const more = this.#line.send(frame);
    this.#longest ??= this.#framing.wrapped === frame ? this.#framing.longest : 0;
    this.#note(more);
    return more;
  }

  #note(more: boolean): void {
    if (!more) this.blocked = true;
  }
}
