import type { Millis } from "@holdfast/core";
import { codes } from "../frames/codes.ts";
import { body, encode } from "../frames/encode.ts";
import type { Attached, Grant, Opened, SessionFrame } from "../frames/frame.ts";
import { limits } from "../frames/limits.ts";
import { labels } from "../proof/labels.ts";
import { sameBytes } from "../proof/same-bytes.ts";
import { activeChannel, type Client } from "./client.ts";
import type { Continuity } from "./client-host.ts";
import type { ChannelState, Credential } from "./client-state.ts";
import { fillUp } from "./early.ts";
import { closeWhenDrained, lose } from "./ending.ts";
import { faults } from "./faults.ts";
import { restart } from "./incoming.ts";
import { commit, rebase, sizeAt } from "./outgoing.ts";
import { dismiss, drop, owns } from "./ownership.ts";
import { proves } from "./presumption.ts";
import { refused } from "./refusals.ts";
import { pump } from "./sending.ts";
import { violated } from "./violation.ts";

/** The first frame of a channel that comes from the keeper. */
export function answered(client: Client, channel: ChannelState, frame: SessionFrame | string, bytes: Uint8Array, now: Millis): void {
  if (typeof frame === "string") return drop(client, channel, faults.foreign(channel.endpoint, frame));
  if (frame.type === "extension") return;
  if (frame.type === "opened" && channel.attach === 0) return opened(client, channel, frame, bytes, now);
  if (frame.type === "attached" && channel.attach > 0) return attached(client, channel, frame, bytes, now);
  if (frame.type === "refused") return refused(client, channel, frame, bytes, now);
  drop(client, channel, faults.foreign(channel.endpoint, "another frame where the answer to a greeting is due"));
}

function opened(client: Client, channel: ChannelState, frame: Opened, bytes: Uint8Array, now: Millis): void {
  const { state, policy, host } = client;
  const { id, secret, generation, timeout } = frame;
  if (!proven(client, frame, secret, labels.opened, channel, bytes)) return drop(client, channel, faults.unproven(channel.endpoint));
  if (!spoken(frame)) return drop(client, channel, faults.foreign(channel.endpoint, "a version that was not offered"));
  if (!channel.secure && !policy.allowPlaintext) return drop(client, channel, faults.plaintext(channel.endpoint));
  if (state.credential !== undefined) { // Another channel was faster: this session is one too many.
    host.transmit(channel.number, encode({ type: "close", code: codes.normal, received: 0, reason: "" }));
    return dismiss(client, channel);
  }
  state.credential = { id, secret, generation, timeout };
  begin(client, channel, { ...frame, received: state.outgoing.base, replayFrom: 1 }, now, "new");
}

function attached(client: Client, channel: ChannelState, frame: Attached, bytes: Uint8Array, now: Millis): void {
  const { state } = client;
  const credential = state.credential as Credential; // An ATTACH was sent for it.
  if (!proven(client, frame, credential.secret, labels.attached, channel, bytes)) return drop(client, channel, faults.unproven(channel.endpoint));
  if (channel.attach < state.answeredAttach) return dismiss(client, channel); // A later one of ours was answered before.
  const wrong = misfit(client, channel, frame);
  if (wrong !== undefined) return violated(client, channel, wrong);
  // More than we sent, and not more than we said we might: somebody else sent it.
  if (!state.restarted && frame.received > state.outgoing.sent) return lose(client, "diverged");
  if (!owns(client, channel, frame.epoch)) return;
  const { restarted } = state;
  if (restarted) {
    rebase(state.outgoing, frame.received);
    restart(state.incoming, frame.replayFrom - 1);
  } else commit(state.outgoing, frame.received, 0);
  credential.timeout = frame.timeout;
  begin(client, channel, frame, now, restarted ? "restarted" : "full");
}

/** What is wrong with an ATTACHED that is proven. */
function misfit({ state }: Client, { claimed, claimedSent }: ChannelState, frame: Attached): string | undefined {
  const { outgoing: { base }, epoch, restarted } = state;
  if (!spoken(frame)) return "a version that was not offered";
  if (frame.epoch <= epoch) return "an epoch that is not newer";
  if (frame.replayFrom < 1 || (!restarted && frame.replayFrom > claimed + 1)) return "a replay that leaves messages out";
  if (frame.received < base || (!restarted && frame.received > claimedSent)) return "a count of our messages that cannot be";
  return undefined;
}

/** The channel is the one that messages go through from here on. */
function begin(client: Client, channel: ChannelState, terms: Attached | (Opened & { readonly received: number; readonly replayFrom: number }), now: Millis, continuity: Continuity): void {
  const { state, host } = client;
  const { epoch, received, replayFrom, heartbeat } = terms;
  const before = activeChannel(state);
  if (before !== undefined) before.stage = "superseded";
  channel.stage = "attached";
  channel.epoch = state.epoch = epoch;
  channel.grant = { ...grantOf(terms), frameMax: Math.min(terms.frameMax, channel.grant.frameMax) };
  channel.heard = received;
  if (!channel.early) channel.put = received;
  channel.arrived = replayFrom - 1;
  channel.told = continuity === "restarted" ? replayFrom - 1 : channel.claimed;
  state.active = channel.number;
  state.answeredAttach = channel.attach;
  state.restarted = state.insists = false;
  state.verdicts = [{ endpoint: channel.endpoint, unknown: false }]; // Until it is asked again.
  state.outgoing.flightBytes = 0;
  for (let number = received + 1; number <= channel.put; number += 1) state.outgoing.flightBytes += sizeAt(state.outgoing, number);
  proves(client, channel.sentAt, now);
  const resumed = continuity !== "new";
  host.greeted(channel.number, { heartbeat, resumed });
  host.tell({ type: "attached", channel: channel.number, epoch, resumed, continuity });
  fillUp(client, channel, received);
  pump(client);
  closeWhenDrained(client);
}

function grantOf({ frameMax, windowMessages, windowBytes }: Grant): Grant {
  return { frameMax, windowMessages, windowBytes };
}

function spoken({ version, features }: { readonly version: number; readonly features: number }): boolean {
  return version === 1 && features === 0;
}

function proven({ policy }: Client, { mac }: { readonly mac: Uint8Array }, secret: Uint8Array, label: string, { greeting }: ChannelState, bytes: Uint8Array): boolean {
  return sameBytes(mac, policy.hmac(secret, label, greeting, body(bytes)).subarray(0, limits.mac));
}
