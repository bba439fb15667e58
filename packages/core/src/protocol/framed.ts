import { FrameError } from "../errors/frame-error.ts";
import { room } from "../framing/envelope.ts";
import { unfinished, type CountingFramer } from "../framing/unfinished.ts";
import { varint } from "../framing/varint.ts";
import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import type { Conversation, LeaveNotice, Line, Protocol, Role } from "../ports/protocol.ts";
import { asBytes, asText } from "./plain.ts";

/**
 * holdfast's own framed protocol, version 1, for peers that are both holdfast. Described in docs/spec/framed.md.
 *
 * It pings on every transport, counts what arrived so that a loss knows exactly what is unconfirmed, and lets a server ask its
 * peers to move. Messages are strings or bytes and arrive as what they were sent as.
 */
export function framed(): Protocol<Frame, Frame> {
  return { framing: greetingFirst, pings: true, standby: "greeted", start: (line, role) => new Framed(line, role) };
}

const kind = { bytes: 0, ping: 1, pong: 2, leave: 3, goodbye: 4, text: 5, hello: 9 } as const;
/** A hello is these bytes and the side that sent it, so an echo of our own is told from an answer. */
const magic = [kind.hello, 0x68, 0x66, 1] as const;
const sides = { dialer: 1, listener: 2 } as const;
const helloBytes = magic.length + 1;

class Framed implements Conversation<Frame> {
  readonly #line: Line<Frame>;
  readonly #role: Role;
  #received = 0;
  #greeted = false;

  constructor(line: Line<Frame>, role: Role) {
    this.#line = line;
    this.#role = role;
    if (role.side === "dialer") this.#hello();
  }

  frame(frame: Frame): void {
    if (typeof frame === "string") throw strange("it sent a text frame");
    if (!this.#greeted) {
      this.#greet(frame);
      return;
    }
    switch (frame[0]) {
      case kind.bytes: this.#count(); this.#line.message(frame.subarray(1)); return;
      case kind.text: this.#count(); this.#line.message(asText(frame.subarray(1))); return;
      case kind.ping: this.#line.confirmed(read(frame, 5)); this.#control(kind.pong, read(frame, 1), this.#received); return;
      case kind.pong: this.#line.confirmed(read(frame, 5)); this.#line.pong(read(frame, 1)); return;
      case kind.leave: this.#line.leave(readLeave(frame)); return;
      case kind.goodbye: this.#line.done(); return;
      default: throw new FrameError("HF_BAD_FRAME", "remote", `the peer sent a frame of unknown kind ${frame[0] ?? "(empty)"}`);
    }
  }

  send(message: Frame): boolean {
    const body = asBytes(message);
    const frame = room(body.length + 1);
    frame[0] = typeof message === "string" ? kind.text : kind.bytes;
    frame.set(body, 1);
    return this.#line.send(frame);
  }

  ping(nonce: number): void { this.#control(kind.ping, nonce, this.#received); }
  dismiss({ within, spread, to = [] }: LeaveNotice): void { this.#control(kind.leave, within, spread, asBytes(to.join("\n"))); }
  close(): void { this.#line.send(Uint8Array.of(kind.goodbye)); }
  closed(): void { /* Nothing is kept. */ }

  #greet(frame: Uint8Array): void {
    const { side } = this.#role;
    if (frame.length !== helloBytes || magic.some((byte, at) => frame[at] !== byte)) throw strange("its first frame is not a greeting");
    if (frame[magic.length] === sides[side]) throw strange("it sends back what we sent");
    if (side === "listener") this.#hello();
    this.#greeted = true;
    this.#line.greeted();
  }

  #hello(): void { this.#line.send(Uint8Array.of(...magic, sides[this.#role.side])); }
  #count(): void { this.#received = (this.#received + 1) >>> 0; }

  #control(what: number, first: number, second: number, more?: Uint8Array): void {
    const frame = new Uint8Array(9 + (more?.length ?? 0));
    if (more) frame.set(more, 9);
    const view = new DataView(frame.buffer);
    frame[0] = what;
    view.setUint32(1, first);
    view.setUint32(5, second);
    this.#line.send(frame);
  }
}

/** On a byte stream the very first byte is the length of a hello. Anything else is noticed at once, not waited for. */
const greetingFirst: Framing = {
  start(maxFrameBytes): CountingFramer {
    const framer = varint().start(maxFrameBytes);
    let fresh = true;
    return {
      get unfinished() { return unfinished(framer); },
      wrap: (frame) => framer.wrap(frame),
      push(chunk, whole) {
        if (fresh && chunk.length > 0) {
          if (chunk[0] !== helloBytes) throw strange("its first byte is no greeting");
          fresh = false;
        }
        framer.push(chunk, whole);
      },
    };
  },
};

function read(frame: Uint8Array, at: number): number {
  if (frame.length !== 9) throw wrongLength();
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

/** Bytes of the endpoints that a leave may name. */
const longestLeave = 8_192;

function readLeave(frame: Uint8Array): LeaveNotice {
  if (frame.length > 9 + longestLeave) throw wrongLength();
  const to = asText(frame.subarray(9));
  const head = frame.subarray(0, 9);
  return { within: read(head, 1), spread: read(head, 5), ...(to !== "" && { to: to.split("\n") }) };
}

function wrongLength(): FrameError {
  return new FrameError("HF_BAD_FRAME", "remote", "the peer sent a control frame of a wrong length");
}

function strange(how: string): FrameError {
  return new FrameError("HF_NOT_HOLDFAST", "remote", `the peer does not speak the framed protocol of holdfast (${how}): use text(), bytes() or json() for a plain server`, { next: "elsewhere" });
}
