import { FrameError, type Conversation, type Frame, type Framing, type Line, type Protocol } from "@holdfast/core";
import { lengthPrefix } from "@holdfast/core/framing";

/** What a packet is about, by the low half of its sign byte. */
const codes = { request: 1, response: 2, publish: 3, unpublish: 4, subscribe: 5, offline: 6, ack: 7 } as const;
const heartbeat = 15;
/** The high half names the serializer of the body. Jupiter's own are 1 to 4; ours is JSON. */
const json = 0xf0;

export interface Packet { readonly code: keyof typeof codes; readonly status: number; readonly id: bigint; readonly body: Uint8Array }

const header = 16;
/** A body has at most 5 MiB. A transport has a limit of its own, which is lower unless it is told: `tcp({ maxFrameBytes })`. */
export const maxPacketBytes: number = header + 5 * 2 ** 20;

/** `ba be`, sign, status, id (8 bytes), length of the body (4 bytes), body: all of it big endian. */
const packets = lengthPrefix({ offset: 12, bytes: 4 });
const framing: Framing = { start: (maxFrameBytes) => packets.start(Math.min(maxFrameBytes, maxPacketBytes)) };

/** The wire protocol of the Jupiter RPC framework. It has no greeting, and its heartbeats are not answered. */
export function jupiterProtocol(): Protocol<Packet, Packet> {
  return { framing, pings: true, standby: "greeted", start: (line) => new Jupiter(line) };
}

class Jupiter implements Conversation<Packet> {
  readonly #line: Line<Packet>;

  constructor(line: Line<Packet>) {
    this.#line = line;
    line.greeted();
  }

  frame(frame: Frame): void {
    if (typeof frame === "string") throw strange("it sends text");
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (view.getUint16(0) !== 0xbabe) throw strange("its packets do not begin with ba be");
    const number = view.getUint8(2) & 0x0f;
    if (number === heartbeat) return; // That it arrived is all it says.
    const code = (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === number);
    if (code === undefined) throw strange(`its packet has the unknown code ${number}`);
    this.#line.message({ code, status: view.getUint8(3), id: view.getBigInt64(4), body: frame.subarray(header) });
  }

  send({ code, status, id, body }: Packet): boolean { return this.#write(json | codes[code], status, id, body); }
  ping(): void { this.#write(heartbeat, 0, 0n, new Uint8Array(0)); }
  close(): void { /* There is no word for it. */ }
  closed(): void { /* Nothing is kept. */ }

  #write(sign: number, status: number, id: bigint, body: Uint8Array): boolean {
    const packet = new Uint8Array(header + body.length);
    packet.set([0xba, 0xbe, sign, status]);
    new DataView(packet.buffer).setBigInt64(4, id); // The framing fills in the length.
    packet.set(body, header);
    return this.#line.send(packet);
  }
}

const strange = (how: string): FrameError => new FrameError("HF_BAD_FRAME", "remote", `the peer does not speak Jupiter (${how})`, { next: "elsewhere" });
