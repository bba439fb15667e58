import type { Frame } from "../../src/ports/channel.ts";
import type { Protocol } from "../../src/ports/protocol.ts";

/**
 * Who had which message, from `send` to the server's reader. Nothing may be lost in silence: what was taken went out on one channel or
 * was reported in `dropped`, and of what went out on a channel at most `unconfirmed` did not arrive.
 */
export class Ledger {
  readonly #taken = new Set<string>();
  readonly #dropped = new Set<string>();
  /** Whatever arrived. */
  readonly #all = new Set<string>();
  /** By the epoch of the channel, in order. */
  readonly #sent = new Map<number, string[]>();
  readonly #unconfirmed = new Map<number, number>();
  /** By the number of the server's wire, in order. */
  readonly #arrived = new Map<number, string[]>();

  taken(message: string): void {
    this.#taken.add(message);
  }

  dropped(message: string): void {
    if (this.#dropped.has(message)) throw new Error(`${message} was dropped twice`);
    this.#dropped.add(message);
  }

  lost(epoch: number, unconfirmed: number): void {
    this.#unconfirmed.set(epoch, unconfirmed);
  }

  /** The link went on over another channel, and the peer has vouched for everything on the old one but so much. */
  moved(epoch: number, unconfirmed: number): void {
    this.lost(epoch, unconfirmed);
    const missing = (this.#sent.get(epoch) ?? []).filter((message) => !this.#all.has(message)).length;
    if (missing > unconfirmed) throw new Error(`${missing} messages had not arrived when the link left channel ${epoch}, ${unconfirmed} were reported`);
  }

  arrived(wire: number, message: string): void {
    this.#all.add(message);
    add(this.#arrived, wire, message);
  }

  /** The protocol, and every message that its channels were given is written down. */
  watching(protocol: Protocol<Frame, Frame>): Protocol<Frame, Frame> {
    return {
      ...protocol,
      start: (line, role) => {
        const conversation = protocol.start(line, role);
        const send = conversation.send.bind(conversation);
        conversation.send = (message) => {
          add(this.#sent, role.epoch, String(message));
          return send(message);
        };
        return conversation;
      },
    };
  }

  /** `waiting`: how many are still in the outbox. */
  balance(waiting: number): void {
    const channelOf = new Map<string, number>();
    for (const [epoch, messages] of this.#sent) {
      for (const message of messages) {
        if (channelOf.has(message)) throw new Error(`${message} went out twice`);
        channelOf.set(message, epoch);
      }
    }
    for (const message of this.#dropped) if (channelOf.has(message)) throw new Error(`${message} was dropped and went out`);
    for (const message of channelOf.keys()) if (!this.#taken.has(message)) throw new Error(`${message} went out and was never taken`);
    const gone = this.#taken.size - channelOf.size - this.#dropped.size;
    if (gone !== waiting) throw new Error(`${gone} messages are neither sent nor reported, ${waiting} wait`);
    for (const [wire, messages] of this.#arrived) this.#inOrder(wire, messages, channelOf);
    const arrived = new Map<number, number>();
    for (const messages of this.#arrived.values()) {
      const epoch = channelOf.get(messages[0] ?? "") ?? 0;
      arrived.set(epoch, messages.length);
    }
    for (const [epoch, messages] of this.#sent) {
      const missing = messages.length - (arrived.get(epoch) ?? 0);
      const reported = this.#unconfirmed.get(epoch);
      if (missing > 0 && (reported ?? 0) < missing) throw new Error(`${missing} messages of channel ${epoch} did not arrive, ${reported ?? "none"} were reported`);
    }
  }

  /** What arrived on a channel is the beginning of what was sent on it. */
  #inOrder(wire: number, messages: readonly string[], channelOf: ReadonlyMap<string, number>): void {
    const sent = this.#sent.get(channelOf.get(messages[0] ?? "") ?? 0) ?? [];
    for (const [index, message] of messages.entries()) {
      if (sent[index] !== message) throw new Error(`wire ${wire} received ${message} where ${sent[index] ?? "nothing"} was sent`);
    }
  }
}

function add(lists: Map<number, string[]>, key: number, message: string): void {
  const list = lists.get(key);
  if (list) list.push(message);
  else lists.set(key, [message]);
}
