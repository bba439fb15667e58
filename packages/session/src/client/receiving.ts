import type { Millis } from "@holdfast/core";
import { assemble, volatileMessage, type Wrong } from "../frames/data.ts";
import { codes } from "../frames/codes.ts";
import { encode } from "../frames/encode.ts";
import type { Beat, Data, Message, SessionFrame, Volatile } from "../frames/frame.ts";
import type { Client } from "./client.ts";
import type { ChannelState } from "./client-state.ts";
import { closeWhenDrained } from "./ending.ts";
import { admit } from "./incoming.ts";
import { commit } from "./outgoing.ts";
import { moved } from "./ownership.ts";
import { pongProves } from "./presumption.ts";
import { closedByKeeper } from "./refusals.ts";
import { acknowledgeNow, pump, tell } from "./sending.ts";
import { mismatched, violated } from "./violation.ts";

/** A frame on a channel that is attached, or was until a later one was. */
export function received(client: Client, channel: ChannelState, frame: SessionFrame | string, now: Millis): void {
  if (typeof frame === "string") return violated(client, channel, frame);
  switch (frame.type) {
    case "data": return data(client, channel, frame);
    case "ack": return void acked(client, channel, frame.acked);
    case "ping":
    case "pong": return beat(client, channel, frame, now);
    case "volatile": return fleeting(client, channel, frame);
    case "close": return closedByKeeper(client, channel, frame);
    case "moved": return moved(client, channel, frame.epoch);
    case "goAway":
      if (channel.stage === "attached") client.host.leave(channel.number, { within: frame.within, spread: frame.spread });
      return;
    case "extension": return;
    case "open":
    case "opened":
    case "attach":
    case "attached":
    case "refused": return violated(client, channel, "a greeting where none is due");
    default: frame satisfies never;
  }
}

function data(client: Client, channel: ChannelState, frame: Data): void {
  if (frame.acked !== undefined && !acked(client, channel, frame.acked)) return;
  const size = channel.pieces.bytes + frame.payload.length;
  const message = assemble(channel.pieces, client.policy.grant.windowBytes, frame);
  if (message !== undefined) arrived(client, channel, message, size);
}

/** A message of `size` payload bytes is whole, or cannot be. */
export function arrived(client: Client, channel: ChannelState, message: Message | Wrong, size: number): void {
  if (typeof message === "object" && "wrong" in message) return violated(client, channel, message.wrong);
  channel.arrived += 1;
  const { delivered, handled } = client.state.incoming;
  if (channel.arrived === delivered + 1) return deliver(client, channel, message, size);
  if (channel.arrived > delivered) return mismatched(client, channel);
  // It came twice. Where it was handled, the keeper does not know yet, and would keep it for ever; else it is acknowledged when it is.
  if (channel.arrived <= handled && channel.stage === "attached") acknowledgeNow(client, channel, true);
}

function deliver(client: Client, channel: ChannelState, message: Message, size: number): void {
  const { state, policy, host } = client;
  if (!admit(state.incoming, size, policy)) return violated(client, channel, "more than the window that was granted", codes.flow);
  host.deliver(message, state.incoming.delivered);
}

/** False: the keeper acknowledged what cannot be, and the channel is gone. */
function acked(client: Client, channel: ChannelState, number: number): boolean {
  if (number === channel.heard) return true;
  if (number < channel.heard || number > channel.put) {
    violated(client, channel, "an acknowledgement of what was not sent, or less than before");
    return false;
  }
  channel.heard = number;
  if (channel.stage !== "attached") return true; // Its keeper was fenced off: the later channel was told as much.
  commit(client.state.outgoing, number, channel.put);
  pump(client);
  closeWhenDrained(client);
  return client.state.channels.includes(channel);
}

function beat(client: Client, channel: ChannelState, { type, nonce, acked: number, sent }: Beat, now: Millis): void {
  const { state, host } = client;
  if (!acked(client, channel, number)) return;
  if (sent !== channel.arrived) return mismatched(client, channel);
  if (type === "ping") {
    host.transmit(channel.number, encode({ type: "pong", nonce, acked: tell(state, channel), sent: channel.put }));
    return;
  }
  const at = channel.pings.findIndex((ping) => ping.nonce === nonce);
  const [answered] = channel.pings.splice(0, at + 1).slice(-1);
  if (answered === undefined) return; // To none of ours, or one that is not waited for any more.
  state.protocolErrors = 0;
  pongProves(client, answered.sentAt, now);
  host.pong(channel.number, nonce);
}

function fleeting(client: Client, channel: ChannelState, frame: Volatile): void {
  const message = volatileMessage(frame);
  if (typeof message === "object" && "wrong" in message) return violated(client, channel, message.wrong);
  client.host.deliver(message, 0);
}
