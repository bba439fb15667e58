import type { Message } from "../frames/frame.ts";
import type { OutgoingState } from "./client-state.ts";

/** How many places at the head of the lists may be empty before they are moved up. */
const slack = 1_024;

/** Number of the last message that was taken. */
export function lastNumber({ base, messages, head }: OutgoingState): number {
  return base + messages.length - head;
}

/** Messages that were never put on a channel. */
export function waitingCount(outgoing: OutgoingState): number {
  return lastNumber(outgoing) - outgoing.sent;
}

/** `number` is above `base` and not above the last one. */
export function messageAt({ messages, head, base }: OutgoingState, number: number): Message {
  return messages[head + number - base - 1] as Message;
}

export function sizeAt({ sizes, head, base }: OutgoingState, number: number): number {
  return sizes[head + number - base - 1] ?? 0;
}

export function take(outgoing: OutgoingState, message: Message, size: number): void {
  outgoing.messages.push(message);
  outgoing.sizes.push(size);
  outgoing.waitingBytes += size;
}

/** `number` is the next one on the active channel. */
export function putOn(outgoing: OutgoingState, number: number, size: number): void {
  outgoing.flightBytes += size;
  if (number <= outgoing.sent) return;
  outgoing.sent = number;
  outgoing.waitingBytes -= size;
}

/** The keeper has committed everything up to `number`. `put`: how far the active channel is. */
export function commit(outgoing: OutgoingState, number: number, put: number): void {
  while (outgoing.base < number) {
    outgoing.base += 1;
    if (outgoing.base <= put) outgoing.flightBytes -= outgoing.sizes[outgoing.head] ?? 0;
    outgoing.messages[outgoing.head] = ""; // Not kept alive by its place.
    outgoing.head += 1;
  }
  if (outgoing.head === outgoing.messages.length) outgoing.messages = [];
  else if (outgoing.head > slack) outgoing.messages = outgoing.messages.slice(outgoing.head);
  else return;
  outgoing.sizes = outgoing.messages.length === 0 ? [] : outgoing.sizes.slice(outgoing.head);
  outgoing.head = 0;
}

/** Takes out a message that was never sent; those behind it move up. */
export function remove(outgoing: OutgoingState, number: number): Message {
  const at = outgoing.head + number - outgoing.base - 1;
  outgoing.waitingBytes -= outgoing.sizes[at] ?? 0;
  outgoing.sizes.splice(at, 1);
  return outgoing.messages.splice(at, 1)[0] as Message;
}

/** The keeper is at `received`, and our own count means nothing any more. What it has not committed stays, with the numbers that follow. */
export function rebase(outgoing: OutgoingState, received: number): void {
  const known = Math.min(received, lastNumber(outgoing));
  commit(outgoing, known, known);
  outgoing.base = outgoing.sent = received;
  outgoing.flightBytes = 0;
  outgoing.waitingBytes = outgoing.sizes.slice(outgoing.head).reduce((sum, size) => sum + size, 0);
}

/** What is not acknowledged: first what was sent, then what never was. */
export function unacknowledged(outgoing: OutgoingState): { readonly uncertain: readonly Message[]; readonly unsent: readonly Message[] } {
  const { messages, head, base, sent } = outgoing;
  const border = head + sent - base;
  return { uncertain: messages.slice(head, border), unsent: messages.slice(border) };
}

/** Bytes of a message on the wire, UTF-8 for a text. */
export function payloadBytes(message: Message): number {
  if (typeof message !== "string") return message.length;
  let bytes = message.length;
  for (let at = 0; at < message.length; at += 1) {
    const unit = message.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    const next = unit >= 0xd800 && unit < 0xdc00 ? message.charCodeAt(at + 1) : 0;
    if (next >= 0xdc00 && next < 0xe000) at += 1; // Two units that make four bytes.
  }
  return bytes;
}
