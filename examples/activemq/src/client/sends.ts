import { randomUUID } from "node:crypto";
import { BackpressureError, FrameError, type HoldfastError } from "@holdfast/core";
import { encode, type Headers } from "../stomp/frame.ts";

export interface SendOptions {
  /** More headers: priority, expires, a property to select by … */
  readonly headers?: Headers;
  /** Gives up on the receipt, and on sending again. The broker may have the message all the same. */
  readonly signal?: AbortSignal;
}

export interface SendLimits { readonly maxPending: number; readonly maxFrameBytes: number }

interface Pending {
  readonly bytes: Uint8Array;
  readonly again: () => Uint8Array;
  readonly settle: (error?: unknown) => void;
  written: boolean;
}

/** On what is sent again; there must be room for it. */
const mark = { resent: "true" } as const;
const markBytes = "resent:true\n".length;

/** Messages that no broker has confirmed, in the order in which they were sent. */
export class Sends {
  readonly #pending = new Map<string, Pending>();
  readonly #prefix = randomUUID();
  readonly #limits: SendLimits;
  #last = 0;
  #resent = 0;

  constructor(limits: SendLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** How many were written more than once: as many may arrive twice. */
  get resent(): number {
    return this.#resent;
  }

  /** Takes a message and hands its frame to `write`. The promise resolves at its receipt. */
  async add(destination: string, body: Uint8Array | string, { headers = {}, signal }: SendOptions, write: (bytes: Uint8Array) => boolean): Promise<void> {
    signal?.throwIfAborted();
    const { maxPending, maxFrameBytes } = this.#limits;
    if (this.#pending.size >= maxPending) throw new BackpressureError(`${maxPending} messages have no receipt yet: this one was not taken. Wait for some, or raise maxPending`);
    const id = `${this.#prefix}-${this.#last += 1}`;
    // On disk before the receipt comes, unless the caller says otherwise. The id is the same each time it is sent.
    const all = { persistent: "true", ...headers, destination, receipt: id, "send-id": id };
    const bytes = encode("SEND", all, body);
    if (bytes.length + markBytes > maxFrameBytes) throw new FrameError("HF_FRAME_TOO_LONG", "local", `this message makes a frame of ${bytes.length} bytes, and the limit is ${maxFrameBytes}: send less at once, or raise maxFrameBytes of the transport`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = (): void => { this.#settle(id, signal?.reason); };
    const settle = (error?: unknown): void => {
      signal?.removeEventListener("abort", aborted);
      if (error === undefined) resolve();
      else reject(error);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    const pending: Pending = { bytes, again: () => encode("SEND", { ...all, ...mark }, body), settle, written: false };
    this.#pending.set(id, pending);
    pending.written = write(bytes);
    await promise;
  }

  /** A new connection: everything goes out again, what went out before with the mark `resent`. */
  replay(write: (bytes: Uint8Array) => boolean): void {
    for (const pending of this.#pending.values()) {
      if (pending.written) this.#resent += 1;
      pending.written = write(pending.written ? pending.again() : pending.bytes) || pending.written;
    }
  }

  /** The broker has it, or will not have it. */
  answered(receipt: string | undefined, error?: HoldfastError): void {
    if (receipt !== undefined) this.#settle(receipt, error);
  }

  /** The end: nobody will ever know. */
  fail(error: HoldfastError): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, error);
  }

  #settle(id: string, error: unknown): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settle(error);
  }
}
