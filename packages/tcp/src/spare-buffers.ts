/** Bytes of one batch: enough for hundreds of small frames, little enough that copying costs less than a system call. */
export const batchBytes = 16_384;
/** As many channels as write in one turn of the event loop, with which a buffer of its own for each would be waste. */
const most = 8;

/** Buffers between two batches. All channels of a transport share them, so an idle channel owns none. */
export class SpareBuffers {
  readonly #buffers: Buffer[] = [];

  take(): Buffer {
    return this.#buffers.pop() ?? Buffer.alloc(batchBytes);
  }

  give(buffer: Buffer): void {
    if (this.#buffers.length < most) this.#buffers.push(buffer);
  }
}
