import type { Frame } from "../ports/channel.ts";
import type { Conversation, Line, Protocol } from "../ports/protocol.ts";

/**
 * Messages are strings, one per frame. There is no ping among them: the transport must have one (WebSocket on Node), or
 * `heartbeat` be false.
 */
export function text(): Protocol<string, string> {
  return plainText;
}

/** Messages are bytes, one per frame. A string is sent as a text frame where the transport has them. As `text()`, without a ping. */
export function bytes(): Protocol<Frame, Uint8Array> {
  return plainBytes;
}

// They keep nothing, so one of each serves all links.
const plainText: Protocol<string, string> = { pings: false, standby: "greeted", start: (line) => new Plain(line, asText) };
const plainBytes: Protocol<Frame, Uint8Array> = { pings: false, standby: "greeted", start: (line) => new Plain(line, asBytes) };

/** Keeps a byte order mark: it is part of the message. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export function asText(frame: Frame): string {
  return typeof frame === "string" ? frame : decoder.decode(frame);
}

export function asBytes(frame: Frame): Uint8Array {
  return typeof frame === "string" ? encoder.encode(frame) : frame;
}

class Plain<Out extends Frame, In> implements Conversation<Out> {
  readonly #line: Line<In>;
  readonly #read: (frame: Frame) => In;

  constructor(line: Line<In>, read: (frame: Frame) => In) {
    this.#line = line;
    this.#read = read;
    line.greeted();
  }

  frame(frame: Frame): void { this.#line.message(this.#read(frame)); }
  send(message: Out): boolean { return this.#line.send(message); }
  close(): void { /* The transport's own goodbye is all there is. */ }
  closed(): void { /* Nothing is kept. */ }
}
