import type { Millis } from "@holdfast/core";
import { encodeData, encodeVolatile, fragments } from "../frames/data.ts";
import { encode } from "../frames/encode.ts";
import type { Message } from "../frames/frame.ts";
import { limits, longestMessage } from "../frames/limits.ts";
import { activeChannel, isAttaching, sendBound, type Client } from "./client.ts";
import type { Taken } from "./client-host.ts";
import type { ChannelState, ClientState } from "./client-state.ts";
import { putEarly } from "./early.ts";
import { faults } from "./faults.ts";
import { acknowledge, ackable } from "./incoming.ts";
import { lastNumber, messageAt, payloadBytes, putOn, remove, sizeAt, take, waitingCount } from "./outgoing.ts";
import { drop } from "./ownership.ts";

/** Takes a message of the application, and puts it on the channel where that has room. */
export function send(client: Client, message: Message): Taken {
  const { state, policy: { outbox } } = client;
  const { outgoing, phase } = state;
  if (phase !== "live" && phase !== "unauthorized") return "over";
  const channel = activeChannel(state);
  const size = payloadBytes(message);
  if (size > (channel === undefined ? outbox.maxBytes : longestOn(channel))) return "tooLong";
  const direct = channel !== undefined && goesOut(state, channel, size);
  if (!direct && !mayWait(client, size)) {
    outgoing.saidWait = true;
    return "full";
  }
  take(outgoing, message, size);
  if (direct && !outgoing.saidWait) put(client, channel, channel.put + 1, message, size);
  else if (channel !== undefined) pump(client);
  if (direct && !channel.blocked) return "sent";
  outgoing.saidWait = true;
  return "waiting";
}

/** Whether `send` would take a message, or say that it never will. */
export function hasRoom(client: Client, message: Message): boolean {
  const { phase } = client.state;
  if (phase !== "live" && phase !== "unauthorized") return true;
  const size = payloadBytes(message);
  const channel = activeChannel(client.state);
  return (channel !== undefined && goesOut(client.state, channel, size)) || mayWait(client, size) || size > (channel === undefined ? client.policy.outbox.maxBytes : longestOn(channel));
}

/** False: there is no channel for it, or the one there is has enough to do. It is gone then. */
export function sendVolatile({ state, host }: Client, message: Message): boolean | "tooLong" {
  const channel = activeChannel(state);
  if (channel === undefined || channel.blocked) return false;
  if (payloadBytes(message) + 1 > channel.grant.frameMax) return "tooLong";
  channel.blocked = !host.transmit(channel.number, encodeVolatile(message));
  return true;
}

/**
 * Puts what waits on the active channel, as far as the keeper's window and the channel allow, and an ATTACH that is unanswered: it says how much may have been
 * sent, and if the old channel went beyond it meanwhile, the store would take the client for two.
 */
export function pump(client: Client): void {
  const { state, host } = client;
  const { outgoing } = state;
  const channel = activeChannel(state);
  if (channel === undefined) return;
  const bound = sendBound(state);
  while (state.active === channel.number && !channel.blocked && channel.put < Math.min(bound, lastNumber(outgoing))) {
    const number = channel.put + 1;
    const size = sizeAt(outgoing, number);
    if (size > longestOn(channel)) {
      // The numbers of what was sent stand, so only what never was can be taken out.
      if (number <= outgoing.sent) return drop(client, channel, faults.limits(channel.endpoint));
      host.tell({ type: "dropped", message: remove(outgoing, number), why: "tooLong" });
      continue;
    }
    if (!hasWindow(state, channel, size)) return;
    put(client, channel, number, messageAt(outgoing, number), size);
  }
  if (!outgoing.saidWait || state.active !== channel.number || channel.blocked || channel.put >= bound) return;
  outgoing.saidWait = false;
  host.drained();
}

/** Acknowledges what was handled. `always`: also where the keeper was told before. */
export function acknowledgeNow({ state, host }: Client, channel: ChannelState, always = false): void {
  const { told } = channel;
  const acked = tell(state, channel);
  // While an ATTACH is unanswered the number stays as it was: to say it again and again is not worth a frame.
  if (acked > told || (always && !isAttaching(state))) host.transmit(channel.number, encode({ type: "ack", acked }));
}

/** Asks for a sign of life, and for the keeper's count. */
export function ping({ state, host }: Client, channel: ChannelState, nonce: number, now: Millis): void {
  channel.pings.push({ nonce, sentAt: now });
  if (channel.pings.length > maxPings) channel.pings.shift();
  host.transmit(channel.number, encode({ type: "ping", nonce, acked: tell(state, channel), sent: channel.put }));
}

/** The number for a frame that carries an acknowledgement. While an ATTACH is unanswered it stays as it was. */
export function tell(state: ClientState, channel: ChannelState): number {
  return isAttaching(state) ? channel.told : acknowledge(state.incoming, channel);
}

/** No ATTACH is unanswered any more: what was held back goes out where it would have gone. */
export function thaw(client: Client): void {
  const channel = activeChannel(client.state);
  if (channel === undefined || isAttaching(client.state)) return;
  acknowledgeNow(client, channel);
  pump(client);
}

/** More answers than that are not waited for. */
const maxPings = 16;

function put(client: Client, channel: ChannelState, number: number, message: Message, size: number): void {
  const { state, host, policy } = client;
  const { outgoing, incoming } = state;
  const owed = ackable(incoming, channel) - channel.told;
  // Where much is under way, not each frame: the keeper would do for one message each time what it can do for many.
  const carries = owed > 0 && (owed >= policy.ackAfter.messages >> 2 || number === outgoing.base + 1) && !isAttaching(state);
  const acked = carries ? acknowledge(incoming, channel) : undefined;
  putOn(outgoing, number, size);
  channel.put = number; // First: the channel may end while it takes the frame.
  if (size + limits.dataHeader <= channel.grant.frameMax) channel.blocked = !host.transmit(channel.number, encodeData(message, acked));
  else for (const fragment of fragments(message, channel.grant.frameMax, acked)) channel.blocked = !host.transmit(channel.number, fragment);
  if (state.channels.length > 1) putEarly(client, number, message, size);
}

/** At once. */
function goesOut(state: ClientState, channel: ChannelState, size: number): boolean {
  return !channel.blocked && channel.put === lastNumber(state.outgoing) && hasWindow(state, channel, size) && (state.channels.length === 1 || channel.put < sendBound(state));
}

function mayWait({ state: { outgoing }, policy: { outbox } }: Client, size: number): boolean {
  return waitingCount(outgoing) < outbox.maxMessages && outgoing.waitingBytes + size <= outbox.maxBytes;
}

function hasWindow({ outgoing }: ClientState, { put, grant }: ChannelState, size: number): boolean {
  const inFlight = put - outgoing.base;
  return inFlight === 0 || (inFlight < grant.windowMessages && outgoing.flightBytes + size <= grant.windowBytes);
}

function longestOn({ grant: { frameMax, windowBytes } }: ChannelState): number {
  return longestMessage(frameMax, windowBytes);
}
