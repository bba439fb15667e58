import type { Millis } from "@holdfast/core";
import { noPieces } from "../frames/data.ts";
import { body, encode, seal } from "../frames/encode.ts";
import { limits } from "../frames/limits.ts";
import { labels } from "../proof/labels.ts";
import { activeChannel, type Client } from "./client.ts";
import type { ChannelFacts } from "./client-host.ts";
import type { ClientState, Credential } from "./client-state.ts";
import { beginEarly, speaksEarly } from "./early.ts";
import { faults } from "./faults.ts";

/** What an OPEN or ATTACH has beside its auth is less than this. */
const restOfGreeting = 200;
/** Most bytes of `auth`. */
export const longestAuth: number = limits.greeting - restOfGreeting;

const versions = { versionMin: 1, versionMax: 1, features: 0 } as const;
const noMac = new Uint8Array(limits.mac);

/** Greets on a fresh channel: with ATTACH where there is a session, else with OPEN. */
export function greet(client: Client, number: number, facts: ChannelFacts, now: Millis): void {
  const { state, host, policy } = client;
  const { credential } = state;
  if (state.phase !== "live" && state.phase !== "closing") return host.done(number);
  if (facts.auth.length > longestAuth) return host.drop(number, faults.auth(facts.auth.length, longestAuth));
  if (credential === undefined && !facts.secure && !policy.allowPlaintext) return host.drop(number, faults.plaintext(facts.endpoint));
  const attach = credential === undefined ? 0 : Math.max(state.lastAttach + 1, Math.floor(policy.wallClock()));
  const early = speaksEarly(state, facts.frameMax);
  const claimedSent = claimable(state);
  const greeting = credential === undefined ? open(client, facts) : attachment(client, credential, attach, facts, { sent: claimedSent, early });
  if (attach > 0) state.lastAttach = attach;
  state.channels.push({
    number, stage: "greeting", endpoint: facts.endpoint, secure: facts.secure, greeting, attach, claimed: state.incoming.handled, claimedSent, sentAt: now, early, earlyRoom: limits.earlyBytes, epoch: 0,
    grant: { frameMax: facts.frameMax, windowMessages: 0, windowBytes: 0 }, arrived: 0, put: early ? state.outgoing.base : 0, told: 0, heard: 0, blocked: false, pieces: noPieces(), pings: [],
  });
  host.transmit(number, greeting);
  if (early) beginEarly(client);
}

function open({ policy }: Client, { auth }: ChannelFacts): Uint8Array {
  return encode({ type: "open", ...versions, timeout: policy.timeout, ...policy.grant, auth });
}

function attachment({ policy, state }: Client, { id, secret, generation }: Credential, attach: number, { auth }: ChannelFacts, { sent, early }: { readonly sent: number; readonly early: boolean }): Uint8Array {
  const { outgoing, incoming, restarted } = state;
  const counts = { received: incoming.handled, sent, acked: outgoing.base };
  const draft = encode({ type: "attach", restarted, early, ...versions, id, attach, ...counts, generation, ...policy.grant, auth, mac: noMac });
  return seal(draft, policy.hmac(secret, labels.attach, body(draft)));
}

/**
 * What is sent, and where a channel is still there, what may be sent on it until this greeting is answered: its whole window, so that messages go on
 * flowing while the session moves.
 */
function claimable(state: ClientState): number {
  const { base, sent } = state.outgoing;
  const channel = activeChannel(state);
  return channel === undefined ? sent : Math.max(sent, base + channel.grant.windowMessages);
}
