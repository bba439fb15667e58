import type { Frame, Millis } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import type { ChannelFacts, ClientHost, ClientPolicy, Taken } from "./client-host.ts";
import { newClient, type ClientState } from "./client-state.ts";

/** What a client's machine is told. Numbers of channels are greater than 0 and never come again. */
export interface ClientEvents {
  /** A channel is up: it is greeted. */
  started(channel: number, facts: ChannelFacts, now: Millis): void;
  frame(channel: number, frame: Frame, now: Millis): void;
  ended(channel: number, now: Millis): void;
  drained(channel: number, now: Millis): void;
  /** A ping is due. */
  ping(channel: number, nonce: number, now: Millis): void;
  /** The channel is about to be closed by its owner: says what is not acknowledged yet. */
  leaving(channel: number): void;
  /** An endpoint could not be reached. */
  unreachable(endpoint: string): void;
  /** Every endpoint of the list was tried. */
  lapFailed(now: Millis): void;
  send(message: Message, now: Millis): Taken;
  /** False: not sent, and nobody will. */
  sendVolatile(message: Message): boolean;
  /** The application took all messages up to `sequence`. */
  handled(sequence: number, now: Millis): void;
  close(now: Millis): void;
  /** Comes to rest without ending the session. */
  suspend(): void;
  /** After `moved`: the next channel attaches, once more. */
  takeover(): void;
  /** After `unauthorized`: the next channel tries again. */
  retry(): void;
  wake(now: Millis): void;
  wakeAt(): Millis;
}

/** To be filled in: the shape that drivers and simulations are built against. */
export declare class ClientMachine implements ClientEvents {
  readonly state: ClientState;
  constructor(policy: ClientPolicy, host: ClientHost, state?: ClientState);
  started(channel: number, facts: ChannelFacts, now: Millis): void;
  frame(channel: number, frame: Frame, now: Millis): void;
  ended(channel: number, now: Millis): void;
  drained(channel: number, now: Millis): void;
  ping(channel: number, nonce: number, now: Millis): void;
  leaving(channel: number): void;
  unreachable(endpoint: string): void;
  lapFailed(now: Millis): void;
  send(message: Message, now: Millis): Taken;
  sendVolatile(message: Message): boolean;
  handled(sequence: number, now: Millis): void;
  close(now: Millis): void;
  suspend(): void;
  takeover(): void;
  retry(): void;
  wake(now: Millis): void;
  wakeAt(): Millis;
}

export { newClient };
