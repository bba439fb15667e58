import type { Millis } from "@holdfast/core";
import { codes } from "../frames/codes.ts";
import { encode } from "../frames/encode.ts";
import type { Message } from "../frames/frame.ts";
import { activeChannel, isAttaching, type Client } from "./client.ts";
import type { EndCause, Fault, LossWhy } from "./client-host.ts";
import { newIncoming, newOutgoing, type ClientState } from "./client-state.ts";
import { faults } from "./faults.ts";
import { acknowledge, ackable } from "./incoming.ts";
import { commit, lastNumber, unacknowledged } from "./outgoing.ts";

/** How a session ends, comes to rest, or begins anew. */

/** Nothing more is sent; the state stays as it is. */
export function rest({ state, host }: Client, phase: ClientState["phase"], fault?: Fault): void {
  state.phase = phase;
  state.channels = [];
  state.active = state.heldMoved = 0;
  state.incoming.ackAt = state.closeBy = Infinity;
  host.rest(fault);
}

/** The end of it all. */
export function finish(client: Client, cause: EndCause, fault?: Fault): void {
  const undelivered = takeUnacknowledged(client.state);
  rest(client, "over", fault);
  client.host.tell({ type: "closed", cause, undelivered: [...undelivered.uncertain, ...undelivered.unsent], ...(fault && { fault }) });
}

/** The store ended the session for want of a sign of life. `received`: the client's messages that were handled. */
export function expire(client: Client, received: number): void {
  const { outgoing } = client.state;
  const lastReceived = Math.max(received, outgoing.base);
  commit(outgoing, Math.min(lastReceived, lastNumber(outgoing)), 0);
  if (client.state.phase === "closing") return finish(client, "requested");
  const { uncertain, unsent } = takeUnacknowledged(client.state);
  client.host.tell({ type: "expired", lastReceived, undelivered: [...uncertain, ...unsent] });
  endOrRenew(client, "expired", faults.expired());
}

export function lose(client: Client, why: LossWhy): void {
  if (client.state.phase === "closing") return finish(client, "requested");
  client.host.tell({ type: "lost", why, ...takeUnacknowledged(client.state) });
  endOrRenew(client, "lost", faults.lost(why));
}

/** Somebody else owns the session. What we had not delivered is told: by now its numbers mean other messages. */
export function move(client: Client, epoch: number): void {
  if (client.state.phase === "closing") return finish(client, "requested", faults.moved());
  const messages = takeUnacknowledged(client.state);
  rest(client, "moved", faults.moved());
  client.host.tell({ type: "moved", epoch, ...messages });
}

export function beginClose(client: Client, now: Millis): void {
  const { state, policy } = client;
  if (state.phase === "closing" || state.phase === "over") return;
  if (state.phase !== "live") return finish(client, "requested");
  state.phase = "closing";
  state.closeBy = now + policy.drainTimeout;
  const { outgoing } = state;
  if (state.credential === undefined && lastNumber(outgoing) === outgoing.base) finish(client, "requested");
  else closeWhenDrained(client);
}

/** Says goodbye as soon as everything is acknowledged. */
export function closeWhenDrained(client: Client): void {
  const { state, host } = client;
  const channel = activeChannel(state);
  const { outgoing, incoming } = state;
  if (state.phase !== "closing" || channel === undefined || isAttaching(state) || lastNumber(outgoing) > outgoing.base) return;
  if (ackable(incoming, channel) > channel.told) host.transmit(channel.number, encode({ type: "ack", acked: acknowledge(incoming, channel) }));
  host.transmit(channel.number, encode({ type: "close", code: codes.normal, received: outgoing.base, reason: "" }));
  finish(client, "requested");
}

/** Out of the state: they are told, and not sent again. */
function takeUnacknowledged(state: ClientState): { readonly uncertain: readonly Message[]; readonly unsent: readonly Message[] } {
  const messages = unacknowledged(state.outgoing);
  const { base, saidWait } = state.outgoing;
  state.outgoing = { ...newOutgoing(), base, sent: base, saidWait };
  return messages;
}

function endOrRenew(client: Client, cause: "expired" | "lost", fault: Fault): void {
  if (client.policy.onEnd === "close") finish(client, cause, fault);
  else renew(client);
}

/** The next channel opens a session of its own; the channels of this one are of no use. */
function renew({ state, host }: Client): void {
  const { channels, outgoing: { saidWait } } = state;
  state.credential = undefined;
  state.epoch = state.lastAttach = state.answeredAttach = state.doubtfulAttach = state.active = state.heldMoved = state.protocolErrors = 0;
  state.restarted = state.insists = state.presumedExpired = false;
  state.channels = state.verdicts = [];
  state.outgoing = newOutgoing();
  state.incoming = newIncoming();
  state.provenAt = -Infinity;
  for (const { number } of channels) host.drop(number, faults.renewed());
  if (saidWait) host.drained();
}
