import type { Millis } from "@holdfast/core";
import { codes } from "../frames/codes.ts";
import { body } from "../frames/encode.ts";
import type { Close, Refused } from "../frames/frame.ts";
import { limits } from "../frames/limits.ts";
import { labels } from "../proof/labels.ts";
import { sameBytes } from "../proof/same-bytes.ts";
import { noteVerdict, type Client } from "./client.ts";
import type { ChannelState } from "./client-state.ts";
import { expire, finish, lose, move, rest } from "./ending.ts";
import { faults } from "./faults.ts";
import { unacknowledged } from "./outgoing.ts";
import { dismiss, drop } from "./ownership.ts";
import { deadline } from "./presumption.ts";
import { complained } from "./violation.ts";

/**
 * What a client believes when it is refused. What would end the session is believed only from somebody who proves to know it; from anybody else it means:
 * try another endpoint. UNKNOWN_SESSION cannot be proven as a rule, so it counts when every endpoint has said it, or when the session is presumed to be over.
 */
export function refused(client: Client, channel: ChannelState, frame: Refused, bytes: Uint8Array, now: Millis): void {
  const { endpoint } = channel;
  const proven = isProven(client, channel, frame, bytes);
  // A keeper judges `auth` of an ATTACH after its proof, and can say so; to an OPEN nobody can prove anything.
  if (frame.code === codes.unauthorized && (proven || channel.attach === 0)) return unauthorized(client, channel, frame.reason);
  if (frame.code === codes.unknownSession && channel.attach > 0) return unknown(client, channel, frame, proven, now);
  if (proven && concludes(client, channel, frame)) return;
  if (proven && frame.code === codes.protocol) return complained(client, channel, frame.reason);
  drop(client, channel, faults.refused(endpoint, frame.code, frame.reason, frame.retryAfter), { proven, unknown: false });
}

/** The keeper ends a channel, with a code. */
export function closedByKeeper(client: Client, channel: ChannelState, { code, received, reason }: Close): void {
  if (channel.stage === "superseded") return dismiss(client, channel);
  if (code === codes.normal) return finish(client, client.state.phase === "closing" ? "requested" : "ended", faults.ended(reason));
  if (code === codes.expired) return expire(client, received);
  if (code === codes.unauthorized) return unauthorized(client, channel, reason);
  if (code === codes.protocol || code === codes.flow) return complained(client, channel, reason);
  // Everything else is settled by the next ATTACH, whose refusal can be proven.
  drop(client, channel, code === codes.sequenceMismatch ? faults.checkpoint(channel.endpoint) : faults.parted(channel.endpoint, code, reason));
}

/** All endpoints were tried. */
export function lapFailed(client: Client): void {
  const { credential, verdicts, phase, active } = client.state;
  if (credential === undefined || active !== 0 || verdicts.length === 0 || (phase !== "live" && phase !== "closing")) return;
  if (verdicts.every((verdict) => verdict.unknown)) lose(client, "unknown");
}

/** True: this proven refusal decided about the session. */
function concludes(client: Client, channel: ChannelState, { code, received, attach }: Refused): boolean {
  switch (code) {
    case codes.expired: expire(client, received); return true;
    case codes.stateLost: lose(client, "stateLost"); return true;
    case codes.diverged: lose(client, "diverged"); return true;
    case codes.staleAttach: stale(client, channel, attach); return true;
    default: return false;
  }
}

/** A higher attach number was used: by ourselves, on a channel that was faster, or by somebody else. */
function stale(client: Client, channel: ChannelState, attach: number): void {
  const { state, host } = client;
  const fault = faults.refused(channel.endpoint, codes.staleAttach, "", 0);
  if (attach <= state.lastAttach) return drop(client, channel, fault, answer);
  state.lastAttach = attach;
  if (!state.insists) return move(client, state.epoch + 1);
  state.insists = false;
  state.restarted = true;
  const { uncertain, unsent } = unacknowledged(state.outgoing);
  for (const message of [...uncertain, ...unsent]) host.tell({ type: "dropped", message, why: "takenOver" });
  const { base } = state.outgoing;
  state.outgoing = { ...state.outgoing, messages: [], sizes: [], head: 0, sent: base, waitingBytes: 0, flightBytes: 0 };
  drop(client, channel, fault, answer);
}

const answer = { proven: true, unknown: false } as const;

function unknown(client: Client, channel: ChannelState, { code, reason, retryAfter }: Refused, proven: boolean, now: Millis): void {
  const { state } = client;
  noteVerdict(state, channel.endpoint, true);
  if (state.active === 0 && now >= deadline(state)) return lose(client, "unknown");
  drop(client, channel, faults.refused(channel.endpoint, code, reason, retryAfter), { proven, unknown: true });
}

function unauthorized(client: Client, channel: ChannelState, reason: string): void {
  const fault = faults.unauthorized(channel.endpoint, reason);
  if (client.state.phase === "closing") return finish(client, "requested", fault);
  rest(client, "unauthorized", fault);
  client.host.tell({ type: "unauthorized", fault });
}

function isProven({ policy, state }: Client, { attach, greeting }: ChannelState, { mac }: Refused, bytes: Uint8Array): boolean {
  if (mac === undefined || attach === 0 || state.credential === undefined) return false;
  return sameBytes(mac, policy.hmac(state.credential.secret, labels.refused, greeting, body(bytes)).subarray(0, limits.mac));
}
