import type { Alarm, Clock, Millis, Random } from "@holdfast/core";
import type { Socket } from "node:net";
import type { Conditions } from "./conditions.ts";
import type { Traffic } from "./ledger.ts";

export interface LaneParts {
  readonly source: Socket;
  readonly sink: Socket;
  readonly conditions: Readonly<Conditions>;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly random: Random;
  /** Above so many waiting bytes the source is not read. */
  readonly maxBuffer: number;
  /** The bytes of `cutAfter` are written: time to cut. */
  readonly cut: () => void;
}

/** Bytes on their way, or the end of the stream. */
interface Load {
  readonly at: Millis;
  bytes: Uint8Array;
  readonly last: boolean;
}

const nothing = new Uint8Array(0);

/** With a limited bandwidth so much of a second is written at once. */
const grain = 1 / 50;

/**
 * One direction of one connection: reads the source, waits as the conditions say, writes the sink. What waits is bounded, for the
 * source is not read while there is too much of it.
 *
 * A lane that has lost bytes stays lost (`dead`), also when the conditions are clear again: what follows a gap in a stream means nothing.
 */
export class Lane {
  readonly #parts: LaneParts;
  #loads: Load[] = [];
  #waiting = 0;
  #passed = 0;
  #lastAt: Millis = -Infinity;
  #paced: Millis = -Infinity;
  #alarm: Alarm | undefined;
  #resting = false;
  #full = false;
  #ended = false;
  #dead = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { source, sink } = parts;
    source.on("data", (chunk: Uint8Array) => { this.#arrived(chunk); });
    source.on("end", () => { this.end(); });
    sink.on("drain", () => {
      this.#full = false;
      this.pump();
    });
  }

  /** Whatever comes is lost, the news of an end included. */
  get swallows(): boolean {
    return this.#dead || this.#parts.conditions.hole;
  }

  /** Loses what waits. */
  swallow(): void {
    this.#dead ||= this.#loads.length > 0;
    this.#parts.traffic.swallowed += this.#waiting;
    this.stop();
    this.#parts.source.resume();
  }

  /** The source is gone and the sink must not hear of it. */
  die(): void {
    this.#dead = true;
  }

  /** The end of the stream at once: what waits is lost. */
  cut(): void {
    this.#ended = true;
    this.stop();
    this.#parts.sink.end();
  }

  /** The end of the stream, behind the bytes that wait. What the source sends afterwards is lost. */
  end(): void {
    if (this.#ended) return;
    if (this.swallows) {
      this.#dead = true;
      return;
    }
    this.#ended = true;
    this.#add(nothing, true);
  }

  /** Writes what is due. Called whenever something may have changed. */
  pump(): void {
    const { conditions, clock } = this.#parts;
    while (!conditions.held && !this.#resting && !this.#full && !this.#parts.sink.destroyed) {
      const load = this.#loads[0];
      if (load === undefined) break;
      const due = Math.max(load.at, this.#paced);
      if (due > clock.now()) return this.#wakeAt(due);
      if (load.last) {
        this.#loads.shift();
        this.#parts.sink.end();
        return;
      }
      this.#write(load);
    }
    if (this.#waiting <= this.#parts.maxBuffer / 2) this.#parts.source.resume();
  }

  /** Forgets what waits, and the timer. */
  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#loads = [];
    this.#waiting = 0;
  }

  #arrived(chunk: Uint8Array): void {
    const { traffic, source, maxBuffer } = this.#parts;
    traffic.received += chunk.length;
    if (this.swallows || this.#ended) {
      this.#dead ||= !this.#ended;
      traffic.swallowed += chunk.length;
      return;
    }
    this.#add(chunk, false);
    if (this.#waiting > maxBuffer) source.pause();
  }

  #add(bytes: Uint8Array, last: boolean): void {
    const { conditions, clock, random } = this.#parts;
    const at = clock.now() + conditions.latency + (conditions.jitter === 0 ? 0 : random() * conditions.jitter);
    this.#lastAt = Math.max(at, this.#lastAt); // A later byte never overtakes an earlier one.
    this.#loads.push({ at: this.#lastAt, bytes, last });
    this.#waiting += bytes.length;
    this.pump();
  }

  #write(load: Load): void {
    const { conditions, traffic, sink, clock, cut } = this.#parts;
    const { slice, bytesPerSecond, cutAfter } = conditions;
    const size = Math.min(load.bytes.length, slice, Math.max(1, Math.floor(bytesPerSecond * grain)), cutAfter - this.#passed);
    if (size <= 0) {
      this.#ended = true;
      this.stop();
      return cut();
    }
    const piece = load.bytes.subarray(0, size);
    load.bytes = load.bytes.subarray(size);
    if (load.bytes.length === 0) this.#loads.shift();
    this.#waiting -= size;
    this.#passed += size;
    traffic.delivered += size;
    const cuts = this.#passed >= cutAfter;
    // Not before the system has the bytes: a reset would take them along.
    this.#full = !sink.write(piece, () => { if (cuts) cut(); });
    if (cuts) {
      this.#ended = true;
      return this.stop();
    }
    if (bytesPerSecond !== Infinity) this.#paced = Math.max(this.#paced, clock.now()) + (size / bytesPerSecond) * 1_000;
    if (slice !== Infinity) this.#rest(conditions.every);
  }

  /** Between two pieces, so that the receiver reads them one by one. */
  #rest(every: Millis): void {
    if (every > 0) {
      this.#paced = Math.max(this.#paced, this.#parts.clock.now() + every);
      return;
    }
    this.#resting = true;
    this.#parts.clock.turn(() => {
      this.#resting = false;
      this.pump();
    });
  }

  #wakeAt(at: Millis): void {
    this.#alarm?.cancel();
    this.#alarm = this.#parts.clock.alarm(at, () => { this.pump(); });
  }
}
