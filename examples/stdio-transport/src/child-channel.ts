import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { LinkError, type Channel, type ChannelHandler, type Endpoint, type Frame, type Framer } from "@holdfast/core";
import { unfinished } from "@holdfast/core/framing";
import { FrameReader } from "./frame-reader.ts";

export type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A running child as a channel: what it writes are frames for us, what we send it reads, and its exit is the end. */
export class ChildChannel implements Channel {
  readonly remote: Endpoint;
  readonly #child: Child;
  readonly #framer: Framer;
  readonly #reader: FrameReader;
  #handler: ChannelHandler | undefined;
  #phase: "open" | "closing" | "aborted" | "closed" = "open";
  #error: Error | undefined;

  constructor(remote: Endpoint, child: Child, framer: Framer) {
    this.remote = remote;
    this.#child = child;
    this.#framer = framer;
    this.#reader = new FrameReader(child.stdout, framer, (frame) => { if (this.#phase !== "aborted") this.#handler?.frame(frame); }, (error) => { this.abort(error); });
    child.stdin.on("drain", () => { if (this.#phase === "open") this.#handler?.drained(); });
    child.stdin.on("error", () => { /* It reads no more; its exit will say why. */ });
    child.on("close", (code) => { this.#closed(code); }); // It is gone, and everything it wrote was read.
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler;
    if (this.#phase === "closed") queueMicrotask(() => { handler.closed(this.#error); });
    else this.#reader.resume();
  }

  send(frame: Frame): boolean { return this.#phase === "open" && this.#child.stdin.write(this.#framer.wrap(frame)); }
  pause(): void { if (this.#phase === "open") this.#reader.pause(); }
  resume(): void { this.#reader.resume(); }

  close(): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    this.#child.stdin.end(); // A child that stays all the same is aborted by the link, after its `drainTimeout`.
    if (this.#handler) this.#reader.resume(); // The end comes behind what it wrote, wanted or not.
  }

  abort(error: Error): void {
    if (this.#phase === "aborted" || this.#phase === "closed") return;
    this.#phase = "aborted";
    this.#error = error;
    this.#child.kill("SIGKILL");
    this.#child.stdout.destroy();
  }

  #closed(code: number | null): void {
    if (code !== 0 || unfinished(this.#framer) > 0) this.#error ??= new LinkError("HF_RESET", `${this.remote.label} ended ${code === null ? "by a signal" : `with code ${code}`}`);
    this.#phase = "closed";
    this.#handler?.closed(this.#error);
  }
}
