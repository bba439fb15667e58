import { writePacket, type Writable } from "../jute/sink.ts";

/** Whose packets are joined. */
export interface Batcher {
  /** Takes several packets, one behind the other. The bytes are the taker's: nothing else will be written there. */
  sendBatch(packets: Buffer): void;
}

const slabBytes = 65_536;
/** A packet of this size is worth a buffer of its own. */
const large = slabBytes / 8;

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

  /** False where the packet is too large to be joined with others. `size`: see `packetSize`. */
  add(owner: Batcher, content: Writable, size: number): boolean {
    if (size > large) return false;
    if (this.#owner !== owner) this.flush();
    if (this.#end + size > this.#slab.length) this.#renew();
    this.#owner = owner;
    writePacket(content, this.#slab, this.#end, size);
    this.#end += size;
    if (!this.#ticking) {
      this.#ticking = true;
      process.nextTick(this.#tick); // As soon as the code that runs now, and all that waits for promises, has returned.
    }
    return true;
  }

  /** What was added, by `owner` or by anybody, leaves now. */
  flush(owner: Batcher | undefined = this.#owner): void {
    if (owner === undefined || owner !== this.#owner) return;
    const packets = this.#slab.subarray(this.#begin, this.#end);
    this.#begin = this.#end;
    this.#owner = undefined; // First: the connection may end in the middle of it.
    owner.sendBatch(packets);
  }

  #renew(): void {
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#begin = this.#end = 0;
  }
}

export const packetBatch: PacketBatch = new PacketBatch();
