import { encodeData } from "../frames/data.ts";
import type { Message } from "../frames/frame.ts";
import { limits } from "../frames/limits.ts";
import { activeChannel, channelOf, type Client } from "./client.ts";
import type { ChannelState, ClientState } from "./client-state.ts";
import { messageAt, sizeAt } from "./outgoing.ts";

/**
 * Messages that do not wait for the answer to an ATTACH.
 *
 * Theory of operation. The store decides when an ATTACH arrives, and the client learns of it when ATTACHED has come back. What it says from half a round trip before to half a
 * round trip after that moment reaches the old keeper too late; sent again after the answer, it would take up to three times as long as any other message. So an ATTACH beside a
 * channel that still serves says EARLY, and then each message goes out on both: first all that is not acknowledged, then what is put on the active channel, in order and
 * without a gap, as long as there is room. There is little, for whoever sent the ATTACH is not proven. What finds none goes after the answer, as it would otherwise.
 *
 * Nobody knows yet where the new keeper will go on, so both sides count there from what the ATTACH acknowledges as committed, and the keeper drops what the store has.
 */
export function speaksEarly(state: ClientState, frameMax: number): boolean {
  const { outgoing, restarted } = state;
  const { base, sent } = outgoing;
  const channel = activeChannel(state);
  if (channel === undefined || restarted || channel.put < sent) return false;
  let room = limits.earlyBytes;
  for (let number = base + 1; number <= sent; number += 1) {
    const size = sizeAt(outgoing, number);
    if (!fits(size, frameMax, channel)) return false;
    room -= cost(size);
  }
  return room >= 0;
}

/** Puts all that is not acknowledged behind the ATTACH that has just been sent. */
export function beginEarly(client: Client): void {
  const { outgoing } = client.state;
  const { base, sent } = outgoing;
  for (let number = base + 1; number <= sent; number += 1) putEarly(client, number, messageAt(outgoing, number), sizeAt(outgoing, number));
}

/** Puts the message on the early channels that have those before it, and room. */
export function putEarly({ state, host }: Client, number: number, message: Message, size: number): void {
  for (const channel of state.channels) {
    if (!channel.early || channel.put !== number - 1 || channel.stage !== "greeting" || channel.attach < state.answeredAttach) continue;
    if (cost(size) > channel.earlyRoom || !fits(size, channel.grant.frameMax, activeChannel(state))) continue;
    if (channelOf(state, channel.number) === undefined) continue; // One that was put on before may have ended inside, and another with it.
    channel.put = number;
    channel.earlyRoom -= cost(size);
    channel.blocked = !host.transmit(channel.number, encodeData(message));
  }
}

/** The store has more than was put on this channel: there was no room. The keeper drops what it has by the number alone, so nothing has to stand in for it. */
export function fillUp({ state, host }: Client, channel: ChannelState, received: number): void {
  while (state.active === channel.number && channel.put < received) {
    channel.put += 1;
    channel.blocked = !host.transmit(channel.number, encodeData(nothing));
  }
}

const nothing = new Uint8Array(0);

/** In one frame, for either keeper. */
function fits(size: number, frameMax: number, active: ChannelState | undefined): boolean {
  return size + limits.dataHeader <= Math.min(frameMax, active?.grant.frameMax ?? 0);
}

function cost(size: number): number {
  return 1 + size + limits.earlyOverhead;
}
