import { OptionError, type Millis } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import { limits } from "../frames/limits.ts";
import type { ClientPolicy } from "./client-host.ts";
import { newClient, type ClientState } from "./client-state.ts";
import { lastNumber, payloadBytes, take, unacknowledged } from "./outgoing.ts";
import { deadline } from "./presumption.ts";

/**
 * Everything a process needs to go on with a session: `new Session({ ticket })`. Plain data that survives `JSON.stringify`. It holds the session's secret,
 * so whoever has it has the session: store it as you would store a password.
 */
export interface Ticket {
  readonly version: 1;
  /** 16 bytes in hexadecimal. */
  readonly id: string;
  /** 32 bytes in hexadecimal. */
  readonly secret: string;
  /** 8 bytes in hexadecimal: the store that it belongs to. */
  readonly generation: string;
  readonly timeout: Millis;
  readonly epoch: number;
  readonly attach: number;
  /** Number of the last message that was sent. */
  readonly sent: number;
  /** Number of the last message that the keeper acknowledged. */
  readonly acked: number;
  /** Number of the last message that was handled here. */
  readonly received: number;
  /**
   * The session came to rest with these counts (`suspend()`), so it goes on exactly here. Otherwise (`ticket()`) it may have gone on after the ticket was
   * written, and whoever takes it is told `restarted`.
   */
  readonly exact: boolean;
  /** When the session will be presumed to be over, in ms since 1970. */
  readonly presumedExpiredAt: Millis;
  /** What was not acknowledged, after `acked`, in order. A text, or bytes in hexadecimal. */
  readonly messages: readonly (string | { readonly bytes: string })[];
}

/** What is there to go on with; undefined before there is a session. */
export function writeTicket(state: ClientState, { wallClock }: ClientPolicy, now: Millis, { exact, messages }: { readonly exact: boolean; readonly messages: boolean }): Ticket | undefined {
  const { credential, epoch, lastAttach, outgoing, incoming } = state;
  if (credential === undefined) return undefined;
  const { uncertain, unsent } = unacknowledged(outgoing);
  return {
    version: 1, id: hex(credential.id), secret: hex(credential.secret), generation: hex(credential.generation), timeout: credential.timeout,
    epoch, attach: lastAttach, sent: outgoing.sent, acked: outgoing.base, received: incoming.handled, exact,
    presumedExpiredAt: Math.round(wallClock() + deadline(state) - now),
    messages: messages ? [...uncertain, ...unsent].map((message) => (typeof message === "string" ? message : { bytes: hex(message) })) : [],
  };
}

/** Throws an `OptionError` for what is no ticket. It does not say what was given: it is a secret. */
export function readTicket(given: unknown, wallNow: Millis, now: Millis): ClientState {
  const ticket = check(given);
  const state = newClient();
  state.credential = { id: bytesOf(ticket.id, limits.id), secret: bytesOf(ticket.secret, limits.secret), generation: bytesOf(ticket.generation, limits.generation), timeout: ticket.timeout };
  state.epoch = ticket.epoch;
  state.lastAttach = state.answeredAttach = ticket.attach;
  state.restarted = !ticket.exact;
  state.outgoing.base = state.outgoing.sent = ticket.acked;
  for (const entry of ticket.messages) {
    const message: Message = typeof entry === "string" ? entry : bytesOf(entry.bytes);
    take(state.outgoing, message, payloadBytes(message));
  }
  restoreSent(state, ticket.sent);
  state.incoming.delivered = state.incoming.handled = ticket.received;
  // Wall clocks differ, and may have been set: at most the whole timeout is left.
  state.provenAt = now - ticket.timeout + Math.max(0, Math.min(ticket.timeout, ticket.presumedExpiredAt - wallNow));
  return state;
}

function restoreSent({ outgoing }: ClientState, sent: number): void {
  while (outgoing.sent < Math.min(sent, lastNumber(outgoing))) {
    outgoing.waitingBytes -= outgoing.sizes[outgoing.sent - outgoing.base] ?? 0;
    outgoing.sent += 1;
  }
}

const wrong = (): OptionError => new OptionError("ticket", "a record that ticket() or suspend() has given");

function check(given: unknown): Ticket {
  const ticket = given as Partial<Ticket> | null | undefined; // Looked at field by field below.
  const { version, timeout, epoch, attach, sent, acked, received, presumedExpiredAt, exact, messages } = typeof ticket === "object" && ticket !== null ? ticket : {};
  const counts = [timeout, epoch, attach, sent, acked, received].every((count) => Number.isSafeInteger(count) && (count ?? -1) >= 0);
  if (version !== 1 || !counts || typeof presumedExpiredAt !== "number" || typeof exact !== "boolean" || !Array.isArray(messages)) throw wrong();
  // An exact one lacks nothing; the other may have been written without its messages.
  if (exact && (sent ?? 0) > (acked ?? 0) + messages.length) throw wrong();
  return ticket as Ticket; // Its texts are checked where they are read.
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(text: unknown, length?: number): Uint8Array {
  if (typeof text !== "string" || text.length % 2 !== 0 || /[^\da-f]/.test(text) || (length !== undefined && text.length !== 2 * length)) throw wrong();
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
