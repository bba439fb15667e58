import type { ClientHost, ClientPolicy } from "./client-host.ts";
import type { ChannelState, ClientState } from "./client-state.ts";

/** What the rooms of the client's machine share. */
export interface Client {
  readonly policy: ClientPolicy;
  readonly host: ClientHost;
  readonly state: ClientState;
}

export function channelOf({ channels }: ClientState, number: number): ChannelState | undefined {
  const first = channels[0];
  if (first?.number === number) return first;
  for (const channel of channels) if (channel.number === number) return channel;
  return undefined;
}

/** The channel that messages go through. */
export function activeChannel(state: ClientState): ChannelState | undefined {
  return state.active === 0 ? undefined : channelOf(state, state.active);
}

/** Whether an ATTACH of ours waits for an answer that matters. */
export function isAttaching({ channels, answeredAttach }: ClientState): boolean {
  for (const { stage, attach } of channels) if (stage === "greeting" && attach > 0 && attach > answeredAttach) return true;
  return false;
}

/** The last message that may be put on a channel. What an ATTACH says that is unanswered may not turn out to be less than the truth. */
export function sendBound({ channels, answeredAttach }: ClientState): number {
  let bound = Infinity;
  for (const { stage, attach, claimedSent } of channels) if (stage === "greeting" && attach > 0 && attach > answeredAttach) bound = Math.min(bound, claimedSent);
  return bound;
}

/**
 * Nothing that comes of this channel matters any more. `answered`: a keeper proved what it decided about its greeting. If it did not, the store may have
 * accepted the ATTACH all the same.
 */
export function forget(state: ClientState, channel: ChannelState, answered: boolean): void {
  state.channels = state.channels.filter((other) => other !== channel);
  if (state.active === channel.number) state.active = 0;
  if (channel.stage === "greeting" && !answered) state.doubtfulAttach = Math.max(state.doubtfulAttach, channel.attach);
}

/** The last word of an endpoint about the session, until somebody attaches us. */
export function noteVerdict(state: ClientState, endpoint: string, unknown: boolean): void {
  const known = state.verdicts.find((verdict) => verdict.endpoint === endpoint);
  if (known === undefined) state.verdicts.push({ endpoint, unknown });
  else known.unknown = unknown;
}
