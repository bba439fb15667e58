import type { Frame } from "@holdfast/core";

/**
 * What travels besides frames. `room`: you may send again. `fin`: goodbye, everything before it was flushed. `heard`: your fin
 * has arrived. `reset`: the connection is gone.
 */
export type Signal = "ping" | "pong" | "room" | "fin" | "heard" | "reset";

/** A signal is wrapped, so that a text frame can never be taken for one. */
export interface SignalPacket {
  readonly signal: Signal;
}

export type Packet = Frame | SignalPacket;

export const signals: Readonly<Record<Signal, SignalPacket>> = {
  ping: { signal: "ping" }, pong: { signal: "pong" }, room: { signal: "room" },
  fin: { signal: "fin" }, heard: { signal: "heard" }, reset: { signal: "reset" },
};

/** A frame of no bytes costs memory too. */
const overhead = 16;

/** What a packet counts for in the buffer of its direction. */
export function weigh(packet: Packet): number {
  if (typeof packet === "string") return packet.length + overhead;
  return packet instanceof Uint8Array ? packet.byteLength + overhead : 0;
}

const encoder = new TextEncoder();

/** Length of a frame on a wire of bytes. */
export function bytesOf(frame: Frame): number {
  return typeof frame === "string" ? encoder.encode(frame).byteLength : frame.byteLength;
}

/** The frame as the other side gets it: never the same memory, so that nobody can change what was sent. */
export function copyOf(frame: Frame, text: boolean): Frame {
  if (typeof frame !== "string") return new Uint8Array(frame);
  return text ? frame : encoder.encode(frame);
}
