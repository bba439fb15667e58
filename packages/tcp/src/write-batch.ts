import type { Socket } from "node:net";
import { batchBytes, type SpareBuffers } from "./spare-buffers.ts";

/** A frame of this size is worth a system call of its own, rather than being copied once more. */
const large = batchBytes / 2;

/**
 * Joins the frames of one turn of the event loop into one write: the system call is most of what a small frame costs. They leave
 * in process.nextTick, so as soon as the code that is running returns.
 */
export class WriteBatch {
  readonly #socket: Socket;
  readonly #spare: SpareBuffers;
  /** TLS never finishes a write at once, so its buffers do not come back in time. */
  readonly #slow: boolean;
  readonly #tick: () => void;
  #buffer: Buffer | undefined;
  #used = 0;
  #ticking = false;

  constructor(socket: Socket, spare: SpareBuffers) {
    this.#socket = socket;
    this.#spare = spare;
    this.#slow = "encrypted" in socket;
    this.#tick = () => {
      this.#ticking = false;
      this.flush();
    };
  }

  /** Less is waiting, here and in the socket, than the socket's high-water mark (Node's default: 64 KiB). */
  get hasRoom(): boolean {
    return this.#socket.writableLength + this.#used < this.#socket.writableHighWaterMark;
  }

  add(bytes: Uint8Array): void {
    if (!this.#ticking) {
      this.#ticking = true;
      process.nextTick(this.#tick);
    }
    if (this.#used + bytes.length > batchBytes || bytes.length >= large) this.flush();
    if (bytes.length >= large) {
      this.#socket.write(bytes);
      return;
    }
    const buffer = (this.#buffer ??= this.#spare.take());
    buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Gives the batch to the socket now. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const batch = buffer.subarray(0, this.#used);
    this.#used = 0;
    // Where the socket is behind, the batch waits in a copy of its size: a whole buffer for a few bytes would be much memory in few bytes.
    if (this.#slow || this.#socket.writableLength > 0) {
      this.#socket.write(Buffer.from(batch));
      return this.#release();
    }
    this.#socket.write(batch);
    // Taken by the system at once, as a rule. If not, the socket keeps the buffer.
    if (this.#socket.writableLength === 0) this.#release();
    else this.#buffer = undefined;
  }

  /** Forgets what was not given to the socket. */
  discard(): void {
    this.#used = 0;
    this.#release();
  }

  #release(): void {
    if (this.#buffer !== undefined) this.#spare.give(this.#buffer);
    this.#buffer = undefined;
  }
}
