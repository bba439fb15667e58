import { LinkError } from "../errors/link-error.ts";
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { LinkState } from "../machine/link-state.ts";

/** Why a link cannot begin to move to `wanted` now; undefined where it can, or does already. */
export function unmovable({ handover }: LinkPolicy, state: LinkState, wanted: string | undefined): LinkError | undefined {
  if (state.phase !== "connected") return notConnected(`the link is ${state.phase}`);
  if (handover === "none") return notMoved("its protocol allows no second channel: call suspect() to leave the endpoint for the next one");
  if (state.move && wanted !== undefined && wanted !== state.move.wanted) return notMoved("it is on its way to another endpoint already: wait for `migrated`");
  return undefined;
}

export function nobodyTookUs(endpoint: string): LinkError {
  return notMoved(`every endpoint it might move to was tried and none took it, so it stays on ${endpoint}: see \`failed\` for the reasons and try again later`);
}

export function lostMeanwhile(endpoint: string): LinkError {
  return notConnected(`${endpoint} was lost before the move was done`);
}

function notMoved(why: string): LinkError {
  return new LinkError("HF_NOT_MOVED", `the link did not move: ${why}`);
}

function notConnected(why: string): LinkError {
  return new LinkError("HF_NOT_CONNECTED", `only a connected link can move, and ${why}: await ready() first`);
}
