import { activeChannel, forget, isAttaching, noteVerdict, type Client } from "./client.ts";
import type { Fault } from "./client-host.ts";
import type { ChannelState, ClientState } from "./client-state.ts";
import { move } from "./ending.ts";
import { faults } from "./faults.ts";

/**
 * Who owns the session? We do, as long as nobody says MOVED; and then it may have been ourselves.
 *
 * Theory of operation. Each ATTACH that the store accepts makes its channel the owner and fences off the one before, whose keeper says MOVED. So while an
 * ATTACH of ours is unanswered, MOVED on another channel is kept back until the answer comes: ATTACHED with that epoch, or with a later one, means that
 * we are the owner. An ATTACH whose channel ended before a proven answer may have been accepted, too. Where there is one, MOVED proves nothing about
 * anybody else; the client attaches once more, with a higher number, which is answered or moves it on. Only MOVED without any such ATTACH is final.
 */

/** What a keeper said to a greeting. `proven`: it knows the session's secret. `unknown`: it knows no such session. */
export interface Answer { readonly proven: boolean; readonly unknown: boolean }

/** Ends a channel, because of `fault`. */
export function drop(client: Client, channel: ChannelState, fault: Fault, answer: Answer = none): void {
  parted(client, channel, answer);
  client.host.drop(channel.number, fault);
  settle(client);
}

/** Ends a channel that is not needed any more. */
export function dismiss(client: Client, channel: ChannelState): void {
  parted(client, channel, proven);
  client.host.done(channel.number);
}

/** A channel ended by itself. */
export function ended(client: Client, channel: ChannelState): void {
  parted(client, channel, none);
  settle(client);
}

/** A keeper says that another epoch owns the session. */
export function moved(client: Client, channel: ChannelState, epoch: number): void {
  const { state } = client;
  if (channel.stage === "superseded") return dismiss(client, channel);
  if (epoch <= channel.epoch) return drop(client, channel, faults.broken(channel.endpoint, "a MOVED that names no newer owner"));
  state.heldMoved = Math.max(state.heldMoved, epoch);
  settle(client);
}

/** The ATTACH of this channel was accepted with this epoch. False: the session has moved since, and this channel is of no use. */
export function owns(client: Client, channel: ChannelState, epoch: number): boolean {
  const { state } = client;
  const { heldMoved } = state;
  // Another one of ours that came later may be what moved it: its answer decides.
  if (heldMoved > epoch && state.channels.some(({ stage, attach }) => stage === "greeting" && attach > channel.attach)) return true;
  state.heldMoved = 0;
  if (heldMoved <= epoch) return true;
  if (state.doubtfulAttach > channel.attach) drop(client, channel, faults.inDoubt(channel.endpoint));
  else move(client, heldMoved);
  return false;
}

/** Decides about a MOVED that is kept back, where no answer is on its way any more. */
function settle(client: Client): void {
  const { state } = client;
  const { heldMoved } = state;
  if (heldMoved === 0 || isAttaching(state)) return;
  state.heldMoved = 0;
  if (!inDoubt(state)) return move(client, heldMoved);
  const active = activeChannel(state);
  if (active !== undefined) drop(client, active, faults.inDoubt(active.endpoint));
}

function inDoubt({ doubtfulAttach, answeredAttach }: ClientState): boolean {
  return doubtfulAttach > answeredAttach;
}

function parted({ state }: Client, channel: ChannelState, answer: Answer): void {
  forget(state, channel, answer.proven);
  if (channel.stage === "greeting" && channel.attach > 0) noteVerdict(state, channel.endpoint, answer.unknown);
}

const none: Answer = { proven: false, unknown: false };
const proven: Answer = { proven: true, unknown: false };
