import type { Conversation, Frame, Line, Protocol, Role, Transport } from "@holdfast/core";

/**
 * What `connect()` speaks unless told otherwise: the messages of the peer and nothing besides. Text is a string and, on transports
 * that know the difference (WebSocket), bytes are a `Uint8Array`; on transports of bytes (TCP) every frame is UTF-8 text.
 *
 * There is no ping among them: the transport must have one, or a silent peer goes unnoticed.
 */
export function plain(transports: readonly Transport[]): Protocol<Frame, Frame> {
  return { pings: false, standby: "greeted", start: (line, role) => new Plain(line, tellsTextFromBytes(transports, role)) };
}

function tellsTextFromBytes(transports: readonly Transport[], { remote }: Role): boolean {
  return transports.find(({ schemes }) => schemes.includes(remote.scheme))?.traits.text ?? true;
}

const decoder = new TextDecoder();

class Plain implements Conversation<Frame> {
  readonly #line: Line<Frame>;
  readonly #asIs: boolean;

  constructor(line: Line<Frame>, asIs: boolean) {
    this.#line = line;
    this.#asIs = asIs;
    line.greeted();
  }

  frame(frame: Frame): void {
    this.#line.message(this.#asIs || typeof frame === "string" ? frame : decoder.decode(frame));
  }

  send(message: Frame): boolean { return this.#line.send(message); }
  close(): void { /* The transport's own goodbye is all there is. */ }
  closed(): void { /* Nothing is kept. */ }
}
