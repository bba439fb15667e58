import { writePacket, type Writable } from "../jute/sink.ts";

/** Whose packets are joined. */
export interface Batcher {
  /** Takes several packets, one behind the other. The bytes are the taker's: nothing else will be written there. */
  sendBatch(packets: Buffer): void;
}

const slabBytes = 65_536;
/** A packet that is larger is worth a buffer of its own. */
export const large: number = slabBytes / 8;

/**
 * Joins the packets of one turn of the event loop: under load it costs more to hand a packet on than to write it. All connections
 * share one slab of memory, and one of them at a time writes into it.
 */
class PacketBatch {
  #slab = Buffer.alloc(0);
  #begin = 0;
  #end = 0;
  #owner: Batcher | undefined;
  #ticking = false;
  readonly #tick = (): void => {
    this.#ticking = false;
    this.flush();
  };

  /** Adds a packet of at most `most` bytes, and gives its size. One that is larger than that, or than `large`, is not added. */
  add(owner: Batcher, content: Writable, most: number): number {
    if (this.#owner !== owner) this.flush();
    let size = this.#write(content);
    if (size > this.#slab.length - this.#end && size <= large) {
      this.#renew();
      size = this.#write(content);
    }
    if (size > large || size > most) return size;
    this.#owner = owner;
    this.#end += size;
    return size;
  }

  /** What was added leaves as soon as the code that runs now, and all that waits for promises, has returned. */
  flushSoon(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    process.nextTick(this.#tick);
  }

  /** What was added, by `owner` or by anybody, leaves now. */
  flush(owner: Batcher | undefined = this.#owner): void {
    if (owner === undefined || owner !== this.#owner) return;
    const packets = this.#slab.subarray(this.#begin, this.#end);
    this.#begin = this.#end;
    this.#owner = undefined; // First: the connection may end in the middle of it.
    owner.sendBatch(packets);
  }

  #write(content: Writable): number {
    return writePacket(content, this.#slab, this.#end, this.#slab.length);
  }

  #renew(): void {
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#begin = this.#end = 0;
  }
}

export const packetBatch: PacketBatch = new PacketBatch();
